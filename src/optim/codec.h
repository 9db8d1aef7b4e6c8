// Values of low precision to float32 and back, on vectors; the same bits on every instruction set.
#pragma once
#include <cstddef>
#include <cstdint>

namespace ravine {

// Where `random` is a parameter: 16 random bits for each element round it up or down, with the
// chance that keeps its mean; nullptr rounds to nearest.
struct Codecs {
  // 16 bits for each of n elements from element `first` on, a multiple of kGroup: a function of
  // (seed, stream, element). Philox 4x32-7; elements 2 i and 2 i + 1 of a group have the low and
  // the high half of word i / 32 of block i % 16, turned right by a byte where i / 16 is odd.
  // Writes whole groups.
  static constexpr size_t kGroup = 256;
  void (*random)(uint64_t seed, uint64_t stream, size_t first, uint16_t* bits, size_t n);

  // bfloat16: the upper half of a float32.
  void (*from_bfloat16)(const uint16_t* x, float* y, size_t n);
  void (*to_bfloat16)(const float* x, const uint16_t* random, uint16_t* y, size_t n);

  // A float32 as its nearest bfloat16 and the 16 bits that this lacks: nothing is lost.
  void (*join)(const uint16_t* high, const int16_t* low, float* y, size_t n);
  void (*split)(const float* x, uint16_t* high, int16_t* low, size_t n);

  // 8 bits an element, and a base for a block of at most 256: the upper 12 bits of a float32 (sign,
  // exponent, 3 bits of mantissa) count up evenly with the logarithm, nearly; what is stored is how
  // far they lie above `base`, and the sign, unless none is negative. The block's largest gets the
  // highest code, or base is 0. 0, infinity and NaN have codes of their own, and what is not 0
  // never becomes 0: what is below the range of 2^31 (2^15 with signs) becomes the smallest.
  // A block in which not all are finite has -1 - base.
  void (*from_8bit)(const uint8_t* codes, int16_t base, bool nonnegative, float* y, size_t n);
  void (*to_8bit)(const float* x, const uint16_t* random, bool nonnegative, uint8_t* codes,
                  int16_t* base, size_t n);
};

// Those of the instruction set in use.
const Codecs& codecs();

}  // namespace ravine
