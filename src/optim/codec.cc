#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optim/codec.cc"
#include "optim/codec.h"

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/choose.h"

HWY_BEFORE_NAMESPACE();
namespace ravine::HWY_NAMESPACE {
#include "kernels/philox-inl.h"

static_assert(Codecs::kGroup == 8 * kPhiloxBlocks);

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
using Code = hn::Rebind<uint8_t, D>;

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

// Two vectors of counters at a time, where one is not all of a group: its chain of products is
// long.
void random(uint64_t seed, uint64_t stream, size_t first, uint16_t* bits, size_t n) {
  const Words d;
  const hn::Rebind<uint16_t, Words> half;
  const hn::RebindToSigned<Words> di;
  constexpr size_t kVectors = hn::MaxLanes(Words()) < kPhiloxBlocks ? 2 : 1;
  const size_t lanes = hn::Lanes(d);
  for (size_t at = 0; at < n; at += Codecs::kGroup, bits += Codecs::kGroup) {
    const uint64_t counter = (first + at) / Codecs::kGroup * kPhiloxBlocks;
    for (size_t block = 0; block < kPhiloxBlocks; block += kVectors * lanes) {
      Word c[kVectors][4];
      for (size_t k = 0; k < kVectors; ++k) {
        c[k][0] = hn::Iota(d, uint32_t(counter + block + k * lanes));
        c[k][1] = hn::Set(d, uint32_t(counter >> 32));
        c[k][2] = hn::Set(d, uint32_t(stream));
        c[k][3] = hn::Set(d, uint32_t(stream >> 32));
      }
      philox_lanes(c, seed);
      for (size_t k = 0; k < kVectors; ++k) {
        for (size_t w = 0; w < 4; ++w) {
          uint16_t* const to = bits + w * 2 * kPhiloxBlocks + block + k * lanes;
          const auto low = hn::And(c[k][w], hn::Set(d, 0xFFFF)), high = hn::ShiftRight<16>(c[k][w]);
          hn::StoreU(hn::DemoteTo(half, hn::BitCast(di, low)), half, to);
          hn::StoreU(hn::DemoteTo(half, hn::BitCast(di, high)), half, to + kPhiloxBlocks);
        }
      }
    }
  }
}

void from_bfloat16(const uint16_t* x, float* y, size_t n) {
  each_vector(n, [=](auto d, size_t i) {
    hn::StoreU(hn::BitCast(d, hn::ShiftLeft<16>(wide(d, x + i))), d, y + i);
  });
}

template <bool kRandom>
HWY_INLINE void narrow(const float* x, const uint16_t* random, uint16_t* y, size_t n) {
  each_vector(n, [=](auto d, size_t i) {
    const Signed<decltype(d)> s;
    const auto value = hn::LoadU(d, x + i);
    const auto bits = hn::BitCast(s, value), upper = upper_half(d, bits);
    const auto nearest = hn::Add(hn::Set(s, 0x7FFF), hn::And(upper, hn::Set(s, 1)));  // to even
    auto more = nearest;
    if constexpr (kRandom) more = wide(d, random + i);
    const auto rounded = upper_half(d, hn::Add(bits, more));
    const auto is_nan = hn::RebindMask(s, hn::Not(hn::Eq(value, value)));
    store_half(d, hn::IfThenElse(is_nan, hn::Or(upper, hn::Set(s, 0x40)), rounded), y + i);
  });
}

void to_bfloat16(const float* x, const uint16_t* random, uint16_t* y, size_t n) {
  random != nullptr ? narrow<true>(x, random, y, n) : narrow<false>(x, nullptr, y, n);
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

constexpr int32_t kInfinity = 0x7F800000, kNan = 0x7FC00000, kSize = 0x7FFFFFFF;
constexpr int kCut = 20;  // bits of a float32 below its code's

// The codes of NaN and, one less, of infinity.
constexpr int32_t last_code(bool nonnegative) { return nonnegative ? 255 : 127; }

void from_8bit(const uint8_t* codes, int16_t base, bool nonnegative, float* y, size_t n) {
  const int32_t last = last_code(nonnegative);
  each_vector(n, [=](auto d, size_t i) {
    const Signed<decltype(d)> s;
    const auto code = hn::PromoteTo(s, hn::LoadU(Code<decltype(d)>(), codes + i));
    const auto size = hn::And(code, hn::Set(s, last));
    auto bits = hn::ShiftLeft<kCut>(hn::Add(size, hn::Set(s, base)));
    bits = hn::IfThenElse(hn::Eq(size, hn::Set(s, last - 1)), hn::Set(s, kInfinity), bits);
    bits = hn::IfThenElse(hn::Eq(size, hn::Set(s, last)), hn::Set(s, kNan), bits);
    bits = hn::IfThenElse(hn::Eq(size, hn::Zero(s)), size, bits);
    const auto sign = hn::ShiftLeft<24>(hn::AndNot(hn::Set(s, last), code));
    hn::StoreU(hn::BitCast(d, hn::Or(bits, sign)), d, y + i);
  });
}

// The upper bits of the largest finite size.
HWY_INLINE int32_t largest(const float* x, size_t n) {
  int32_t most = 0;
  const Signed<hn::ScalableTag<float>> s;
  auto each = hn::Zero(s);
  each_vector(n, [&](auto tag, size_t i) {
    const Signed<decltype(tag)> st;
    const auto size = hn::And(bits_at(tag, x + i), hn::Set(st, kSize));
    const auto finite = hn::IfThenElseZero(hn::Lt(size, hn::Set(st, kInfinity)), size);
    if constexpr (std::is_same_v<decltype(tag), hn::ScalableTag<float>>) {
      each = hn::Max(each, finite);
    } else {
      most = HWY_MAX(most, hn::GetLane(finite));
    }
  });
  return HWY_MAX(most, hn::GetLane(hn::MaxOfLanes(s, each))) >> kCut;
}

void to_8bit(const float* x, const uint16_t* random, bool nonnegative, uint8_t* codes,
             int16_t* base, size_t n) {
  const int32_t last = last_code(nonnegative), top = last - 2;
  const int32_t below = largest(x, n) + 1 - top;  // + 1: the largest may be rounded up
  *base = int16_t(below);
  each_vector(n, [=](auto d, size_t i) {
    const Signed<decltype(d)> s;
    const auto bits = bits_at(d, x + i);
    const auto size = hn::And(bits, hn::Set(s, kSize));
    const auto more = random != nullptr ? hn::ShiftLeft<kCut - 16>(wide(d, random + i))
                                        : hn::Set(s, 1 << (kCut - 1));
    const auto rounded = hn::ShiftRight<kCut>(hn::Add(size, more));
    const auto finite = hn::Min(rounded, hn::Set(s, (kInfinity >> kCut) - 1));
    auto code = hn::Sub(finite, hn::Set(s, below));
    code = hn::Min(hn::Max(code, hn::Set(s, 1)), hn::Set(s, top));
    code = hn::IfThenElse(hn::Eq(size, hn::Set(s, kInfinity)), hn::Set(s, last - 1), code);
    code = hn::IfThenElse(hn::Gt(size, hn::Set(s, kInfinity)), hn::Set(s, last), code);
    code = hn::IfThenElse(hn::Eq(size, hn::Zero(s)), size, code);
    const auto sign = hn::And(hn::ShiftRight<24>(bits), hn::Set(s, 255 - last));
    hn::StoreU(hn::DemoteTo(Code<decltype(d)>(), hn::Or(code, sign)), Code<decltype(d)>(),
               codes + i);
  });
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
