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
