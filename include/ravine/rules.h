// The rules: RMSprop and the rest of the field, each a short text in ravine/rules/.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <tuple>
#include <type_traits>

#include "ravine/option.h"

#ifdef __FAST_MATH__
#error "Ravine promises bits: compile without -ffast-math"
#endif

namespace ravine {

// A named buffer of a rule's state, with one element for each of the parameter's.
struct Slot {
  const char* name;
  bool used = true;  // an unused slot is neither allocated, loaded nor saved
  double initial = 0;
  bool nonnegative = false;  // no element is ever below 0: a code without sign is finer
};

// A double that a rule carries from step to step: "momentum_product".
struct Scalar {
  const char* name;
  double initial = 0;
};

double power(double base, uint64_t exponent);  // by repeated squaring: the same bits everywhere

// The arithmetic of a rule's update on one element; the kernels have the same words for vectors.
// Every operation is correctly rounded. A condition is a bool here and a mask there.
namespace arithmetic {
template <class V>
V sqrt(V x) {
  return std::sqrt(x);
}
template <class V>
V abs(V x) {
  return std::fabs(x);
}
template <class V>
V select(bool condition, V yes, V no) {
  return condition ? yes : no;
}
#include "ravine/rules/words.inc"
}  // namespace arithmetic

#include "ravine/rules/all.inc"

}  // namespace ravine
