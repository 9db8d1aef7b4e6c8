#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optim/kernel_stored.cc"
#include "optim/kernel_stored.h"

#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
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

// 2 kLanes elements, whose upper halves fill one vector. kTurns: a has those with even numbers and
// b the others, which costs a move less for each that is stored in 16 bits; else a has the first.
struct Two {
  V a, b;
};

HWY_INLINE hn::Vec<Bits> bits(V x) { return hn::BitCast(Bits(), x.v); }
HWY_INLINE V number(hn::Vec<Bits> x) { return V(hn::BitCast(Tag<float>(), x)); }
HWY_INLINE hn::Vec<Bits> pairs(const uint16_t* from) {
  return hn::BitCast(Bits(), hn::LoadU(Halves(), from));
}
HWY_INLINE hn::Vec<Bits> wide(const uint16_t* from) {
  return hn::PromoteTo(Bits(), hn::LoadU(hn::Rebind<uint16_t, Bits>(), from));
}

template <bool kTurns>
HWY_INLINE Two widen(const uint16_t* from) {
  if constexpr (kTurns) {
    const auto x = pairs(from);
    return {number(hn::ShiftLeft<16>(x)), number(hn::And(x, hn::Set(Bits(), 0xFFFF0000)))};
  }
  return {number(hn::ShiftLeft<16>(wide(from))), number(hn::ShiftLeft<16>(wide(from + kLanes)))};
}
template <bool kTurns>
HWY_INLINE void upper_halves(hn::Vec<Bits> a, hn::Vec<Bits> b, uint16_t* to) {
  const Halves d;
  if constexpr (kTurns) {
    const auto both = hn::OrAnd(hn::ShiftRight<16>(a), b, hn::Set(Bits(), 0xFFFF0000));
    hn::StoreU(hn::BitCast(d, both), d, to);
  } else {
    hn::StoreU(hn::ConcatOdd(d, hn::BitCast(d, b), hn::BitCast(d, a)), d, to);
  }
}

// 16 random bits for each of the two.
template <bool kTurns>
struct Random {
  hn::Vec<Bits> a, b;
  explicit HWY_INLINE Random(const uint16_t* from) {
    if constexpr (kTurns) {
      const auto x = pairs(from);
      a = hn::And(x, hn::Set(Bits(), 0xFFFF)), b = hn::ShiftRight<16>(x);
    } else {
      a = wide(from), b = wide(from + kLanes);
    }
  }
};

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
  upper_halves<false>(hn::Add(bits(x.a), half), hn::Add(bits(x.b), half), high);
  hn::StoreU(hn::ConcatEven(d, hn::BitCast(d, bits(x.b)), hn::BitCast(d, bits(x.a))), d, low);
}

template <size_t kBytes>
HWY_INLINE void prefetch(const void* at) {
  constexpr size_t kAhead = 4096;  // bytes
  for (size_t i = 0; i < kBytes; i += 64) hwy::Prefetch(static_cast<const char*>(at) + kAhead + i);
}

// Elements i to i + 2 kLanes; `upper` is where those of 8 bits have been decoded to.
template <bool kTurns>
HWY_INLINE Two load(const Stored& from, size_t i, const uint16_t* upper) {
  const Tag<float> tag;
  if (!kTurns && from.store == Store::kFloat32) {
    const float* const x = from.at<float>(i);
    prefetch<8 * kLanes>(x);
    return {V(hn::LoadU(tag, x)), V(hn::LoadU(tag, x + kLanes))};
  }
  if (from.store == Store::kEightBit) return widen<kTurns>(upper);
  const uint16_t* const x = from.at<uint16_t>(i);
  prefetch<4 * kLanes>(x);
  if (kTurns || from.store == Store::kBFloat16) return widen<kTurns>(x);
  const auto* const low = reinterpret_cast<const uint16_t*>(from.beside) + i;
  prefetch<4 * kLanes>(low);
  return join(x, low);
}

