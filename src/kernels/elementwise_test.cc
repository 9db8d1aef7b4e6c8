#include "kernels/elementwise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "kernels/kernels_test.h"

namespace ravine::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

constexpr Unary kAll[] = {Unary::kNegate, Unary::kSquare, Unary::kSqrt, Unary::kExp,
                          Unary::kLog,    Unary::kAbs,    Unary::kRelu, Unary::kSigmoid,
                          Unary::kTanh,   Unary::kSin,    Unary::kCos};

float one(Unary f, float x) {
  float y;
  unary(f, &x, &y, 1);
  return y;
}

// Units in the last place of the true value.
double ulps(float actual, double truth) {
  const float rounded = std::fabs(float(truth));
  const double unit = std::nextafter(rounded, kInfinity) - double(rounded);
  return std::fabs(double(actual) - truth) / unit;
}

struct Accuracy {
  Unary f;
  double (*truth)(double);
  double low, high, most;  // ulps
};

TEST(Elementwise, FunctionsAreAccurate) {
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  const Accuracy all[] = {{Unary::kExp, [](double x) { return std::exp(x); }, -87.3, 88.7, 1.5},
                          {Unary::kExp, [](double x) { return std::exp(x); }, -1, 1, 1.5},
                          {Unary::kLog, [](double x) { return std::log(x); }, 1e-3, 10, 2},
                          {Unary::kLog, [](double x) { return std::log(x); }, 0.9, 1.1, 2},
                          {Unary::kLog, [](double x) { return std::log(x); }, 1, 3e38, 2},
                          {Unary::kTanh, [](double x) { return std::tanh(x); }, -10, 10, 3},
                          {Unary::kTanh, [](double x) { return std::tanh(x); }, -1, 1, 3},
                          {Unary::kTanh, [](double x) { return std::tanh(x); }, -1e-3, 1e-3, 3},
                          {Unary::kSin, [](double x) { return std::sin(x); }, -100, 100, 1},
                          {Unary::kCos, [](double x) { return std::cos(x); }, -100, 100, 1},
                          {Unary::kSigmoid, sigmoid, -80, 80, 3},
                          {Unary::kSigmoid, sigmoid, -2, 2, 3}};
  for (const Accuracy& a : all) {
    const auto x = drawn(200'000, a.low, a.high);
    std::vector<float> y(x.size());
    unary(a.f, x.data(), y.data(), x.size());
    double worst = 0;
    float at = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      const double error = ulps(y[i], a.truth(x[i]));
      if (error > worst) worst = error, at = x[i];
    }
    EXPECT_LE(worst, a.most) << "function " << int(a.f) << " at " << at;
  }
}

TEST(Elementwise, SpecialValues) {
  EXPECT_EQ(one(Unary::kExp, 0), 1);
  EXPECT_EQ(one(Unary::kExp, -kInfinity), 0);
  EXPECT_EQ(one(Unary::kExp, -200), 0);
  EXPECT_EQ(one(Unary::kExp, kInfinity), kInfinity);
  EXPECT_EQ(one(Unary::kExp, 89), kInfinity);
  EXPECT_LT(one(Unary::kExp, 88.72f), kInfinity);
  EXPECT_EQ(one(Unary::kLog, 1), 0);
  EXPECT_EQ(one(Unary::kLog, 0), -kInfinity);
  EXPECT_EQ(one(Unary::kLog, kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(one(Unary::kLog, -1)));
  EXPECT_LE(ulps(one(Unary::kLog, 1e-41f), std::log(double(1e-41f))), 2);
  EXPECT_EQ(one(Unary::kTanh, 100), 1);
  EXPECT_EQ(one(Unary::kTanh, -kInfinity), -1);
  EXPECT_TRUE(std::signbit(one(Unary::kTanh, -0.f)));
  EXPECT_EQ(one(Unary::kSigmoid, 0), 0.5);
  EXPECT_EQ(one(Unary::kSigmoid, kInfinity), 1);
  EXPECT_EQ(one(Unary::kSigmoid, -kInfinity), 0);
  EXPECT_EQ(one(Unary::kRelu, -3), 0);
  EXPECT_EQ(one(Unary::kCos, 0), 1);
  EXPECT_TRUE(std::isnan(one(Unary::kSin, kInfinity)));
  EXPECT_TRUE(std::isnan(one(Unary::kSin, 2e5f)));
  EXPECT_EQ(one(Unary::kAbs, -3), 3);
  for (const Unary f : kAll) EXPECT_TRUE(std::isnan(one(f, kNaN))) << int(f);
}

// Every length to 2 vectors and more, misaligned, between guards.
TEST(Elementwise, TouchesExactlyItsElements) {
  for (const Unary f : kAll) {
    for (size_t n = 0; n <= 37; ++n) {
      const auto x = drawn(n + 3, 0.1, 3);
      std::vector<float> y(n + 6, 77), expected(y);
      unary(f, x.data() + 3, y.data() + 3, n);
      for (size_t i = 0; i < n; ++i) expected[i + 3] = one(f, x[i + 3]);
      EXPECT_TRUE(same_bits(y, expected)) << int(f) << " of " << n;
    }
  }
}

TEST(Elementwise, HasTheSameBitsEverywhere) {
  auto x = drawn(100'003, -90, 90);
  x.insert(x.end(), {0.f, -0.f, kInfinity, -kInfinity, 1e-40f, -1e-40f, 88.73f, -87.34f});
  const auto other = drawn(x.size(), -2, 2, 2);
  for (const Unary f : kAll) {
    if (f == Unary::kSqrt || f == Unary::kLog) continue;  // below, where they are numbers
    expect_same_bits_everywhere("unary " + std::to_string(int(f)), [&] {
      std::vector<float> y(x.size()), dx(other);
      unary(f, x.data(), y.data(), x.size());
      const size_t finite = x.size() - 8;  // infinity times 0 is NaN, whose bits vary
      unary_back(f, x.data(), y.data(), other.data(), dx.data(), finite, true);
      y.insert(y.end(), dx.begin(), dx.end());
      return y;
    });
  }
  const auto positive = drawn(50'001, 1e-3, 100);
  for (const Unary f : {Unary::kSqrt, Unary::kLog}) {
    expect_same_bits_everywhere("unary " + std::to_string(int(f)), [&] {
      std::vector<float> y(positive.size()), dx(positive.size());
      unary(f, positive.data(), y.data(), y.size());
      unary_back(f, positive.data(), y.data(), other.data(), dx.data(), y.size(), false);
      y.insert(y.end(), dx.begin(), dx.end());
      return y;
    });
  }
  for (const Binary f : {Binary::kAdd, Binary::kSubtract, Binary::kMultiply, Binary::kDivide}) {
    expect_same_bits_everywhere("binary " + std::to_string(int(f)), [&] {
      std::vector<float> y(x.size() - 8);
      binary(f, {x.data()}, {other.data()}, y.data(), y.size());
      axpy(0.3f, other.data(), y.data(), y.size(), true);
      return y;
    });
  }
}

TEST(Elementwise, AddsToRows) {
  const auto x = drawn(13, -1, 1);
  std::vector<float> y(4 * 17, 2);
  add_to_rows(x.data(), y.data(), 4, x.size(), 17);
  for (size_t i = 0; i < 4; ++i) {
    for (size_t j = 0; j < 17; ++j) EXPECT_EQ(y[i * 17 + j], j < 13 ? 2 + x[j] : 2);
  }
}

}  // namespace
}  // namespace ravine::kernels
