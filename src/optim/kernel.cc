#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optim/kernel.cc"
#include "optim/kernel.h"

#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cstring>

#include "kernels/choose.h"

HWY_BEFORE_NAMESPACE();
namespace ravine::HWY_NAMESPACE {
#include "optim/rules-inl.h"

// The loop of one step. kPlain: the engine does nothing around the rule; kUsual: the rule's
// switches are off and its slots the default ones. The compiler knows both.
template <class R, class T, bool kHardwareDivision, bool kPlain, bool kUsual>
struct StepLoop {
  using Step = typename R::template Step<T>;
  using Fast = Vec<T, kHardwareDivision>;
  using ByHardware = Vec<T, true>;
  static constexpr auto kDefault = default_slots<R>();
  static constexpr auto kNonnegative = nonnegative_slots<R>();
  static constexpr size_t kSlots = kDefault.size();
  static constexpr size_t kLine = 64 / sizeof(T);  // elements of a cache line
  static constexpr size_t kAhead = 16 * kLine;     // 1 KiB: hides DRAM where the root's and the
                                                   // division's latency fill the reorder window
  // Where the division leaves the divider to the roots, that still rests half of the time: one of
  // four vectors takes it.
  static constexpr bool kMixes =
      arithmetic::kDividesByFma && !kHardwareDivision && kPlain && kUsual;
  static constexpr size_t kStride = kMixes ? 4 * kLine : kLine;
  static constexpr auto kEach = std::make_index_sequence<kSlots>();
  Step step;
  Frame<T> frame;

  static constexpr HWY_INLINE bool uses(T* const* slots, size_t k) {
    return kUsual ? kDefault[k] : slots[k] != nullptr;
  }

  template <class V, size_t... K>
  HWY_INLINE void one(T* p, const T* g, T* const* slots, size_t i,
                      std::index_sequence<K...>) const {
    const Tag<T> tag;
    typename R::template State<V> state{};
    auto fields = state.fields();
    ((std::get<K>(fields) = uses(slots, K) ? V(hn::LoadU(tag, slots[K] + i)) : V(T(0))), ...);
    const V x = hn::LoadU(tag, p + i);
    const V update = step.update(x, frame.gradient(x, V(hn::LoadU(tag, g + i))), state);
    hn::StoreU(frame.parameter(x, update).v, tag, p + i);
    ((uses(slots, K)
          ? hn::StoreU(frame.stored(std::get<K>(fields), kNonnegative[K]).v, tag, slots[K] + i)
          : void()),
     ...);
  }

  HWY_INLINE void prefetch(T* p, const T* g, T* const* slots, size_t i) const {
    for (size_t j = i; j < i + kStride; j += kLine) {
      hwy::Prefetch(p + j);
      hwy::Prefetch(g + j);
      for (size_t k = 0; k < kSlots; ++k) {
        if (uses(slots, k)) hwy::Prefetch(slots[k] + j);
      }
    }
  }

  // Whole strides: the one place with the rule's text, all of it inlined. What is left after them
  // comes through here too. By value, so that no store can touch the constants.
  static HWY_NOINLINE __attribute__((flatten)) void lines(StepLoop loop, T* p, const T* g,
                                                          T* const* all_slots, size_t size) {
    loop.frame.plain = kPlain;
    if (kUsual) std::apply([](auto&... on) { ((on = false), ...); }, loop.step.switches());
    T* slots[kSlots];
    for (size_t k = 0; k < kSlots; ++k) slots[k] = all_slots[k];
    const size_t lanes = hn::Lanes(Tag<T>());
    for (size_t i = 0; i < size; i += kStride) {
      loop.prefetch(p, g, slots, i + kAhead);
      if constexpr (kMixes) {  // a line is a vector
        loop.template one<Fast>(p, g, slots, i, kEach);
        loop.template one<Fast>(p, g, slots, i + kLine, kEach);
        loop.template one<Fast>(p, g, slots, i + 2 * kLine, kEach);
        loop.template one<ByHardware>(p, g, slots, i + 3 * kLine, kEach);
      } else {
        for (size_t j = i; j < i + kLine; j += 2 * lanes) {  // by two: 5 % in DRAM
          loop.template one<Fast>(p, g, slots, j, kEach);
          if (lanes < kLine) loop.template one<Fast>(p, g, slots, j + lanes, kEach);
        }
      }
    }
  }

  // A stride's worth, of which there are `size` elements; the others are 0. Masked where there is
  // such an instruction: for tensors of a thousand elements it counts.
  static HWY_INLINE void load_part(const T* from, size_t size, T* to) {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2
    const Tag<T> tag;
    for (size_t i = 0; i < kStride; i += hn::Lanes(tag)) {
      const auto mask = hn::FirstN(tag, size > i ? size - i : 0);
      hn::Store(hn::MaskedLoad(mask, tag, from + i), tag, to + i);
    }
#else
    std::memset(to, 0, kStride * sizeof(T));
    std::memcpy(to, from, size * sizeof(T));
#endif
  }
  static HWY_INLINE void store_part(const T* from, size_t size, T* to) {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2
    const Tag<T> tag;
    for (size_t i = 0; i < size; i += hn::Lanes(tag)) {
      hn::BlendedStore(hn::Load(tag, from + i), hn::FirstN(tag, size - i), tag, to + i);
    }
#else
    std::memcpy(to, from, size * sizeof(T));
#endif
  }