template <bool kTurns>
HWY_INLINE void store(Two x, const Random<kTurns>& r, const Stored& to, size_t i, uint16_t* upper) {
  const Tag<float> tag;
  if (to.store == Store::kBFloat16) {
    upper_halves<kTurns>(hn::Add(bits(x.a), r.a), hn::Add(bits(x.b), r.b), to.at<uint16_t>(i));
  } else if (to.store == Store::kEightBit) {
    upper_halves<kTurns>(hn::Add(bits(x.a), hn::ShiftLeft<4>(r.a)),
                         hn::Add(bits(x.b), hn::ShiftLeft<4>(r.b)), upper);
  } else if (to.store == Store::kCorrected) {
    split(x, to.at<uint16_t>(i), reinterpret_cast<uint16_t*>(to.beside) + i);
  } else {
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

// kUsual: the engine does nothing around the rule, the rule's switches are off and its slots the
// default ones; the compiler knows it. kTurns: all is stored in 16 bits or less.
template <class R, bool kUsual, bool kTurns>
struct StoredLoop {
  using Step = typename R::template Step<float>;
  static constexpr auto kDefault = default_slots<R>();
  static constexpr size_t kSlots = kDefault.size();
  static constexpr auto kNonnegative = nonnegative_slots<R>();
  static constexpr auto kEach = std::make_index_sequence<kSlots>();
  Step step;
  Frame<float> frame;
  Stored value, gradient, slots[kSlots];

  HWY_INLINE bool uses(size_t k) const { return kUsual ? kDefault[k] : bool(slots[k]); }
  HWY_INLINE bool rounds(size_t k) const { return uses(k) && slots[k].rounds(); }
  HWY_INLINE bool rounds() const {
    bool any = value.rounds();
    for (size_t k = 0; k < kSlots; ++k) any |= rounds(k);
    return any;
  }

  template <size_t... K>
  static HWY_INLINE V one(const Step& step, const Frame<float>& frame, V p, V g, V* s,
                          std::index_sequence<K...>) {
    typename R::template State<V> state{};
    auto fields = state.fields();
    ((std::get<K>(fields) = s[K]), ...);
    const V update = step.update(p, frame.gradient(p, g), state);
    ((s[K] = Frame<float>::stored(std::get<K>(fields), kNonnegative[K])), ...);
    return frame.parameter(p, update);
  }

  // Whether adding random bits could make another number of a NaN. It has 16 bits of zeros where
  // all that was read had: a NaN that arithmetic makes is the processor's own or one that it read.
  HWY_INLINE bool breaks_nan(const Stored& to) const {
    return to.store == Store::kEightBit || (!kTurns && to.store == Store::kBFloat16);
  }

  HWY_INLINE bool breaks_nans() const {
    bool any = breaks_nan(value);
    for (size_t k = 0; k < kSlots; ++k) any |= uses(k) && breaks_nan(slots[k]);
    return any;
  }
  HWY_INLINE void keep_nans(Two& p, V* a, V* b) const {
    V sum(0.0f);  // NaN where one that could break is; and seldom where none is
    if (breaks_nan(value)) sum = p.a + p.b;
    for (size_t k = 0; k < kSlots; ++k) {
      if (uses(k) && breaks_nan(slots[k])) sum = sum + (a[k] + b[k]);
    }
    if (HWY_LIKELY(hn::AllTrue(Tag<float>(), hn::Eq(sum.v, sum.v)))) return;
    if (value.rounds()) p = {quiet(p.a, value.store), quiet(p.b, value.store)};
    for (size_t k = 0; k < kSlots; ++k) {
      if (rounds(k)) a[k] = quiet(a[k], slots[k].store), b[k] = quiet(b[k], slots[k].store);
    }
  }

  // Where all is narrow, parameters and gradients are bfloat16: the compiler knows it.
  static HWY_INLINE Stored known(Stored x) {
    if (kTurns) x.store = Store::kBFloat16;
    return x;
  }

  // 2 kLanes elements from i on, the `within`-th of their group.
  HWY_INLINE void pair(size_t i, size_t within, const uint16_t* random,
                       uint16_t (*upper)[kStoredGroup], bool checks) const {
    V a[kSlots], b[kSlots];
    for (size_t k = 0; k < kSlots; ++k) {
      Two s{V(0.0f), V(0.0f)};
      if (uses(k)) s = load<kTurns>(slots[k], i, upper[k] + within);
      a[k] = s.a, b[k] = s.b;
    }
    Two p = load<kTurns>(known(value), i, nullptr);
    const Two g = load<kTurns>(known(gradient), i, nullptr);
    Step here = step;
    Frame<float> around = frame;
    if (kUsual) {
      around.plain = true;
      std::apply([](auto&... on) { ((on = false), ...); }, here.switches());
    }
    p = {one(here, around, p.a, g.a, a, kEach), one(here, around, p.b, g.b, b, kEach)};
    if (checks) keep_nans(p, a, b);
    const Random<kTurns> r(random + within);
    store(p, r, known(value), i, nullptr);
    for (size_t k = 0; k < kSlots; ++k) {
      if (uses(k)) store({a[k], b[k]}, r, slots[k], i, upper[k] + within);
    }
  }

  // The slots of 8 bits of the group at `at`, to and from the upper halves of float32s.
  template <size_t... K>
  HWY_INLINE void decode(size_t at, uint16_t (*upper)[kStoredGroup],
                         std::index_sequence<K...>) const {
    const auto one = [&]<size_t k>() {
      if (!uses(k) || slots[k].store != Store::kEightBit) return;
      const uint8_t* const codes = slots[k].template at<uint8_t>(at);
      prefetch<kStoredGroup>(codes);
      decode_8bit<!kNonnegative[k]>(codes, slots[k].beside[at / kStoredGroup], upper[k]);
    };
    (one.template operator()<K>(), ...);
  }
  template <size_t... K>
  HWY_INLINE void encode(size_t at, const uint16_t (*upper)[kStoredGroup],
                         std::index_sequence<K...>) const {
    const auto one = [&]<size_t k>() {
      if (!uses(k) || slots[k].store != Store::kEightBit) return;
      encode_8bit<!kNonnegative[k]>(upper[k], slots[k].template at<uint8_t>(at),
                                    slots[k].beside + at / kStoredGroup);
    };
    (one.template operator()<K>(), ...);
  }

  // By value, so that no store can touch the constants. The random numbers of the next group are
  // drawn a round at a time between this one's vectors, whose roots and divisions take as long.
  static HWY_NOINLINE __attribute__((flatten)) void groups(StoredLoop loop, uint64_t seed,
                                                           uint64_t stream, size_t begin,
                                                           size_t size) {
    constexpr size_t kPairs = kPhiloxBlocks / 2;  // of elements for a vector of counters
    static_assert(kRandomRounds < kPairs);
    HWY_ALIGN uint16_t random[2][kStoredGroup];
    HWY_ALIGN uint16_t upper[2][kSlots][kStoredGroup];
    const bool draws = loop.rounds(), checks = loop.breaks_nans();
    const PhiloxKeys<kRandomRounds> keys(seed);
    uint64_t counter = begin / kStoredGroup * kPhiloxBlocks;
    const auto keep = [&](const Philox& x, size_t block, uint16_t* to) {
      each_random(x, block, [&](size_t i, Word r) {
        hn::Store(hn::BitCast(Halves(), r), Halves(), to + 2 * i);
      });
    };
    uint16_t *now = random[0], *next = random[1];
    for (size_t k = 0; k < kPhiloxBlocks; k += kLanes) {
      keep(philox(keys, stream, counter + k), k, now);
    }
    const size_t end = begin + size;
    auto *here = upper[0], *there = upper[1];
    if (size > 0) loop.decode(begin, here, kEach);
    for (size_t at = begin; at < end; at += kStoredGroup) {
      counter += kPhiloxBlocks;
      size_t within = 0;
      for (size_t block = 0; block < kPhiloxBlocks; block += kLanes) {
        Philox x(stream, counter + block);
        for (int j = 0; j < int(kPairs); ++j, within += 2 * kLanes) {
          if (draws && j < kRandomRounds) x.round(keys.key[j]);
          if (block == 0 && j == 2 && at > begin) loop.encode(at - kStoredGroup, there, kEach);
          if (block == 0 && j == 5 && at + kStoredGroup < end)
            loop.decode(at + kStoredGroup, there, kEach);
          // The constants are read from memory each time: that takes no unit which computes, as
          // spreading them from a register would.
          asm volatile("" : "+m"(loop.step), "+m"(loop.frame));
          loop.pair(at + within, within, now, here, checks);
        }
        if (draws) keep(x, block, next);
      }
      std::swap(now, next);
      std::swap(here, there);
    }
    if (size > 0) loop.encode(end - kStoredGroup, there, kEach);
  }
};

template <class R, bool kUsual, bool kTurns>
void run(const typename R::template Step<float>& step, const Frame<float>& frame,
         const StoredPiece& piece) {
  StoredLoop<R, kUsual, kTurns> loop{step, frame, piece.value, piece.gradient, {}};
  std::copy_n(piece.slots.begin(), loop.kSlots, loop.slots);
  loop.groups(loop, piece.seed, piece.stream, piece.begin, piece.size);
}

bool all_narrow(const StoredPiece& piece) {
  const auto narrow = [](const Stored& x) { return !x || x.rounds(); };
  return narrow(piece.value) && narrow(piece.gradient) &&
         std::all_of(piece.slots.begin(), piece.slots.end(), narrow);
}

template <class R>
void step(const void* constants, const ravine::Frame<float>& host_frame, const StoredPiece& piece) {
  const auto step = same_layout<typename R::template Step<float>>(constants);
  const auto frame = same_layout<Frame<float>>(&host_frame);
  if (!frame.plain || !is_usual<R>(step, piece.slots)) {
    run<R, false, false>(step, frame, piece);
  } else {
    all_narrow(piece) ? run<R, true, true>(step, frame, piece)
                      : run<R, true, false>(step, frame, piece);
  }
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
