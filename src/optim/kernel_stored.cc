#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optim/kernel_stored.cc"
#include "optim/kernel_stored.h"

#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cstring>

#include "kernels/choose.h"

HWY_BEFORE_NAMESPACE();
namespace ravine::HWY_NAMESPACE {
#include "kernels/philox-inl.h"
#include "optim/codec-inl.h"
#include "optim/rules-inl.h"

#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_NEON

static_assert(kStoredGroup == kCodeBlock && kStoredGroup == 16 * kPhiloxBlocks);

using V = Vec<float, true>;  // the hardware's division: what else there is to do hides it
using Bits = hn::RebindToUnsigned<Tag<float>>;
using Halves = hn::Repartition<uint16_t, Bits>;
inline constexpr size_t kLanes = hn::MaxLanes(Tag<float>());
static_assert(kLanes <= kPhiloxBlocks);

// 2 kLanes elements: as upper halves they fill one vector.
struct Two {
  V a, b;
};

HWY_INLINE hn::Vec<Bits> bits(V x) { return hn::BitCast(Bits(), x.v); }
HWY_INLINE V number(hn::Vec<Bits> x) { return V(hn::BitCast(Tag<float>(), x)); }
HWY_INLINE hn::Vec<Bits> wide(const uint16_t* from) {
  return hn::PromoteTo(Bits(), hn::LoadU(hn::Rebind<uint16_t, Bits>(), from));
}
HWY_INLINE Two widen(const uint16_t* from) {
  return {number(hn::ShiftLeft<16>(wide(from))), number(hn::ShiftLeft<16>(wide(from + kLanes)))};
}
HWY_INLINE void upper_halves(hn::Vec<Bits> a, hn::Vec<Bits> b, uint16_t* to) {
  const Halves d;
  hn::StoreU(hn::ConcatOdd(d, hn::BitCast(d, b), hn::BitCast(d, a)), d, to);
}

HWY_INLINE Two join(const uint16_t* high, const uint16_t* low) {
  const auto one = [&](size_t i) {
    const auto l = wide(low + i), h = hn::Sub(wide(high + i), hn::ShiftRight<15>(l));
    return number(hn::Or(hn::ShiftLeft<16>(h), l));
  };
  return {one(0), one(kLanes)};
}
HWY_INLINE void split(Two x, uint16_t* high, uint16_t* low) {
  const Halves d;
  const auto half = hn::Set(Bits(), 0x8000);
  upper_halves(hn::Add(bits(x.a), half), hn::Add(bits(x.b), half), high);
  hn::StoreU(hn::ConcatEven(d, hn::BitCast(d, bits(x.b)), hn::BitCast(d, bits(x.a))), d, low);
}

template <size_t kBytes>
HWY_INLINE void prefetch(const void* at) {
  constexpr size_t kAhead = 2048;  // bytes
  for (size_t i = 0; i < kBytes; i += 64) hwy::Prefetch(static_cast<const char*>(at) + kAhead + i);
}

// Elements i to i + 2 kLanes; `upper` is where those of 8 bits have been decoded to.
HWY_INLINE Two load(const Stored& from, size_t i, const uint16_t* upper) {
  const Tag<float> tag;
  if (from.store == Store::kFloat32) {
    const float* const x = from.at<float>(i);
    prefetch<8 * kLanes>(x);
    return {V(hn::LoadU(tag, x)), V(hn::LoadU(tag, x + kLanes))};
  }
  if (from.store == Store::kEightBit) return widen(upper);
  const uint16_t* const x = from.at<uint16_t>(i);
  prefetch<4 * kLanes>(x);
  if (from.store == Store::kBFloat16) return widen(x);
  const auto* const low = reinterpret_cast<const uint16_t*>(from.beside) + i;
  prefetch<4 * kLanes>(low);
  return join(x, low);
}

HWY_INLINE void store(Two x, const uint32_t* random, const Stored& to, size_t i, uint16_t* upper) {
  const Tag<float> tag;
  const Bits d;
  const auto r = [&](size_t k) { return hn::Load(d, random + k); };
  switch (to.store) {
    case Store::kBFloat16:
      upper_halves(hn::Add(bits(x.a), r(0)), hn::Add(bits(x.b), r(kLanes)), to.at<uint16_t>(i));
      break;
    case Store::kEightBit:
      upper_halves(hn::Add(bits(x.a), hn::ShiftLeft<4>(r(0))),
                   hn::Add(bits(x.b), hn::ShiftLeft<4>(r(kLanes))), upper);
      break;
    case Store::kCorrected:
      split(x, to.at<uint16_t>(i), reinterpret_cast<uint16_t*>(to.beside) + i);
      break;
    default:
      hn::StoreU(x.a.v, tag, to.at<float>(i));
      hn::StoreU(x.b.v, tag, to.at<float>(i) + kLanes);
  }
}

// A NaN stays one when random bits are added to it.
HWY_NOINLINE inline V quiet(V x, Store to) {
  const Bits d;
  const auto kept = hn::Set(d, to == Store::kEightBit ? 0xFFF00000 : 0xFFFF0000);
  const V safe = number(hn::And(hn::Or(bits(x), hn::Set(d, 0x400000)), kept));
  return hn::IfThenElse(hn::Eq(x.v, x.v), x.v, safe.v);
}

template <class R>
struct StoredLoop {
  using Step = typename R::template Step<float>;
  static constexpr size_t kSlots = std::tuple_size_v<decltype(R{}.slots().fields())>;
  static constexpr auto kEach = std::make_index_sequence<kSlots>();
  Step step;
  Frame<float> frame;
  Stored value, gradient, slots[kSlots];

