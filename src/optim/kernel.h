// The step on vectors: every built-in rule, compiled for each instruction set from its text.
#pragma once
#include <array>
#include <cstddef>

#include "ravine/rule.h"

namespace ravine {

// A step's constants are those of StepConstants, of the type at hand.
template <class T>
using StepKernel = void (*)(const void* constants, const Frame<T>& frame, const Piece<T>& piece);

// The sum of the squares of the gradients as the norms see them, and whether all are finite.
// Element i is added to partial sum i mod 16; the 16 are added as a tree.
struct Squares {
  double sum = 0;
  bool finite = true;
};
template <class T>
using SquaresKernel = Squares (*)(const Frame<T>& frame, const T* value, const T* gradient,
                                  size_t size);

struct Kernels {
  static constexpr size_t kRules = std::tuple_size_v<BuiltInRules>;
  std::array<StepKernel<float>, kRules> single;
  std::array<StepKernel<double>, kRules> twice;
  StepKernel<float> rmsprop_by_hardware;  // with the hardware's division: what the fast one must be
  SquaresKernel<float> squares;
  SquaresKernel<double> squares_twice;
  void (*divide)(const float* n, const float* d, float* quotient, size_t size);
};

// Those of the instruction set in use.
const Kernels& kernels();

}  // namespace ravine
