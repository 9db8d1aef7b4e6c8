#include "kernels/dropout.h"

#include <Random123/philox.h>
#include <gtest/gtest.h>

#include <limits>

#include "kernels/kernels_test.h"

namespace ravine::kernels {
namespace {

constexpr uint64_t kSeed = 0x0123456789ABCDEF, kStream = 0xFEDCBA9876543210;

// As dropout.h says, by Random123.
bool kept(const Dropout& drop, size_t i) {
  const uint64_t block = i / 128 * 16 + i % 16;
  const r123::Philox4x32::ctr_type counter{
      {uint32_t(block), uint32_t(block >> 32), uint32_t(drop.stream), uint32_t(drop.stream >> 32)}};
  const r123::Philox4x32::key_type key{{uint32_t(drop.seed), uint32_t(drop.seed >> 32)}};
  const auto words = r123::Philox4x32()(counter, key);
  const uint32_t word = words[i % 128 / 32], bits = i % 32 < 16 ? word & 0xFFFF : word >> 16;
  return bits >= drop.threshold;
}

TEST(Dropout, KeepsWhatRandom123Says) {
  const Dropout drop = dropout_of(0.3, kSeed, kStream);
  for (const size_t n : {1, 17, 127, 128, 129, 100'001}) {
    const std::vector<float> x(n, 2);
    const std::vector<double> x64(n, 2);
    std::vector<float> y(n + 1, 9);
    std::vector<double> y64(n);
    dropout(drop, x.data(), y.data(), n, false);
    dropout(drop, x64.data(), y64.data(), n, false);
    for (size_t i = 0; i < n; ++i) {
      ASSERT_EQ(y[i], kept(drop, i) ? 2 * float(1 / 0.7) : 0) << i << " of " << n;
      ASSERT_EQ(y64[i] != 0, kept(drop, i));
    }
    EXPECT_EQ(y[n], 9);
  }
}

TEST(Dropout, DropsItsShareAndKeepsTheMean) {
  for (const double rate : {0.0, 0.1, 0.5, 0.9}) {
    constexpr size_t kCount = 1'000'000;
    const std::vector<float> x(kCount, 1);
    std::vector<float> y(kCount);
    dropout(dropout_of(rate, 5, 6), x.data(), y.data(), kCount, false);
    size_t dropped = 0;
    double total = 0;
    for (const float value : y) dropped += value == 0, total += value;
    const double deviation = std::sqrt(rate * (1 - rate) / kCount);
    EXPECT_NEAR(double(dropped) / kCount, rate, 5 * deviation + 1e-5);
    EXPECT_NEAR(total / kCount, 1, 5 * deviation / (1 - rate) + 1e-4);
  }
}

TEST(Dropout, StreamsAndSeedsDiffer) {
  const std::vector<float> x(1000, 1);
  const auto mask = [&](uint64_t seed, uint64_t stream) {
    std::vector<float> y(x.size());
    dropout(dropout_of(0.5, seed, stream), x.data(), y.data(), x.size(), false);
    return y;
  };
  EXPECT_TRUE(same_bits(mask(1, 2), mask(1, 2)));
  for (const auto& [seed, stream] : {std::pair<uint64_t, uint64_t>{2, 2},
                                     {1, 3},
                                     {1 | uint64_t{1} << 32, 2},
                                     {1, 2 | uint64_t{1} << 32}}) {
    EXPECT_FALSE(same_bits(mask(1, 2), mask(seed, stream)));
  }
}

TEST(Dropout, WhatIsDroppedIsZeroEvenIfNotFinite) {
  const std::vector<float> x(1000, std::numeric_limits<float>::infinity());
  std::vector<float> y(x.size());
  dropout(dropout_of(0.5, 1, 2), x.data(), y.data(), x.size(), false);
  for (const float value : y) EXPECT_FALSE(std::isnan(value));
}

TEST(Dropout, HasTheSameBitsEverywhere) {
  const auto x = drawn(50'003, -1, 1);
  for (const bool add : {false, true}) {
    expect_same_bits_everywhere("dropout", [&] {
      std::vector<float> y(x.size(), 0.5f);
      dropout(dropout_of(0.2, kSeed, kStream), x.data(), y.data(), x.size(), add);
      return y;
    });
  }
}

}  // namespace
}  // namespace ravine::kernels
