// What codec.cc and the kernels on stored values share. Included once for each instruction set,
// inside of its namespace, after kernels/philox-inl.h.

// The fewest rounds that pass BigCrush (Salmon et al., SC 2011, table 2).
inline constexpr int kRandomRounds = 7;

// 16 random bits for each of Codecs::kGroup elements: the halves of words, as they are and turned
// by a byte, so that a byte is the high one of one number and the low one of another. `put(i, x)`
// is given the numbers of elements 2 i (the low halves), 2 i + 1, ...; `block` is that of lane 0.
template <class F>
HWY_INLINE void each_random(const Philox& random, size_t block, F put) {
  for (size_t w = 0; w < 4; ++w) {
    const auto x = random.word(w);
    put(2 * w * kPhiloxBlocks + block, x);
    put((2 * w + 1) * kPhiloxBlocks + block, hn::RotateRight<8>(x));
  }
}

// The code of 8 bits, from and to the upper halves of float32s, of a whole block. What is left of
// a half is its sign and `size`, 8 bits of exponent and 3 of mantissa.
inline constexpr size_t kCodeBlock = 256;
inline constexpr uint16_t kHalfInfinity = 0x7F80;
inline constexpr int kSizeInfinity = kHalfInfinity >> 4;

constexpr int last_code(bool nonnegative) { return nonnegative ? 255 : 127; }

// A block that has infinities or NaNs: by its definition, one element after another. So is any, but
// for the base's sign.
HWY_NOINLINE inline void encode_nonfinite(const uint16_t* upper, bool nonnegative, uint8_t* codes,
                                          int16_t* base) {
  const int last = last_code(nonnegative), top = last - 2;
  int most = 0;
  for (size_t i = 0; i < kCodeBlock; ++i) {
    const int size = (upper[i] & 0x7FFF) >> 4;
    if (size < kSizeInfinity) most = HWY_MAX(most, size);
  }
  const int below = HWY_MAX(0, most - top);
  *base = int16_t(~below);
  for (size_t i = 0; i < kCodeBlock; ++i) {
    const int size = (upper[i] & 0x7FFF) >> 4;
    int code = size == 0 ? 0 : HWY_MAX(size - below, 1);
    if (size >= kSizeInfinity) code = size == kSizeInfinity ? last - 1 : last;
    codes[i] = uint8_t(nonnegative ? code : code | (upper[i] >> 15) << 7);
  }
}

HWY_NOINLINE inline void decode_nonfinite(const uint8_t* codes, int16_t base, bool nonnegative,
                                          uint16_t* upper) {
  const int last = last_code(nonnegative);
  for (size_t i = 0; i < kCodeBlock; ++i) {
    const int code = codes[i] & last;
    int half = code == 0 ? 0 : (code + ~base) << 4;
    if (code >= last - 1) half = code == last ? 0x7FC0 : kHalfInfinity;
    upper[i] = uint16_t(half | (codes[i] & ~last) << 8);
  }
}

template <bool kSigned>
HWY_INLINE void encode_8bit(const uint16_t* upper, uint8_t* codes, int16_t* base) {
  const hn::ScalableTag<uint16_t> d;
  const hn::RebindToSigned<decltype(d)> s;
  const hn::Rebind<uint8_t, decltype(d)> bytes;
  const size_t lanes = hn::Lanes(d);
  // Where there should be no sign, one (-0, NaN) counts as a size beyond infinity.
  const auto size_at = [=](size_t i) {
    const auto x = hn::Load(d, upper + i);
    return kSigned ? hn::And(x, hn::Set(d, 0x7FFF)) : x;
  };
  auto largest = hn::Zero(d);
  for (size_t i = 0; i < kCodeBlock; i += lanes) largest = hn::Max(largest, size_at(i));
  const uint16_t most = hn::GetLane(hn::MaxOfLanes(d, largest));
  if (HWY_UNLIKELY(most >= kHalfInfinity)) return encode_nonfinite(upper, !kSigned, codes, base);
  const int below = HWY_MAX(0, (most >> 4) - (last_code(!kSigned) - 2));
  *base = int16_t(below);
  const auto under = hn::Set(d, uint16_t(below)), one = hn::Set(d, 1), sign = hn::Set(d, 0x80);
  for (size_t i = 0; i < kCodeBlock; i += lanes) {
    const auto size = hn::ShiftRight<4>(size_at(i));
    auto code = hn::Min(hn::Max(hn::SaturatedSub(size, under), one), size);  // 0 stays 0
    if (kSigned) {
      code = hn::Or(code, hn::And(hn::ShiftRight<8>(hn::Load(d, upper + i)), sign));
    }
    hn::StoreU(hn::DemoteTo(bytes, hn::BitCast(s, code)), bytes, codes + i);
  }
}

template <bool kSigned>
HWY_INLINE void decode_8bit(const uint8_t* codes, int16_t base, uint16_t* upper) {
  if (HWY_UNLIKELY(base < 0)) return decode_nonfinite(codes, base, !kSigned, upper);
  const hn::ScalableTag<uint16_t> d;
  const hn::Rebind<uint8_t, decltype(d)> bytes;
  const auto under = hn::Set(d, uint16_t(base << 4)), sizes = hn::Set(d, 0x7F);
  for (size_t i = 0; i < kCodeBlock; i += hn::Lanes(d)) {
    const auto x = hn::PromoteTo(d, hn::LoadU(bytes, codes + i));
    const auto size = kSigned ? hn::And(x, sizes) : x;
    auto half = hn::Add(hn::ShiftLeft<4>(size), under);
    half = hn::IfThenZeroElse(hn::Eq(size, hn::Zero(d)), half);
    if (kSigned) half = hn::Or(half, hn::ShiftLeft<8>(hn::AndNot(sizes, x)));
    hn::Store(half, d, upper + i);
  }
}
