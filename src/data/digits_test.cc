#include "data/digits.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "data/download.h"
#include "data/testing.h"
#include "ravine/runtime.h"

namespace ravine {
namespace {

// Of the pixels and labels of `count` images.
std::string hash_of(uint64_t seed, size_t first, size_t count) {
  std::string bytes;
  std::array<uint8_t, kDigitPixels> pixels;
  for (size_t i = first; i < first + count; ++i) {
    const int label = draw_digit(seed, i, pixels);
    bytes.append(pixels.begin(), pixels.end());
    bytes.push_back(char(label));
  }
  return sha256(bytes);
}

std::vector<float> pixels_of(const Dataset& data, uint32_t i) {
  Tensor x, y;
  data.gather(std::vector<uint32_t>{i}, x, y);
  return {x.values<float>().begin(), x.values<float>().end()};
}

TEST(Digits, HaveTheSameBytesOnEveryMachine) {
  EXPECT_EQ(hash_of(0, 0, 500), "b7d457015de7b48fd9ac65c5608c6e7e7ed74dc17c242e5fa7cc01bc1457a135");
  EXPECT_EQ(hash_of(1, 24'500, 500),
            "ad01548a4132d91dd70bd89f623de93b3a4da0aed64f1945605b499287816468");
}

TEST(Digits, TwentyThousandToTrainAndFiveThousandToTest) {
  const TrainTest data = load_data("digits");
  EXPECT_EQ(data.train.size(), 20'000u);
  EXPECT_EQ(data.test.size(), 5'000u);
  for (const Dataset& part : {data.train, data.test}) {
    EXPECT_EQ(part.example(), Shape({28, 28}));
    EXPECT_EQ(part.classes(), 10);
    EXPECT_EQ(part.name, "digits");
    EXPECT_EQ(part.class_names.size(), 10u);
    for (int32_t digit = 0; digit < 10; ++digit) {
      const auto count = std::count(part.labels().begin(), part.labels().end(), digit);
      EXPECT_NEAR(double(count) / double(part.size()), 0.1, 0.015) << digit;
    }
  }
}

TEST(Digits, AnImageIsAFunctionOfSeedAndIndexAlone) {
  const int before = threads();
  for (const int count : {1, 3}) {
    set_threads(count);
    const TrainTest data = load_data("digits", {.seed = 9});
    for (const uint32_t i : {0u, 6'666u, 6'667u, 13'333u, 19'999u}) {
      std::array<uint8_t, kDigitPixels> pixels;
      EXPECT_EQ(draw_digit(9, i, pixels), data.train.labels()[i]);
      const auto drawn = pixels_of(data.train, i);
      for (size_t k = 0; k < pixels.size(); ++k) ASSERT_EQ(drawn[k], float(pixels[k]) / 255.0f);
    }
    std::array<uint8_t, kDigitPixels> pixels;
    EXPECT_EQ(draw_digit(9, 20'000, pixels), data.test.labels()[0]);
  }
  set_threads(before);
  EXPECT_NE(hash_of(0, 0, 10), hash_of(1, 0, 10));
  EXPECT_NE(hash_of(0, 0, 10), hash_of(0, 20'000, 10));
}

TEST(Digits, InkLiesInsideOfTheFrameAndIsNeitherMissingNorAll) {
  std::array<uint8_t, kDigitPixels> pixels;
  int at_edge = 0;
  for (size_t i = 0; i < 2000; ++i) {
    draw_digit(3, i, pixels);
    const auto bright = [](uint8_t pixel) { return pixel > 100; };
    const auto ink = std::count_if(pixels.begin(), pixels.end(), bright);
    EXPECT_GT(ink, 15) << i;
    EXPECT_LT(ink, 330) << i;
    bool edge = false;
    for (size_t k = 0; k < 28; ++k) {
      for (const size_t at : {k, 27 * 28 + k, 28 * k, 28 * k + 27}) edge |= bright(pixels[at]);
    }
    at_edge += edge;
  }
  EXPECT_LT(at_edge, 10);  // a few are wider than the frame
}

TEST(Digits, EveryWayOfWritingStaysInItsBox) {
  for (int digit = 0; digit < 10; ++digit) {
    EXPECT_GE(glyphs_of(digit).size(), 3u);
    for (const Glyph& glyph : glyphs_of(digit)) {
      for (const Stroke& stroke : glyph) {
        EXPECT_GE(stroke.size(), 2u);
        for (const Knot& knot : stroke) {
          EXPECT_TRUE(knot.x >= 0 && knot.x <= 1 && knot.y >= 0 && knot.y <= 1) << digit;
        }
      }
    }
  }
}

}  // namespace
}  // namespace ravine
