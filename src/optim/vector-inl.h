// The arithmetic of a rule on vectors. Included once for each instruction set, inside of its
// namespace `arithmetic`.
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
using Tag = hn::CappedTag<T, 64 / sizeof(T)>;

// n / d by the FMA units, which leaves the divider to the roots, and correctly rounded all the
// same: two Newton steps give the rounded reciprocal y of every d but those with a mantissa of ones
// only; then q - y (d q - n), with q = n y, is the rounded quotient (Markstein, IBM J. R&D 34,
// 1990). What is outside of the ranges in which d q - n is exact takes the hardware's division.
#if HWY_TARGET == HWY_AVX3
// n is 0 or 2^-84 <= |n| <= 2^66, and 2^-60 <= d < 2^25 without a mantissa of ones, in all lanes.
// From 2^-102 on d q - n is exact, but denormal more and more often, which costs 100 times as much.
// On the bits, as unsigned numbers: a range is one comparison. These are half of the instructions
// that Highway's words would take.
HWY_INLINE bool divides_by_fma(__m512 n, __m512 d) {
  constexpr uint32_t kBias = 127, kMantissa = 0x7FFFFF;
  constexpr uint32_t kLeast = (kBias - 60) << 23, kEnd = (kBias + 25) << 23;
  constexpr uint32_t kLow = (kBias - 84) << 24, kHigh = (kBias + 66) << 24;
  const auto all = [](uint32_t x) { return _mm512_set1_epi32(int(x)); };
  // Bits + 1, in which a mantissa of ones is one of zeros.
  const __m512i after = _mm512_sub_epi32(_mm512_castps_si512(d), all(kLeast - 1));
  const __mmask16 far_d = _mm512_cmpgt_epu32_mask(after, all(kEnd - kLeast));
  const __mmask16 ones = _mm512_testn_epi32_mask(after, all(kMantissa));
  // Twice the bits: without the sign. 0 is no fault.
  const __m512i size = _mm512_add_epi32(_mm512_castps_si512(n), _mm512_castps_si512(n));
  const __mmask16 far_n =
      _mm512_cmpgt_epu32_mask(_mm512_sub_epi32(size, all(kLow)), all(kHigh - kLow));
  const __mmask16 fault = _mm512_mask_test_epi32_mask(far_n, size, size);
  return _kortestz_mask16_u8(_kor_mask16(far_d, ones), fault) != 0;
}

HWY_INLINE hn::Vec<Tag<float>> quotient(hn::Vec<Tag<float>> n, hn::Vec<Tag<float>> d) {
  if (HWY_UNLIKELY(!divides_by_fma(n.raw, d.raw))) return hn::Div(n, d);
  const auto one = hn::Set(Tag<float>(), 1.0f);
  auto y = hn::ApproximateReciprocal(d);
  y = hn::MulAdd(y, hn::NegMulAdd(d, y, one), y);
  y = hn::MulAdd(y, hn::NegMulAdd(d, y, one), y);
  const auto q = hn::Mul(n, y);
  return hn::NegMulAdd(y, hn::MulSub(d, q, n), q);
}
inline constexpr bool kDividesByFma = true;
#else  // with AVX2 on Zen 3 it takes twice the time of the hardware's
HWY_INLINE hn::Vec<Tag<float>> quotient(hn::Vec<Tag<float>> n, hn::Vec<Tag<float>> d) {
  return hn::Div(n, d);
}
inline constexpr bool kDividesByFma = false;
#endif

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
    if constexpr (!kHardwareDivision && sizeof(T) == 4) {
      return quotient(a.v, b.v);
    } else {
      return hn::Div(a.v, b.v);
    }
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
