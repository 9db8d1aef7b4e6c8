// exp, log, tanh, sigmoid in float32 on Highway: separate multiplications and additions only, so
// that every instruction set gives the same bits. Included once a target.
#if defined(RAVINE_VECTOR_MATH) == defined(HWY_TARGET_TOGGLE)
#ifdef RAVINE_VECTOR_MATH
#undef RAVINE_VECTOR_MATH
#else
#define RAVINE_VECTOR_MATH
#endif

#include <hwy/highway.h>

#include <limits>

HWY_BEFORE_NAMESPACE();
namespace ravine::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class D>
using Vec = hn::Vec<D>;

// c[0] + c[1] x + c[2] x^2 + ...
template <class D, size_t kCount>
HWY_INLINE Vec<D> polynomial(D d, Vec<D> x, const float (&c)[kCount]) {
  Vec<D> sum = hn::Set(d, c[kCount - 1]);
  for (size_t i = kCount - 1; i-- > 0;) sum = hn::Add(hn::Mul(sum, x), hn::Set(d, c[i]));
  return sum;
}

constexpr float kLn2High = 0x1.62ep-1f;            // 12 bits: whole multiples up to 2^12 are exact
constexpr float kLn2Low = 0x1.0bfbe8e7bcd5ep-15f;  // ln(2) - kLn2High

// Within 2 units in the last place; 0 where that is under 2^-126.
template <class D>
HWY_INLINE Vec<D> exp(D d, Vec<D> x) {
  const hn::RebindToSigned<D> di;
  const auto low = hn::Set(d, -87.33654f), high = hn::Set(d, 88.72284f);  // 2^-126, 2^128
  const auto tiny = hn::Lt(x, low), huge = hn::Gt(x, high);
  x = hn::IfThenElse(tiny, low, hn::IfThenElse(huge, high, x));
  // k = x / ln(2), to the nearest, in the low bits of `shifted`.
  const auto shift = hn::Set(d, 0x1.8p23f);
  const auto shifted = hn::Add(hn::Mul(x, hn::Set(d, 1.442695041f)), shift);
  const auto k = hn::Sub(shifted, shift);
  const auto r =
      hn::Sub(hn::Sub(x, hn::Mul(k, hn::Set(d, kLn2High))), hn::Mul(k, hn::Set(d, kLn2Low)));
  constexpr float kTaylor[] = {1.f / 2, 1.f / 6, 1.f / 24, 1.f / 120, 1.f / 720, 1.f / 5040};
  const auto r2 = hn::Mul(r, r);
  const auto value = hn::Add(hn::Add(hn::Mul(polynomial(d, r, kTaylor), r2), r), hn::Set(d, 1));
  // Times 2^k in two factors, for 2^128 is none.
  const auto exponent = hn::Sub(hn::BitCast(di, shifted), hn::BitCast(di, shift));
  const auto half = hn::ShiftRight<1>(exponent), rest = hn::Sub(exponent, half);
  const auto bias = hn::Set(di, 127);
  const auto a = hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(half, bias)));
  const auto b = hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(rest, bias)));
  const auto scaled = hn::Mul(hn::Mul(value, a), b);
  const auto infinity = hn::Set(d, std::numeric_limits<float>::infinity());
  return hn::IfThenElse(huge, infinity, hn::IfThenZeroElse(tiny, scaled));
}

// 2 atanh(s) / s - 2 = 2 (s^2/3 + s^4/5 + ...), for |s| <= 1/3.
template <class D>
HWY_INLINE Vec<D> atanh_tail(D d, Vec<D> s) {
  constexpr float kOdd[] = {2.f / 3, 2.f / 5, 2.f / 7, 2.f / 9, 2.f / 11, 2.f / 13, 2.f / 15};
  const auto s2 = hn::Mul(s, s);
  return hn::Mul(s2, polynomial(d, s2, kOdd));
}

// Within 2 units in the last place; x < 0: NaN; 0: -infinity.
template <class D>
HWY_INLINE Vec<D> log(D d, Vec<D> x) {
  const hn::RebindToSigned<D> di;
  const auto zero = hn::Zero(d), one = hn::Set(d, 1);
  const auto infinity = hn::Set(d, std::numeric_limits<float>::infinity());
  const auto small = hn::Lt(x, hn::Set(d, 0x1p-126f));
  const auto normal = hn::IfThenElse(small, hn::Mul(x, hn::Set(d, 0x1p23f)), x);
  // x = 2^k m, m in [sqrt(1/2), sqrt(2)): the bits above those of sqrt(1/2) count whole powers.
  const auto origin = hn::Set(di, 0x3f3504f3);
  const auto bits = hn::Sub(hn::BitCast(di, normal), origin);
  const auto whole = hn::ShiftRight<23>(bits);
  const auto m = hn::BitCast(d, hn::Sub(hn::BitCast(di, normal), hn::ShiftLeft<23>(whole)));
  const auto k = hn::Sub(hn::ConvertTo(d, whole), hn::IfThenElseZero(small, hn::Set(d, 23)));
  const auto f = hn::Sub(m, one);
  const auto s = hn::Div(f, hn::Add(hn::Set(d, 2), f));
  // 2 s = f - s f, so that the leading term is exact.
  const auto tail =
      hn::Sub(hn::Mul(s, hn::Sub(f, atanh_tail(d, s))), hn::Mul(k, hn::Set(d, kLn2Low)));
  const auto value = hn::Add(hn::Mul(k, hn::Set(d, kLn2High)), hn::Sub(f, tail));
  const auto nan = hn::Set(d, std::numeric_limits<float>::quiet_NaN());
  const auto finite = hn::IfThenElse(hn::Lt(x, infinity), value, x);  // infinity, NaN as they are
  return hn::IfThenElse(hn::Lt(x, zero), nan,
                        hn::IfThenElse(hn::Eq(x, zero), hn::Neg(infinity), finite));
}

// log(1 + x) for x in [0, 1].
template <class D>
HWY_INLINE Vec<D> log1p_of_unit(D d, Vec<D> x) {
  const auto s = hn::Div(x, hn::Add(hn::Set(d, 2), x));
  return hn::Sub(x, hn::Mul(s, hn::Sub(x, atanh_tail(d, s))));
}

// By exp(-|x|), which does not overflow.
template <class D>
HWY_INLINE Vec<D> sigmoid(D d, Vec<D> x) {
  const auto one = hn::Set(d, 1);
  const auto t = exp(d, hn::Neg(hn::Abs(x)));
  return hn::Div(hn::IfThenElse(hn::Lt(x, hn::Zero(d)), t, one), hn::Add(one, t));
}

// (1 - t) / (1 + t) with t = exp(-2 |x|); near 0, where that cancels, Lambert's continued fraction.
template <class D>
HWY_INLINE Vec<D> tanh(D d, Vec<D> x) {
  const auto one = hn::Set(d, 1), size = hn::Abs(x);
  const auto t = exp(d, hn::Mul(hn::Set(d, -2), size));
  const auto far = hn::CopySign(hn::Div(hn::Sub(one, t), hn::Add(one, t)), x);
  const auto x2 = hn::Mul(x, x);
  const auto above = polynomial(d, x2, {945, 105, 1}), below = polynomial(d, x2, {945, 420, 15});
  const auto near = hn::Mul(x, hn::Div(above, below));
  return hn::IfThenElse(hn::Lt(size, hn::Set(d, 0.625f)), near, far);
}

}  // namespace ravine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
