// Every rule on vectors. Included once for each instruction set, inside of its namespace.
namespace hn = hwy::HWY_NAMESPACE;

namespace arithmetic {
#include "optim/vector-inl.h"
#include "ravine/rules/words.inc"
}  // namespace arithmetic
#include "ravine/rules/all.inc"

using arithmetic::Tag;
using arithmetic::Vec;

// The same constants, as the copy of the text for this instruction set names them.
template <class To, class From>
HWY_INLINE To same_layout(const From* from) {
  To to;
  static_assert(std::is_trivially_copyable_v<To>);
  std::memcpy(static_cast<void*>(&to), from, sizeof(to));
  return to;
}

// Which slots a rule uses with its default options.
template <class R>
constexpr auto default_slots() {
  auto slots = R{}.slots();
  return std::apply([](auto&... slot) { return std::array{slot.used...}; }, slots.fields());
}

// Which are never below 0.
template <class R>
constexpr auto nonnegative_slots() {
  auto slots = R{}.slots();
  return std::apply([](auto&... slot) { return std::array{slot.nonnegative...}; }, slots.fields());
}

// Whether the default ones are used, and the rule's switches are off.
template <class R, class Step, class Slots>
bool is_usual(Step step, const Slots& slots) {
  constexpr auto kDefault = default_slots<R>();
  for (size_t k = 0; k < kDefault.size(); ++k) {
    if (kDefault[k] != bool(slots[k])) return false;
  }
  return std::apply([](auto... on) { return !(on || ...); }, step.switches());
}