  // Fewer elements than a stride, in a padded copy.
  HWY_INLINE void tail(T* p, const T* g, T* const* slots, size_t size) const {
    HWY_ALIGN T padded[kSlots + 2][kStride];
    T* copies[kSlots] = {};
    load_part(p, size, padded[0]);
    load_part(g, size, padded[1]);
    for (size_t k = 0; k < kSlots; ++k) {
      if (slots[k]) copies[k] = padded[k + 2], load_part(slots[k], size, copies[k]);
    }
    lines(*this, padded[0], padded[1], copies, kStride);
    store_part(padded[0], size, p);
    for (size_t k = 0; k < kSlots; ++k) {
      if (slots[k]) store_part(copies[k], size, slots[k]);
    }
  }

  HWY_INLINE void all(const Piece<T>& piece) const {
    const size_t whole = piece.size / kStride * kStride;
    T* slots[kSlots];
    for (size_t k = 0; k < kSlots; ++k) slots[k] = piece.slots[k];
    lines(*this, piece.value, piece.gradient, slots, whole);
    if (whole == piece.size) return;
    for (size_t k = 0; k < kSlots; ++k) slots[k] += slots[k] ? whole : 0;
    tail(piece.value + whole, piece.gradient + whole, slots, piece.size - whole);
  }
};

template <class R, class T, bool kHardwareDivision = false>
void step(const void* constants, const ravine::Frame<T>& host_frame, const Piece<T>& piece) {
  const auto step = same_layout<typename R::template Step<T>>(constants);
  const auto frame = same_layout<Frame<T>>(&host_frame);
  // float64 serves checks, and what is older than AVX2 is slow anyway: one loop is enough.
  constexpr bool kSpecial = HWY_TARGET == HWY_NEON || HWY_TARGET <= HWY_AVX2;
  if constexpr (sizeof(T) == 4 && kSpecial) {
    if (frame.plain && is_usual<R>(step, piece.slots)) {
      return StepLoop<R, T, kHardwareDivision, true, true>{step, frame}.all(piece);
    }
    if (frame.plain) return StepLoop<R, T, kHardwareDivision, true, false>{step, frame}.all(piece);
  }
  StepLoop<R, T, kHardwareDivision, false, false>{step, frame}.all(piece);
}

HWY_INLINE hn::Vec<Tag<double>> load_wide(const float* from) {
  return hn::PromoteTo(Tag<double>(), hn::Load(hn::Rebind<float, Tag<double>>(), from));
}
HWY_INLINE hn::Vec<Tag<double>> load_wide(const double* from) {
  return hn::Load(Tag<double>(), from);
}

template <class T>
Squares squares(const ravine::Frame<T>& host_frame, const T* value, const T* gradient,
                size_t size) {
  constexpr size_t kSums = 16;
  const Tag<T> tag;
  const Tag<double> wide;
  const auto frame = same_layout<Frame<T>>(&host_frame);
  const bool uses_value = frame.l2 != 0 && frame.l2_first;
  HWY_ALIGN double sums[kSums] = {};
  HWY_ALIGN T g[kSums] = {}, p[kSums] = {};
  auto poison = hn::Zero(tag);  // NaN once a gradient is not finite
  for (size_t i = 0; i < size; i += kSums) {
    const size_t n = HWY_MIN(kSums, size - i);
    if (n < kSums) std::memset(g, 0, sizeof(g)), std::memset(p, 0, sizeof(p));
    std::memcpy(g, gradient + i, n * sizeof(T));
    if (uses_value) std::memcpy(p, value + i, n * sizeof(T));
    for (size_t j = 0; j < kSums; j += hn::Lanes(tag)) {
      const auto raw = hn::Load(tag, g + j);
      poison = hn::Add(poison, hn::Mul(raw, hn::Zero(tag)));
      hn::Store(frame.clipped(Vec<T>(hn::Load(tag, p + j)), Vec<T>(raw)).v, tag, g + j);
    }
    for (size_t j = 0; j < kSums; j += hn::Lanes(wide)) {
      const auto x = load_wide(g + j);
      hn::Store(hn::Add(hn::Load(wide, sums + j), hn::Mul(x, x)), wide, sums + j);
    }
  }
  for (size_t half = kSums / 2; half > 0; half /= 2) {
    for (size_t j = 0; j < half; ++j) sums[j] += sums[j + half];
  }
  return {sums[0], hn::AllTrue(tag, hn::Eq(poison, hn::Zero(tag)))};
}

void divide(const float* n, const float* d, float* quotient, size_t size) {
  const Tag<float> tag;
  for (size_t i = 0; i + hn::Lanes(tag) <= size; i += hn::Lanes(tag)) {
    const auto q = arithmetic::quotient(hn::LoadU(tag, n + i), hn::LoadU(tag, d + i));
    hn::StoreU(q, tag, quotient + i);
  }
}

template <class... R>
constexpr Kernels table_of(std::tuple<R...>*) {
  return {
      {&step<R, float>...}, {&step<R, double>...}, &step<RmsProp, float, arithmetic::kDividesByFma>,
      &squares<float>,      &squares<double>,      &divide};
}

const Kernels* table() {
  static constexpr Kernels kTable = table_of(static_cast<BuiltInRules*>(nullptr));
  return &kTable;
}

}  // namespace ravine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {
const Kernels& kernels() { return *RAVINE_CHOOSE(table)(); }
}  // namespace ravine
#endif
