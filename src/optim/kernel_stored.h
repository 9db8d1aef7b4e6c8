// The step on values that are stored in fewer bits, decoded and rounded on their way through the
// registers; the same bits as by load() and store() of optim/stored.h.
#pragma once
#include "optim/kernel.h"
#include "optim/stored.h"

namespace ravine {

// A part of one parameter. What is rounded is rounded by chance.
struct StoredPiece {
  Stored value, gradient;
  std::array<Stored, kMaxSlots> slots;
  size_t begin, size;     // elements, both multiples of kStoredGroup
  uint64_t seed, stream;  // of the random numbers
};

inline constexpr size_t kStoredGroup = Stored::kBlock;

// The constants are StepConstants::single.
using StoredKernel = void (*)(const void* constants, const Frame<float>& frame,
                              const StoredPiece& piece);

// Of the built-in rules, in their order, for the instruction set in use; nullptr where its vectors
// are too short to be worth it.
const std::array<StoredKernel, Kernels::kRules>& stored_kernels();

}  // namespace ravine