  template <size_t... K>
  HWY_INLINE V one(V p, V g, V* s, std::index_sequence<K...>) const {
    typename R::template State<V> state{};
    auto fields = state.fields();
    ((std::get<K>(fields) = s[K]), ...);
    const V update = step.update(p, frame.gradient(p, g), state);
    ((s[K] = frame.stored(std::get<K>(fields))), ...);
    return frame.parameter(p, update);
  }

  // 2 kLanes elements from i on, the `within`-th of their group.
  HWY_INLINE void pair(size_t i, size_t within, const uint32_t* random,
                       uint16_t (*upper)[kStoredGroup]) const {
    V a[kSlots], b[kSlots];
    for (size_t k = 0; k < kSlots; ++k) {
      Two s{V(0.0f), V(0.0f)};
      if (slots[k]) s = load(slots[k], i, upper[k] + within);
      a[k] = s.a, b[k] = s.b;
    }
    Two p = load(value, i, nullptr);
    const Two g = load(gradient, i, nullptr);
    p = {one(p.a, g.a, a, kEach), one(p.b, g.b, b, kEach)};
    V sum(0.0f);  // NaN where one of those that are rounded is; and seldom where none is
    if (value.rounds()) sum = p.a + p.b;
    for (size_t k = 0; k < kSlots; ++k) {
      if (slots[k] && slots[k].rounds()) sum = sum + (a[k] + b[k]);
    }
    if (HWY_UNLIKELY(!hn::AllTrue(Tag<float>(), hn::Eq(sum.v, sum.v)))) {
      if (value.rounds()) p = {quiet(p.a, value.store), quiet(p.b, value.store)};
      for (size_t k = 0; k < kSlots; ++k) {
        if (!slots[k] || !slots[k].rounds()) continue;
        a[k] = quiet(a[k], slots[k].store), b[k] = quiet(b[k], slots[k].store);
      }
    }
    store(p, random + within, value, i, nullptr);
    for (size_t k = 0; k < kSlots; ++k) {
      if (slots[k]) store({a[k], b[k]}, random + within, slots[k], i, upper[k] + within);
    }
  }

