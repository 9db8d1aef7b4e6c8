#include "nn/initializer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "ravine/error.h"

namespace ravine {
namespace {

constexpr int64_t kInputs = 300, kOutputs = 500;

struct Moments {
  double mean = 0, variance = 0, kurtosis = 0, low = 0, high = 0;
};

Moments moments_of(const std::vector<double>& values) {
  Moments m;
  const double n = double(values.size());
  for (const double x : values) m.mean += x / n;
  double fourth = 0;
  for (const double x : values) {
    const double d = (x - m.mean) * (x - m.mean);
    m.variance += d / n;
    fourth += d * d / n;
  }
  m.kurtosis = fourth / (m.variance * m.variance);
  m.low = *std::min_element(values.begin(), values.end());
  m.high = *std::max_element(values.begin(), values.end());
  return m;
}

std::vector<double> drawn(std::string_view initializer, DType dtype = DType::kFloat64) {
  const Tensor values = Tensor::empty({kOutputs, kInputs}, dtype);
  Random random(7);
  initialize(initializer, values, kInputs, kOutputs, random);
  return values.to_vector();
}

// The mean of n draws has deviation sigma / sqrt(n); the variance, relatively, sqrt((k - 1) / n)
// with kurtosis k: 1.8 of the uniform and 3 of the normal distribution. Bounds are 5 deviations.
void expect_uniform(std::string_view initializer, double low, double high) {
  const Moments m = moments_of(drawn(initializer));
  const double n = kInputs * kOutputs, variance = (high - low) * (high - low) / 12;
  EXPECT_NEAR(m.mean, (low + high) / 2, 5 * std::sqrt(variance / n)) << initializer;
  EXPECT_NEAR(m.variance / variance, 1, 5 * std::sqrt(0.8 / n)) << initializer;
  EXPECT_NEAR(m.kurtosis, 1.8, 0.02) << initializer;
  EXPECT_GE(m.low, low) << initializer;
  EXPECT_LT(m.high, high) << initializer;
  EXPECT_LT(m.low, low + (high - low) * 1e-4) << initializer;
  EXPECT_GT(m.high, high - (high - low) * 1e-4) << initializer;
}

void expect_normal(std::string_view initializer, double mean, double variance) {
  const Moments m = moments_of(drawn(initializer));
  const double n = kInputs * kOutputs;
  EXPECT_NEAR(m.mean, mean, 5 * std::sqrt(variance / n)) << initializer;
  EXPECT_NEAR(m.variance / variance, 1, 5 * std::sqrt(2 / n)) << initializer;
  EXPECT_NEAR(m.kurtosis, 3, 0.07) << initializer;
}

TEST(Initializer, DistributionsAreThoseOfThePapers) {
  const double in = kInputs, out = kOutputs;
  expect_uniform("glorot_uniform", -std::sqrt(6 / (in + out)), std::sqrt(6 / (in + out)));
  expect_uniform("he_uniform", -std::sqrt(6 / in), std::sqrt(6 / in));
  expect_uniform("lecun_uniform", -std::sqrt(3 / in), std::sqrt(3 / in));
  expect_uniform("uniform", -0.05, 0.05);
  expect_uniform("uniform(-1, high=3)", -1, 3);
  expect_normal("glorot_normal", 0, 2 / (in + out));
  expect_normal("he_normal", 0, 2 / in);
  expect_normal("lecun_normal", 0, 1 / in);
  expect_normal("normal", 0, 0.0025);
  expect_normal("normal(2, deviation=0.5)", 2, 0.25);
}

TEST(Initializer, ConstantsAreConstant) {
  for (const double x : drawn("constant(-2.5)")) ASSERT_EQ(x, -2.5);
  for (const double x : drawn("constant")) ASSERT_EQ(x, 0);
  for (const double x : drawn("uniform(3,3)")) ASSERT_EQ(x, 3);
  for (const double x : drawn("normal(3,0)")) ASSERT_EQ(x, 3);
}

TEST(Initializer, Float32IsTheSameDrawsRounded) {
  const auto narrow = drawn("he_normal", DType::kFloat32), wide = drawn("he_normal");
  for (size_t i = 0; i < wide.size(); ++i) ASSERT_EQ(narrow[i], double(float(wide[i])));
}

TEST(Initializer, UnknownNamesAndBadArgumentsAreRefused) {
  for (const char* text : {"", "glorot", "he_normal(1)", "uniform(2,1)", "normal(0,-1)",
                           "uniform(nan,1)", "constant(inf)", "uniform normal"}) {
    EXPECT_THROW(drawn(text), UsageError) << text;
  }
}

// Chosen values keep this stable: another order of draws is another model for every old seed.
TEST(Initializer, DrawsAreAFunctionOfTheSeed) {
  EXPECT_EQ(drawn("glorot_normal"), drawn("glorot_normal"));
  Random random(7);
  EXPECT_EQ(drawn("uniform(0,1)")[0], random.uniform());
  EXPECT_EQ(drawn("uniform(0,1)")[1], random.uniform());
}

}  // namespace
}  // namespace ravine
