// Philox 4x32 (Salmon et al., SC 2011) on vectors, a counter in each lane. Included once for each
// instruction set, inside of its namespace.
namespace hn = hwy::HWY_NAMESPACE;

// Counters are taken in groups of as many as the widest vector has lanes: the order of the words
// does not depend on the instruction set then.
inline constexpr size_t kPhiloxBlocks = 16;
using Words = hn::CappedTag<uint32_t, kPhiloxBlocks>;
using Word = hn::Vec<Words>;

// The keys of the rounds.
template <int kRounds>
struct PhiloxKeys {
  uint64_t key[kRounds][2];
  explicit HWY_INLINE PhiloxKeys(uint64_t seed) {
    uint32_t key0 = uint32_t(seed), key1 = uint32_t(seed >> 32);
    for (auto& round : key) {
      round[0] = key0, round[1] = key1;
      key0 += 0x9E3779B9, key1 += 0xBB67AE85;
    }
  }
};

#if HWY_TARGET == HWY_SCALAR
class Philox {
 public:
  HWY_INLINE Philox(uint64_t stream, uint64_t counter)
      : c_{uint32_t(counter), uint32_t(counter >> 32), uint32_t(stream), uint32_t(stream >> 32)} {}
  HWY_INLINE void round(const uint64_t (&key)[2]) {
    const uint64_t a = uint64_t{0xD2511F53} * c_[0], b = uint64_t{0xCD9E8D57} * c_[2];
    c_[0] = uint32_t((b >> 32) ^ c_[1] ^ key[0]), c_[1] = uint32_t(b);
    c_[2] = uint32_t((a >> 32) ^ c_[3] ^ key[1]), c_[3] = uint32_t(a);
  }
  HWY_INLINE Word word(size_t w) const { return hn::Set(Words(), c_[w]); }

 private:
  uint32_t c_[4];
};
#else
// Lanes(Words()) counters in two vectors, the even and the odd ones: a lane of 64 bits has room for
// a product. What is in a lane's upper half does not matter between the rounds.
class Philox {
 public:
  HWY_INLINE Philox(uint64_t stream, uint64_t counter) {
    const Wide d;
    const auto twice = hn::Add(hn::Iota(d, 0), hn::Iota(d, 0));
    for (size_t odd = 0; odd < 2; ++odd) {
      c_[odd][0] = hn::Add(hn::Set(d, counter + odd), twice);
      c_[odd][1] = hn::Set(d, counter >> 32);
      c_[odd][2] = hn::Set(d, stream);
      c_[odd][3] = hn::Set(d, stream >> 32);
    }
  }
  HWY_INLINE void round(const uint64_t (&key)[2]) {
    const Wide d;
    for (auto& c : c_) {
      const auto a = product(c[0], 0xD2511F53), b = product(c[2], 0xCD9E8D57);
      c[0] = hn::Xor3(hn::ShiftRight<32>(b), c[1], hn::Set(d, key[0]));
      c[2] = hn::Xor3(hn::ShiftRight<32>(a), c[3], hn::Set(d, key[1]));
      c[1] = b, c[3] = a;
    }
  }
  HWY_INLINE Word word(size_t w) const {
    const Words d;
    return hn::OddEven(hn::BitCast(d, hn::ShiftLeft<32>(c_[1][w])), hn::BitCast(d, c_[0][w]));
  }

 private:
  using Wide = hn::RepartitionToWide<Words>;
  static HWY_INLINE hn::Vec<Wide> product(hn::Vec<Wide> x, uint64_t factor) {
    const Words d;
    return hn::MulEven(hn::BitCast(d, x), hn::BitCast(d, hn::Set(Wide(), factor)));
  }
  hn::Vec<Wide> c_[2][4];
};
#endif

// Words of counter, counter + 1, ...; `counter` a multiple of kPhiloxBlocks.
template <int kRounds>
HWY_INLINE Philox philox(const PhiloxKeys<kRounds>& keys, uint64_t stream, uint64_t counter) {
  Philox x(stream, counter);
  for (const auto& key : keys.key) x.round(key);
  return x;
}
