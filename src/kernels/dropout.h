#pragma once
#include <cstddef>
#include <cstdint>

namespace ravine::kernels {

// Which elements dropout keeps: a function of (seed, stream, element). 128 elements share 16 blocks
// of Philox; element i of them has 16 bits of block i % 16: those of word i / 32, the low half for
// the first 16 elements of the word's 32, the high half for the others.
struct Dropout {
  uint64_t seed, stream;
  uint32_t threshold;  // dropped where the 16 bits are below it
  double scale;        // of what is kept

  static constexpr size_t kGroup = 128, kBlocks = 16;
};

Dropout dropout_of(double rate, uint64_t seed, uint64_t stream);  // rate in [0, 1)

// y = (add ? y : 0) + (kept ? scale x : 0). y may be x.
void dropout(const Dropout& drop, const float* x, float* y, size_t n, bool add);
void dropout(const Dropout& drop, const double* x, double* y, size_t n, bool add);

}  // namespace ravine::kernels
