// The arithmetic of a rule on vectors. Included once for each instruction set, inside of its
// namespace `arithmetic`.
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
using Tag = hn::CappedTag<T, 64 / sizeof(T)>;

// n / d by the FMA units, which leaves the divider to the roots, and correctly rounded all the
// same: two Newton steps give the rounded reciprocal y of every d but those with a mantissa of ones
// only; then q + y (n - d q), with q = n y, is the rounded quotient (Markstein, IBM J. R&D 34,
// 1990). What is outside of the ranges in which n - d q is exact takes the hardware's division.
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
HWY_INLINE hn::Vec<Tag<float>> quotient_by_fma(hn::Vec<Tag<float>> n, hn::Vec<Tag<float>> d) {
  const Tag<float> f;
  const hn::RebindToUnsigned<Tag<float>> u;
  const auto size = hn::Abs(n);
  const auto ones = hn::Set(u, 0xFFFFFFFFu);
  const auto mantissa = hn::Or(hn::BitCast(u, d), hn::Set(u, 0xFF800000u));
  const auto usual_n =
      hn::And(hn::Ge(size, hn::Set(f, 0x1p-100f)), hn::Le(size, hn::Set(f, 0x1p66f)));
  const auto usual_d = hn::And(hn::Ge(d, hn::Set(f, 0x1p-60f)), hn::Le(d, hn::Set(f, 0x1p25f)));
  const auto usual = hn::And(hn::Or(usual_n, hn::Eq(n, hn::Zero(f))), usual_d);
  if (HWY_LIKELY(hn::AllTrue(f, hn::AndNot(hn::RebindMask(f, hn::Eq(mantissa, ones)), usual)))) {
    const auto one = hn::Set(f, 1.0f);
    auto y = hn::ApproximateReciprocal(d);
    y = hn::MulAdd(y, hn::NegMulAdd(d, y, one), y);
    y = hn::MulAdd(y, hn::NegMulAdd(d, y, one), y);
    const auto q = hn::Mul(n, y);
    const auto exact = hn::MulAdd(y, hn::NegMulAdd(d, q, n), q);
    return hn::Or(exact, hn::And(q, hn::SignBit(f)));  // -0 stays -0
  }
  return hn::Div(n, d);
}
#else
HWY_INLINE hn::Vec<Tag<float>> quotient_by_fma(hn::Vec<Tag<float>> n, hn::Vec<Tag<float>> d) {
  return hn::Div(n, d);
}
#endif

// Measured, RMSprop in L2: 1.3 times the hardware's division with AVX-512 on Intel, 0.5 times it
// with AVX2 on Zen 3, whose reorder window its chain fills.
inline constexpr bool kDividesByFma = HWY_TARGET == HWY_AVX3;

// Numbers, and what comparing them gives.
template <class T>
struct Mask {
  hn::Mask<Tag<T>> m;
  friend HWY_INLINE Mask operator|(Mask a, Mask b) { return {hn::Or(a.m, b.m)}; }
  friend HWY_INLINE Mask operator&(Mask a, Mask b) { return {hn::And(a.m, b.m)}; }
};

template <class T, bool kHardwareDivision = false>
struct Vec {
  hn::Vec<Tag<T>> v;
  Vec() = default;
  HWY_INLINE Vec(hn::Vec<Tag<T>> x) : v(x) {}
  HWY_INLINE Vec(T x) : v(hn::Set(Tag<T>(), x)) {}
  friend HWY_INLINE Vec operator+(Vec a, Vec b) { return hn::Add(a.v, b.v); }
  friend HWY_INLINE Vec operator-(Vec a, Vec b) { return hn::Sub(a.v, b.v); }
  friend HWY_INLINE Vec operator*(Vec a, Vec b) { return hn::Mul(a.v, b.v); }
  friend HWY_INLINE Vec operator/(Vec a, Vec b) {
    if constexpr (kDividesByFma && !kHardwareDivision && sizeof(T) == 4) {
      return quotient_by_fma(a.v, b.v);
    }
    return hn::Div(a.v, b.v);
  }
  friend HWY_INLINE Mask<T> operator<(Vec a, Vec b) { return {hn::Lt(a.v, b.v)}; }
  friend HWY_INLINE Mask<T> operator!=(Vec a, Vec b) {  // hn::Ne is false of NaN on AVX2
    return {hn::Not(hn::Eq(a.v, b.v))};
  }
  friend HWY_INLINE Vec sqrt(Vec a) { return hn::Sqrt(a.v); }
  friend HWY_INLINE Vec abs(Vec a) { return hn::Abs(a.v); }
  friend HWY_INLINE Vec select(Mask<T> c, Vec yes, Vec no) {
    return hn::IfThenElse(c.m, yes.v, no.v);
  }
};
