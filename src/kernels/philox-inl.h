// Philox 4x32-10 on vectors, a counter in each lane. Included once for each instruction set, inside
// of its namespace.
namespace hn = hwy::HWY_NAMESPACE;

// Counters are taken in groups of as many as the widest vector has lanes: the order of the words
// does not depend on the instruction set then.
inline constexpr size_t kPhiloxBlocks = 16;
using Words = hn::CappedTag<uint32_t, kPhiloxBlocks>;
using Word = hn::Vec<Words>;

#if HWY_TARGET == HWY_SCALAR
HWY_INLINE void multiply_wide(uint32_t factor, Word x, Word& high, Word& low) {
  const uint64_t product = uint64_t{factor} * hn::GetLane(x);
  high = hn::Set(Words(), uint32_t(product >> 32));
  low = hn::Set(Words(), uint32_t(product));
}
#else
HWY_INLINE void multiply_wide(uint32_t factor, Word x, Word& high, Word& low) {
  const Words d;
  const hn::RepartitionToWide<Words> wide;
  const auto f = hn::Set(d, factor);
  const auto even = hn::MulEven(x, f);
  const auto odd = hn::MulEven(hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(wide, x))), f);
  low = hn::OddEven(hn::BitCast(d, hn::ShiftLeft<32>(odd)), hn::BitCast(d, even));
  high = hn::OddEven(hn::BitCast(d, odd), hn::BitCast(d, hn::ShiftRight<32>(even)));
}
#endif

// Philox 4x32-10 of kVectors vectors of counters.
template <size_t kVectors>
HWY_INLINE void philox_lanes(Word (&c)[kVectors][4], uint64_t seed) {
  const Words d;
  uint32_t key0 = uint32_t(seed), key1 = uint32_t(seed >> 32);
  for (int round = 0; round < 10; ++round) {
    for (size_t k = 0; k < kVectors; ++k) {
      Word high0, low0, high1, low1;
      multiply_wide(0xD2511F53, c[k][0], high0, low0);
      multiply_wide(0xCD9E8D57, c[k][2], high1, low1);
      c[k][0] = hn::Xor(hn::Xor(high1, c[k][1]), hn::Set(d, key0));
      c[k][1] = low1;
      c[k][2] = hn::Xor(hn::Xor(high0, c[k][3]), hn::Set(d, key1));
      c[k][3] = low0;
    }
    key0 += 0x9E3779B9, key1 += 0xBB67AE85;
  }
}
