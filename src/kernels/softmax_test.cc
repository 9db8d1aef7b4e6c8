#include "kernels/softmax.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/kernels_test.h"

namespace ravine::kernels {
namespace {

constexpr size_t kWidths[] = {1, 2, 7, 10, 15, 16, 17, 32, 100};
constexpr size_t kRows = 5;

std::vector<double> widened(const std::vector<float>& x) { return {x.begin(), x.end()}; }

void expect_near(const std::vector<float>& actual, const std::vector<double>& expected,
                 double most) {
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(actual[i], expected[i], most * (1 + std::fabs(expected[i]))) << i;
  }
}

TEST(Softmax, AgreesWithFloat64) {
  for (const size_t n : kWidths) {
    for (const double size : {1.0, 50.0}) {  // the second would overflow if exp were taken plainly
      const auto x = drawn(kRows * n, -2 * size, 2 * size), dy = drawn(kRows * n, -1, 1, 2);
      for (const bool log : {false, true}) {
        std::vector<float> y(x.size()), dx(x.size(), 1);
        std::vector<double> y64(x.size()), dx64(x.size(), 1);
        softmax(x.data(), y.data(), kRows, n, log);
        softmax(widened(x).data(), y64.data(), kRows, n, log);
        expect_near(y, y64, 2e-6);
        softmax_back(y.data(), dy.data(), dx.data(), kRows, n, log, true);
        softmax_back(y64.data(), widened(dy).data(), dx64.data(), kRows, n, log, true);
        expect_near(dx, dx64, 4e-6);
      }
    }
  }
}

TEST(CrossEntropy, AgreesWithFloat64) {
  for (const size_t n : kWidths) {
    const auto x = drawn(kRows * n, -100, 100), shares = drawn(kRows * n, 0, 1, 2);
    std::vector<int32_t> classes(kRows);
    for (size_t i = 0; i < kRows; ++i) classes[i] = int32_t(i * 7 % n);
    std::vector<float> loss(kRows), slope(x.size());
    std::vector<double> loss64(kRows), slope64(x.size());
    const auto x64 = widened(x), shares64 = widened(shares);
    cross_entropy(x.data(), {classes.data(), nullptr}, loss.data(), slope.data(), kRows, n);
    cross_entropy(x64.data(), {classes.data(), nullptr}, loss64.data(), slope64.data(), kRows, n);
    expect_near(loss, loss64, 1e-6);
    expect_near(slope, slope64, 1e-6);
    cross_entropy(x.data(), {nullptr, shares.data()}, loss.data(), slope.data(), kRows, n);
    cross_entropy(x64.data(), {nullptr, shares64.data()}, loss64.data(), slope64.data(), kRows, n);
    expect_near(loss, loss64, 1e-5);
    expect_near(slope, slope64, 1e-5);
  }
}

TEST(CrossEntropy, OneHotIsTheClass) {
  const auto x = drawn(kRows * 10, -3, 3);
  const std::vector<int32_t> classes{3, 0, 9, 5, 3};
  std::vector<float> one_hot(x.size(), 0), loss(kRows), loss_hot(kRows), slope(x.size()),
      slope_hot(x.size());
  for (size_t i = 0; i < kRows; ++i) one_hot[i * 10 + size_t(classes[i])] = 1;
  cross_entropy(x.data(), {classes.data(), nullptr}, loss.data(), slope.data(), kRows, 10);
  cross_entropy(x.data(), {nullptr, one_hot.data()}, loss_hot.data(), slope_hot.data(), kRows, 10);
  EXPECT_TRUE(same_bits(loss, loss_hot));
  EXPECT_TRUE(same_bits(slope, slope_hot));
}

TEST(LogisticLoss, IsStableAndAgreesWithFloat64) {
  auto x = drawn(1003, -5, 5);
  x.insert(x.end(), {0.f, 80.f, -80.f, 300.f, -300.f, 15.f, -15.f});
  const auto target = drawn(x.size(), 0, 1, 2);
  std::vector<float> loss(x.size()), slope(x.size());
  std::vector<double> loss64(x.size()), slope64(x.size());
  logistic_loss(x.data(), target.data(), loss.data(), slope.data(), x.size());
  logistic_loss(widened(x).data(), widened(target).data(), loss64.data(), slope64.data(), x.size());
  expect_near(loss, loss64, 1e-6);
  expect_near(slope, slope64, 1e-6);
}

TEST(Softmax, HasTheSameBitsEverywhere) {
  for (const size_t n : kWidths) {
    const size_t rows = 3000 / n + 300;
    const auto x = drawn(rows * n, -8, 8), dy = drawn(rows * n, 0, 1, 2);
    expect_same_bits_everywhere("softmax and its losses", [&] {
      std::vector<float> all;
      std::vector<float> y(x.size()), dx(x.size()), loss(rows);
      const auto keep = [&](const std::vector<float>& part) {
        all.insert(all.end(), part.begin(), part.end());
      };
      for (const bool log : {false, true}) {
        softmax(x.data(), y.data(), rows, n, log);
        softmax_back(y.data(), dy.data(), dx.data(), rows, n, log, false);
        keep(y), keep(dx);
      }
      cross_entropy(x.data(), {nullptr, dy.data()}, loss.data(), dx.data(), rows, n);
      keep(loss), keep(dx);
      logistic_loss(x.data(), dy.data(), y.data(), dx.data(), x.size());
      keep(y), keep(dx);
      return all;
    });
  }
}

}  // namespace
}  // namespace ravine::kernels
