// Words that the rules and the engine share, made of + - * / sqrt abs < select. No include guard:
// included once for float and double, and once for the vectors of each instruction set.

// The larger one; NaN where either is.
template <class V>
V max(V a, V b) {
  return select((b < a) | (a != a), a, b);
}

// The smaller one; NaN where either is.
template <class V>
V min(V a, V b) {
  return select((a < b) | (a != a), a, b);
}

// What is above 0 stays above 0: 1e-50 rounds to no float, and 0 / 0 would be NaN.
template <class T>
T positive(double x) {
  constexpr T kLeast = std::numeric_limits<T>::min();
  return x > 0 && T(x) < kLeast ? kLeast : T(x);
}

// An exponential moving average: keep old + take new. Both are rounded once, from double.
template <class T>
struct Average {
  T keep, take;
  static Average of(double decay) { return {T(decay), T(1 - decay)}; }
  template <class V>
  V operator()(V average, V x) const {
    return keep * average + take * x;
  }
  // The same in exact arithmetic; but what is infinite once is NaN then.
  template <class V>
  V lerp(V average, V x) const {
    return average + take * (x - average);
  }
};