  HWY_INLINE bool rounds() const {
    bool any = value.rounds();
    for (const Stored& slot : slots) any |= slot && slot.rounds();
    return any;
  }

  // By value, so that no store can touch the constants. The random numbers of the next group are
  // drawn a round at a time between this one's vectors, whose roots and divisions take as long.
  static HWY_NOINLINE __attribute__((flatten)) void groups(StoredLoop loop, uint64_t seed,
                                                           uint64_t stream, size_t begin,
                                                           size_t size) {
    constexpr size_t kPairs = kPhiloxBlocks / 2;  // of elements for a vector of counters
    static_assert(kRandomRounds < kPairs);
    HWY_ALIGN uint32_t random[2][kStoredGroup];
    HWY_ALIGN uint16_t upper[kSlots][kStoredGroup];
    const bool draws = loop.rounds();
    const PhiloxKeys<kRandomRounds> keys(seed);
    uint64_t counter = begin / kStoredGroup * kPhiloxBlocks;
    const auto keep = [&](const Philox& x, size_t block, uint32_t* to) {
      each_random(x, block, [&](size_t i, Word r) { hn::Store(r, Words(), to + i); });
    };
    uint32_t *now = random[0], *next = random[1];
    for (size_t k = 0; k < kPhiloxBlocks; k += kLanes) {
      keep(philox(keys, stream, counter + k), k, now);
    }
    for (size_t at = begin; at < begin + size; at += kStoredGroup) {
      counter += kPhiloxBlocks;
      for (size_t k = 0; k < kSlots; ++k) {
        const Stored& slot = loop.slots[k];
        if (!slot || slot.store != Store::kEightBit) continue;
        prefetch<kStoredGroup>(slot.at<uint8_t>(at));
        decode_8bit(slot.at<uint8_t>(at), slot.beside[at / kStoredGroup], slot.nonnegative,
                    upper[k]);
      }
      size_t within = 0;
      for (size_t block = 0; block < kPhiloxBlocks; block += kLanes) {
        Philox x(stream, counter + block);
        for (int j = 0; j < int(kPairs); ++j, within += 2 * kLanes) {
          if (draws && j < kRandomRounds) x.round(keys.key[j]);
          loop.pair(at + within, within, now, upper);
        }
        if (draws) keep(x, block, next);
      }
      for (size_t k = 0; k < kSlots; ++k) {
        const Stored& slot = loop.slots[k];
        if (!slot || slot.store != Store::kEightBit) continue;
        encode_8bit(upper[k], slot.nonnegative, slot.at<uint8_t>(at),
                    &slot.beside[at / kStoredGroup]);
      }
      std::swap(now, next);
    }
  }
};

template <class R>
void step(const void* constants, const ravine::Frame<float>& frame, const StoredPiece& piece) {
  StoredLoop<R> loop{same_layout<typename StoredLoop<R>::Step>(constants),
                     same_layout<Frame<float>>(&frame),
                     piece.value,
                     piece.gradient,
                     {}};
  for (size_t k = 0; k < StoredLoop<R>::kSlots; ++k) loop.slots[k] = piece.slots[k];
  StoredLoop<R>::groups(loop, piece.seed, piece.stream, piece.begin, piece.size);
}

template <class... R>
constexpr std::array<StoredKernel, Kernels::kRules> stored_table_of(std::tuple<R...>*) {
  return {&step<R>...};
}
#else
template <class Rules>
constexpr std::array<StoredKernel, Kernels::kRules> stored_table_of(Rules*) {
  return {};
}
#endif

const std::array<StoredKernel, Kernels::kRules>* stored_table() {
  static constexpr auto kTable = stored_table_of(static_cast<BuiltInRules*>(nullptr));
  return &kTable;
}

}  // namespace ravine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {
const std::array<StoredKernel, Kernels::kRules>& stored_kernels() {
  return *RAVINE_CHOOSE(stored_table)();
}
}  // namespace ravine
#endif
