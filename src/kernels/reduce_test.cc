#include "kernels/reduce.h"

#include <gtest/gtest.h>

#include <numeric>

#include "kernels/kernels_test.h"

namespace ravine::kernels {
namespace {

TEST(Reduce, SumsEveryElement) {
  for (const size_t n : {0, 1, 7, 15, 16, 17, 33, 4095, 4096, 4097, 50'000}) {
    std::vector<float> x(n);
    std::iota(x.begin(), x.end(), 1.f);
    if (n > 4097) std::fill(x.begin(), x.end(), 1.f);
    const double expected = std::accumulate(x.begin(), x.end(), 0.0);
    EXPECT_EQ(sum(x.data(), n), expected) << n;
  }
}

TEST(Reduce, SumsRows) {
  for (const size_t columns : {1, 5, 8, 10, 33, 200}) {
    const size_t rows = 9;
    const auto x = drawn(rows * columns, -1, 1);
    std::vector<float> y(columns + 2, 5);
    for (const bool add : {false, true}) {
      sum_rows(x.data(), rows, columns, y.data() + 1, add);
      for (size_t j = 0; j < columns; ++j) {
        double expected = 0;
        for (size_t i = 0; i < rows; ++i) expected += x[i * columns + j];
        EXPECT_NEAR(y[j + 1], expected * (add ? 2 : 1), 1e-5);
      }
      EXPECT_EQ(y.front(), 5);
      EXPECT_EQ(y.back(), 5);
    }
  }
}

TEST(Reduce, HasTheSameBitsEverywhere) {
  const auto x = drawn(300'001, -1, 1);
  for (const size_t n : {1, 10, 17, 4096, 5000, 300'001}) {
    expect_same_bits_everywhere("sum", [&] {
      const double total = sum(x.data(), n);
      return std::vector<float>{float(total), float(total - float(total))};
    });
  }
  expect_same_bits_everywhere("sum_rows", [&] {
    std::vector<float> y(1000, 1);
    sum_rows(x.data(), 300, y.size(), y.data(), true);
    return y;
  });
}

}  // namespace
}  // namespace ravine::kernels
