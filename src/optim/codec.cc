#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optim/codec.cc"
#include "optim/codec.h"

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cstring>

#include "kernels/choose.h"

HWY_BEFORE_NAMESPACE();
namespace ravine::HWY_NAMESPACE {
#include "kernels/philox-inl.h"
#include "optim/codec-inl.h"

static_assert(Codecs::kGroup == 16 * kPhiloxBlocks);

// Calls f(tag, i) for vectors that begin at i, then for what is left, one by one.
template <class F>
HWY_INLINE void each_vector(size_t n, F f) {
  const hn::ScalableTag<float> d;
  const hn::CappedTag<float, 1> d1;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) f(d, i), f(d, i + lanes);
  for (; i + lanes <= n; i += lanes) f(d, i);
  for (; i < n; ++i) f(d1, i);
}

template <class D>
using Signed = hn::RebindToSigned<D>;
template <class D>
using Narrow = hn::Rebind<uint16_t, D>;
template <class D>
HWY_INLINE hn::Vec<Signed<D>> bits_at(D d, const float* x) {
  return hn::BitCast(Signed<D>(), hn::LoadU(d, x));
}
template <class D>
HWY_INLINE hn::Vec<Signed<D>> wide(D, const uint16_t* x) {
  return hn::PromoteTo(Signed<D>(), hn::LoadU(Narrow<D>(), x));
}
template <class D>
HWY_INLINE void store_half(D, hn::Vec<Signed<D>> x, uint16_t* to) {  // x in [0, 2^16)
  hn::StoreU(hn::DemoteTo(Narrow<D>(), x), Narrow<D>(), to);
}
// x / 2^16 without sign.
template <class D>
HWY_INLINE hn::Vec<Signed<D>> upper_half(D, hn::Vec<Signed<D>> x) {
  const hn::RebindToUnsigned<D> u;
  return hn::BitCast(Signed<D>(), hn::ShiftRight<16>(hn::BitCast(u, x)));
}

void random(uint64_t seed, uint64_t stream, size_t first, uint16_t* bits, size_t n) {
  const Words d;
  const size_t lanes = hn::Lanes(d);
  const PhiloxKeys<kRandomRounds> keys(seed);
  HWY_ALIGN uint32_t pairs[kPhiloxBlocks];
  for (size_t at = 0; at < n; at += Codecs::kGroup) {
    const uint64_t counter = (first + at) / Codecs::kGroup * kPhiloxBlocks;
    for (size_t block = 0; block < kPhiloxBlocks; block += lanes) {
      each_random(philox(keys, stream, counter + block), block, [&](size_t i, Word x) {
        hn::Store(x, d, pairs);
        std::memcpy(bits + at + 2 * i, pairs, lanes * sizeof(uint32_t));
      });
    }
  }
}

void from_bfloat16(const uint16_t* x, float* y, size_t n) {
  each_vector(n, [=](auto d, size_t i) {
    hn::StoreU(hn::BitCast(d, hn::ShiftLeft<16>(wide(d, x + i))), d, y + i);
  });
}

// What x, a vector at p, becomes in the upper half when `more` is added to its bits; a NaN stays
// one: of its bits `kept` are not cleared.
template <class D, class More>
HWY_INLINE hn::Vec<Signed<D>> rounded(D d, const float* p, int32_t kept, More more) {
  const Signed<D> s;
  const auto x = hn::LoadU(d, p);
  const auto bits = hn::BitCast(s, x);
  const auto quiet = hn::And(hn::Or(bits, hn::Set(s, 0x400000)), hn::Set(s, kept));
  const auto is_nan = hn::RebindMask(s, hn::Not(hn::Eq(x, x)));
  const auto safe = hn::IfThenElse(is_nan, quiet, bits);
  return upper_half(d, hn::Add(safe, more(safe)));
}

void to_bfloat16(const float* x, const uint16_t* random, uint16_t* y, size_t n) {
  each_vector(n, [=](auto d, size_t i) {
    const Signed<decltype(d)> s;
    const auto more = [=](auto bits) {
      if (random != nullptr) return wide(d, random + i);
      const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(s, 1));
      return hn::Add(hn::Set(s, 0x7FFF), odd);  // to even
    };
    store_half(d, rounded(d, x + i, int32_t(0xFFFF0000), more), y + i);
  });
}

void join(const uint16_t* high, const int16_t* low, float* y, size_t n) {
  each_vector(n, [=](auto d, size_t i) {
    const auto l = wide(d, reinterpret_cast<const uint16_t*>(low) + i);
    const auto h = hn::Sub(wide(d, high + i), hn::ShiftRight<15>(l));
    hn::StoreU(hn::BitCast(d, hn::Or(hn::ShiftLeft<16>(h), l)), d, y + i);
  });
}

void split(const float* x, uint16_t* high, int16_t* low, size_t n) {
  each_vector(n, [=](auto d, size_t i) {
    const Signed<decltype(d)> s;
    const auto bits = bits_at(d, x + i);
    store_half(d, upper_half(d, hn::Add(bits, hn::Set(s, 0x8000))), high + i);
    store_half(d, hn::And(bits, hn::Set(s, 0xFFFF)), reinterpret_cast<uint16_t*>(low) + i);
  });
}

void from_8bit(const uint8_t* codes, int16_t base, bool nonnegative, float* y, size_t n) {
  HWY_ALIGN uint8_t block[kCodeBlock] = {};
  HWY_ALIGN uint16_t upper[kCodeBlock];
  std::memcpy(block, codes, n);
  nonnegative ? decode_8bit<false>(block, base, upper) : decode_8bit<true>(block, base, upper);
  from_bfloat16(upper, y, n);
}

void to_8bit(const float* x, const uint16_t* random, bool nonnegative, uint8_t* codes,
             int16_t* base, size_t n) {
  HWY_ALIGN uint8_t block[kCodeBlock];
  HWY_ALIGN uint16_t upper[kCodeBlock] = {};
  each_vector(n, [=, &upper](auto d, size_t i) {
    const Signed<decltype(d)> s;
    const auto more = [=](auto) {
      return random != nullptr ? hn::ShiftLeft<4>(wide(d, random + i)) : hn::Set(s, 1 << 19);
    };
    store_half(d, rounded(d, x + i, int32_t(0xFFF00000), more), upper + i);
  });
  nonnegative ? encode_8bit<false>(upper, block, base) : encode_8bit<true>(upper, block, base);
  std::memcpy(codes, block, n);
}

const Codecs* codec_table() {
  static constexpr Codecs kTable = {&random, &from_bfloat16, &to_bfloat16, &join,
                                    &split,  &from_8bit,     &to_8bit};
  return &kTable;
}

}  // namespace ravine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {
const Codecs& codecs() { return *RAVINE_CHOOSE(codec_table)(); }
}  // namespace ravine
#endif
