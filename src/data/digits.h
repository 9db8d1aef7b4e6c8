// Digits that look handwritten, drawn by rule: data that need no download.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ravine/data.h"

namespace ravine {

inline constexpr int kDigitSide = 28, kDigitPixels = kDigitSide * kDigitSide;
inline constexpr size_t kDigitsToTrain = 20'000, kDigitsToTest = 5'000;

// A point of a stroke in a box of [0, 1] x [0, 1], x to the right and y down. The pen turns
// smoothly at a point, or sharply at a corner.
struct Knot {
  double x, y;
  bool corner = false;
};
using Stroke = std::vector<Knot>;
using Glyph = std::vector<Stroke>;

// Ways of writing a digit, src/data/glyphs.cc.
const std::vector<Glyph>& glyphs_of(int digit);

// Image `index` of `seed`, a function of those two alone; returns which digit it is.
int draw_digit(uint64_t seed, uint64_t index, std::span<uint8_t, kDigitPixels> pixels);

std::vector<std::string> digit_names();  // "0" to "9"

// The first 20,000 images of `seed` to train and the next 5,000 to test.
TrainTest draw_digits(uint64_t seed);

}  // namespace ravine
