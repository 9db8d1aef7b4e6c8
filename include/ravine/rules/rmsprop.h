// RMSprop: divide the gradient by a running average of its magnitude.
//   v <- alpha v + (1 - alpha) g^2        u = lr g / (sqrt(v) + eps)
// Tieleman & Hinton, Lecture 6.5, 2012. Centered, v is a variance: Graves, arXiv:1308.0850.
// With momentum b <- momentum b + g / (sqrt(v) + eps), u = lr b.
struct RmsProp {
  double lr = 1e-3;
  double alpha = 0.9;
  double eps = 1e-8;
  bool eps_inside = false;
  bool eps_guard = false;
  double momentum = 0;
  bool lr_in_momentum = false;
  bool nesterov = false;
  bool centered = false;
  bool clamp = true;
  bool bias_correction = false;
  bool lerp = false;
  double initial = 0;

  static constexpr const char* kName = "rmsprop";
  static constexpr const char* kSummary =
      "divide the gradient by a running average of its magnitude";
  template <class F>
  void options(F f) {
    f(Option{"lr", "length of a step", kNotNegative, nullptr, "1e-4 to 1e-2 is usual"}, lr);
    f(Option{"alpha", "decay of the averages", kBelowOne, nullptr, "0.9 to 0.99 is usual"}, alpha);
    f(Option{"eps", "added to the root, or inside of it", kNotNegative}, eps);
    f(Option{"eps_inside", "eps is added to the average, under the root"}, eps_inside);
    f(Option{"eps_guard", "an eps that the type rounds to 0 becomes 10 machine epsilons"},
      eps_guard);
    f(Option{"momentum", "decay of the velocity; 0: none", kBelowOne, nullptr, "0.9 is usual"},
      momentum);
    f(Option{"lr_in_momentum", "lr is inside of the velocity: a new lr acts on new gradients only"},
      lr_in_momentum);
    f(Option{"nesterov", "look ahead along the velocity"}, nesterov);
    f(Option{"centered", "subtract the squared mean: the average becomes a variance"}, centered);
    f(Option{"clamp", "a variance below 0, from rounding, counts as 0"}, clamp);
    f(Option{"bias_correction", "divide the averages by 1 - alpha^t"}, bias_correction);
    f(Option{"lerp", "averages move by (1 - alpha)(x - average): infinite once, NaN then"}, lerp);
    f(Option{"initial", "what the average of squares starts from", kNotNegative}, initial);
  }
  const char* problem() const {
    return nesterov && momentum == 0 ? "nesterov needs a momentum above 0" : nullptr;
  }

  template <class T>
  struct State {
    T square_avg, grad_avg, velocity;
    constexpr auto fields() { return std::tie(square_avg, grad_avg, velocity); }
  };
  constexpr State<Slot> slots() const {
    return {
        {"square_avg", true, initial, true}, {"grad_avg", centered}, {"velocity", momentum > 0}};
  }

  template <class T>
  struct Step {
    arithmetic::Average<T> average;
    T lr, eps, momentum, unbias;
    bool moving, eps_inside, lr_in_momentum, nesterov, centered, clamp, bias_correction, lerp;
    auto switches() {
      return std::tie(moving, eps_inside, lr_in_momentum, nesterov, centered, bias_correction,
                      lerp);
    }

    template <class V>
    V update(V, V g, State<V>& s) const {
      V u = g / root(g, s);
      if (!moving) return lr * u;
      if (lr_in_momentum) u = lr * u;
      s.velocity = momentum * s.velocity + u;
      if (nesterov)
        u = momentum * s.velocity + u;
      else
        u = s.velocity;
      return lr_in_momentum ? u : lr * u;
    }

    template <class V>
    V root(V g, State<V>& s) const {
      using namespace arithmetic;
      s.square_avg = lerp ? average.lerp(s.square_avg, g * g) : average(s.square_avg, g * g);
      V v = bias_correction ? unbias * s.square_avg : s.square_avg;
      if (centered) {
        s.grad_avg = lerp ? average.lerp(s.grad_avg, g) : average(s.grad_avg, g);
        const V mean = bias_correction ? unbias * s.grad_avg : s.grad_avg;
        v = v - mean * mean;
        if (clamp) v = max(v, V(T(0)));
      }
      return eps_inside ? sqrt(v + eps) : sqrt(v) + eps;
    }
  };
  template <class T>
  Step<T> at(int64_t t, double rate, std::span<double>) const {
    return {arithmetic::Average<T>::of(alpha),
            T(rate),
            eps_guard && T(eps) == 0 && eps > 0 ? 10 * std::numeric_limits<T>::epsilon()
                                                : arithmetic::positive<T>(eps),
            T(momentum),
            T(1 / (1 - power(alpha, uint64_t(t)))),
            momentum > 0,
            eps_inside,
            lr_in_momentum,
            nesterov,
            centered,
            clamp,
            bias_correction,
            lerp};
  }
};
