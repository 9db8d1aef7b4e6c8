#include "ravine/random.h"

#include <Random123/philox.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace ravine {
namespace {

TEST(Random, PhiloxIsRandom123s) {
  Random random(1);
  for (int i = 0; i < 1000; ++i) {
    std::array<uint32_t, 4> counter;
    std::array<uint32_t, 2> key;
    for (uint32_t& word : counter) word = random.word();
    for (uint32_t& word : key) word = random.word();
    const auto expected =
        r123::Philox4x32()({{counter[0], counter[1], counter[2], counter[3]}}, {{key[0], key[1]}});
    const auto words = philox(counter, key);
    for (int k = 0; k < 4; ++k) ASSERT_EQ(words[k], expected[k]);
  }
}

TEST(Random, PhiloxHasThePublishedAnswer) {  // Random123's known-answer vectors
  EXPECT_EQ(philox({}, {}),
            (std::array<uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
}

TEST(Random, AStreamIsAFunctionOfSeedAndStream) {
  Random a(7, 3), b(7, 3), other_seed(8, 3), other_stream(7, 4);
  bool seeds_differ = false, streams_differ = false;
  for (int i = 0; i < 100; ++i) {
    const uint32_t word = a.word();
    EXPECT_EQ(word, b.word());
    seeds_differ |= word != other_seed.word();
    streams_differ |= word != other_stream.word();
  }
  EXPECT_TRUE(seeds_differ && streams_differ);
}

TEST(Random, NumbersHaveTheirDistribution) {
  Random random(11);
  const int n = 200'000;
  double sum = 0, normal = 0, square = 0, fourth = 0;
  for (int i = 0; i < n; ++i) {
    const double u = random.uniform();
    ASSERT_TRUE(u >= 0 && u < 1);
    sum += u;
    const double z = random.normal();
    normal += z, square += z * z, fourth += z * z * z * z;
  }
  EXPECT_NEAR(sum / n, 0.5, 0.003);
  EXPECT_NEAR(normal / n, 0, 0.01);
  EXPECT_NEAR(square / n, 1, 0.015);
  EXPECT_NEAR(fourth / n, 3, 0.12);
}

TEST(Random, BelowIsInRangeAndEven) {
  Random random(3);
  std::vector<int> counts(7);
  for (int i = 0; i < 70'000; ++i) ++counts[random.below(7)];
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);
  EXPECT_EQ(random.below(1), 0u);
}

TEST(Random, AShuffleIsAPermutationAndMoves) {
  std::vector<int> values(1000);
  std::iota(values.begin(), values.end(), 0);
  Random(5).shuffle(std::span(values));
  EXPECT_FALSE(std::is_sorted(values.begin(), values.end()));
  std::sort(values.begin(), values.end());
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(values[i], i);
}

TEST(Random, DerivedSeedsDiffer) {
  std::vector<uint64_t> seeds;
  for (uint64_t seed = 0; seed < 30; ++seed) {
    for (uint64_t i = 0; i < 30; ++i) seeds.push_back(derive_seed(seed, i));
  }
  std::sort(seeds.begin(), seeds.end());
  EXPECT_EQ(std::adjacent_find(seeds.begin(), seeds.end()), seeds.end());
}

}  // namespace
}  // namespace ravine
