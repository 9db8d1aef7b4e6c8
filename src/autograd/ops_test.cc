// What operations give, refuse and say; their gradients are in gradient_test.cc.
#include "ravine/ops.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/testing.h"
#include "ravine/error.h"

namespace ravine {
namespace {

using Values = std::vector<double>;

Tensor ints(std::vector<int32_t> values) {
  return Tensor::from(std::span<const int32_t>(values), {int64_t(values.size())});
}

TEST(Ops, BroadcastAsNumpy) {
  const Tensor m = Tensor::from({1, 2, 3, 4, 5, 6}, {2, 3}), row = Tensor::from({10, 20, 30}, {3});
  const Tensor column = Tensor::from({100, 200}, {2, 1});
  EXPECT_EQ((m + row).to_vector(), (Values{11, 22, 33, 14, 25, 36}));
  EXPECT_EQ((m - column).to_vector(), (Values{-99, -98, -97, -196, -195, -194}));
  EXPECT_EQ((column * row).to_vector(), (Values{1000, 2000, 3000, 2000, 4000, 6000}));
  EXPECT_EQ((column * row).shape(), (Shape{2, 3}));
  EXPECT_EQ((6.0 / m).to_vector(), (Values{6, 3, 2, 1.5, Values{6.f / 5.f}[0], 1}));
  EXPECT_EQ((Tensor::zeros({4, 1, 3}) + Tensor::zeros({2, 1})).shape(), (Shape{4, 2, 3}));
  EXPECT_EQ((Tensor::zeros({0, 3}) + row).shape(), (Shape{0, 3}));
  EXPECT_EQ((Tensor::zeros({1, 1}) + Tensor::zeros({1})).shape(), (Shape{1, 1}));
}

TEST(Ops, SayBothShapesThatDoNotFit) {
  const Tensor a = Tensor::zeros({2, 3}), b = Tensor::zeros({4, 3});
  EXPECT_EQ(error_of([&] { a + b; }), "+: shapes [2, 3] and [4, 3] do not fit");
  EXPECT_EQ(error_of([&] { a / Tensor::zeros({2}); }), "/: shapes [2, 3] and [2] do not fit");
  EXPECT_EQ(error_of([&] { matmul(a, b); }),
            "matmul: [2, 3] does not fit [4, 3]; they are [m, k] and [k, n]");
  EXPECT_EQ(error_of([&] {
              linear(a, Tensor::zeros({5, 4}), {});
            }),
            "linear: x [2, 3] does not fit w [5, 4]; they are [n, in] and [out, in]");
  EXPECT_EQ(error_of([&] { linear(a, b, Tensor::zeros({3})); }),
            "linear: b [3] does not fit w [4, 3]; they are [out] and [out, in]");
  EXPECT_EQ(error_of([&] {
              transpose(Tensor::zeros({2, 3, 4}));
            }),
            "transpose: [2, 3, 4] is not a matrix");
  EXPECT_EQ(error_of([&] { mean_squared_error(a, b); }),
            "mean_squared_error: shapes must agree, got [2, 3] and [4, 3]");
  EXPECT_EQ(error_of([&] { binary_cross_entropy(a, b); }),
            "binary_cross_entropy: shapes must agree, got [2, 3] and [4, 3]");
  EXPECT_EQ(error_of([&] {
              binary_cross_entropy(Tensor::zeros({2}), Tensor::from({1, 1.5f}, {2}));
            }),
            "binary_cross_entropy: target 1 is 1.5, and must be in [0, 1]");
}

TEST(Ops, RefuseOtherTypes) {
  const Tensor a = Tensor::zeros({2, 2}), b = Tensor::zeros({2, 2}, DType::kFloat64);
  const Tensor i = Tensor::zeros({2, 2}, DType::kInt32);
  EXPECT_EQ(error_of([&] { a* b; }), "*: dtypes must agree, got float32 and float64");
  EXPECT_EQ(error_of([&] { matmul(a, b); }), "matmul: dtypes must agree, got float32 and float64");
  for (const auto& use : std::vector<void (*)(const Tensor&)>{
           [](const Tensor& x) { x + x; }, [](const Tensor& x) { relu(x); },
           [](const Tensor& x) { sum(x); }, [](const Tensor& x) { matmul(x, x); },
           [](const Tensor& x) { softmax(x); }, [](const Tensor& x) { dropout(x, 0.5, 1, 2); }}) {
    EXPECT_NE(error_of([&] { use(i); }).find("int32"), std::string::npos);
    EXPECT_NE(error_of([&] { use(Tensor()); }), "");
  }
}

TEST(Ops, LinearFlattensAndAddsTheBias) {
  const Tensor x = Tensor::from({1, 2, 3, 4, 5, 6, 7, 8}, {2, 2, 2});
  const Tensor w = Tensor::from({1, 0, 0, 0, 1, 1, 1, 1}, {2, 4}), b = Tensor::from({10, 20}, {2});
  const Tensor y = linear(x, w, b);
  EXPECT_EQ(y.shape(), (Shape{2, 2}));
  EXPECT_EQ(y.to_vector(), (Values{11, 30, 15, 46}));
  EXPECT_EQ(linear(x, w, {}).to_vector(), (Values{1, 10, 5, 26}));
  EXPECT_EQ(matmul(w, transpose(w)).to_vector(), (Values{1, 1, 1, 4}));
}

TEST(Ops, DropoutIsAFunctionOfSeedAndStream) {
  Tensor x = Tensor::full({1000}, 3).requires_grad();
  Tensor y = dropout(x, 0.25, 1, 2);
  EXPECT_EQ(y.to_vector(), dropout(x, 0.25, 1, 2).to_vector());
  EXPECT_NE(y.to_vector(), dropout(x, 0.25, 1, 3).to_vector());
  const Values values = y.to_vector();
  sum(y).backward();
  const Values slope = x.grad().to_vector();
  for (size_t i = 0; i < values.size(); ++i) EXPECT_EQ(float(slope[i] * 3), float(values[i]));
  EXPECT_EQ(dropout(x, 0, 1, 2).to_vector(), x.to_vector());
  for (const double rate : {-0.1, 1.0, std::nan("")}) {
    EXPECT_NE(error_of([&] { dropout(x, rate, 1, 2); }).find("dropout: rate"), std::string::npos);
  }
}

TEST(Losses, AreMeansOverExamples) {
  const Tensor p = Tensor::from({1, 2, 3, 4}, {2, 2}), t = Tensor::from({1, 0, 0, 4}, {2, 2});
  EXPECT_EQ(mean_squared_error(p, t).item(), (4 + 9) / 4.0);
  EXPECT_NEAR(cross_entropy(Tensor::zeros({5, 10}), ints({0, 1, 2, 3, 9})).item(), std::log(10),
              1e-6);
  EXPECT_NEAR(binary_cross_entropy(Tensor::zeros({3, 1}), Tensor::zeros({3, 1})).item(),
              std::log(2), 1e-6);
  EXPECT_NE(error_of([] { mean_squared_error(Tensor::zeros({0, 2}), Tensor::zeros({0, 2})); }), "");
  EXPECT_NE(error_of([] { cross_entropy(Tensor::zeros({0, 2}), ints({})); }), "");
}

TEST(Losses, AreStable) {
  const Tensor far = Tensor::from({1000, -1000, 0, -1e30f, 1e30f, 0}, {2, 3});
  EXPECT_EQ(cross_entropy(far, ints({0, 1})).item(), 0);
  EXPECT_EQ(cross_entropy(far, ints({2, 1})).item(), 500);
  EXPECT_EQ(
      binary_cross_entropy(Tensor::from({1000, -1000}, {2}), Tensor::from({1, 0}, {2})).item(), 0);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(cross_entropy(Tensor::from({nan, 1, 2}, {1, 3}), ints({1})).item()));
}

TEST(Losses, SayWhichLabelIsOutOfRange) {
  const Tensor logits = Tensor::zeros({3, 10});
  EXPECT_EQ(error_of([&] {
              cross_entropy(logits, ints({1, 10, 2}));
            }),
            "labels: row 1 has 10, a label must be in [0, 10)");
  EXPECT_EQ(error_of([&] {
              count_correct(logits, ints({1, 2, -1}));
            }),
            "labels: row 2 has -1, a label must be in [0, 10)");
  EXPECT_NE(error_of([&] {
              cross_entropy(logits, ints({1, 2}));
            }).find("[3, 10]"),
            std::string::npos);
  EXPECT_NE(error_of([&] {
              cross_entropy(logits, Tensor::zeros({3, 9}));
            }).find("[3, 9]"),
            std::string::npos);
  EXPECT_NE(error_of([&] { cross_entropy(logits, Tensor::zeros({3, 10}, DType::kFloat64)); }), "");
}

TEST(CountCorrect, TakesTheFirstOfEquals) {
  const Tensor scores = Tensor::from({1, 3, 3, 5, 5, 2, 0, 0, 0}, {3, 3});
  EXPECT_EQ(count_correct(scores, ints({1, 0, 0})), 3);
  EXPECT_EQ(count_correct(scores, ints({2, 1, 1})), 0);
  const Tensor one_hot = Tensor::from({0, 1, 0, 1, 0, 0, 0, 0, 1}, {3, 3});
  EXPECT_EQ(count_correct(scores, one_hot), 2);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(count_correct(Tensor::from({nan, nan}, {1, 2}), ints({0})), 0);
}

}  // namespace
}  // namespace ravine
