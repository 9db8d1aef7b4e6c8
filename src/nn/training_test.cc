// Models and optimizers together: what a hand-written loop does.
#include <gtest/gtest.h>

#include <cmath>

#include "ravine/nn.h"
#include "ravine/optimizer.h"

namespace ravine {
namespace {

// y = 2 a - 3 b + 0.5, which dense(1) can fit exactly.
struct Line {
  Tensor x, y;
};

Line line(DType dtype = DType::kFloat64) {
  Random random(4);
  std::vector<double> xs, ys;
  for (int i = 0; i < 32; ++i) {
    const double a = random.normal(), b = random.normal();
    xs.insert(xs.end(), {a, b});
    ys.push_back(2 * a - 3 * b + 0.5);
  }
  if (dtype == DType::kFloat64) {
    return {Tensor::from(std::span<const double>(xs), {32, 2}),
            Tensor::from(std::span<const double>(ys), {32, 1})};
  }
  const std::vector<float> x(xs.begin(), xs.end()), y(ys.begin(), ys.end());
  return {Tensor::from(std::span<const float>(x), {32, 2}),
          Tensor::from(std::span<const float>(y), {32, 1})};
}

TEST(Training, AHandWrittenLoopFindsTheOptimum) {
  const auto [x, y] = line(DType::kFloat32);
  Model model("dense(1)", {.input = {2}});
  Optimizer optimizer("rmsprop,lr=0.05,schedule=cosine(total=600)");
  optimizer.add(model.parameters());
  for (int step = 0; step < 600; ++step) {
    model.zero_grad();
    Tensor loss = mean_squared_error(model(x), y);
    loss.backward();
    optimizer.step();
  }
  const auto w = model.parameter("0.weight").to_vector();
  EXPECT_NEAR(w[0], 2, 1e-3);
  EXPECT_NEAR(w[1], -3, 1e-3);
  EXPECT_NEAR(model.parameter("0.bias").to_vector()[0], 0.5, 1e-3);
}

// Ridge regression has a closed form: with n examples and bias b, the gradient of
// 1/n sum (x w + b - y)^2 + l2/2 w^2 is zero at the minimum.
TEST(Training, APenaltyMovesTheOptimumWhereItShould) {
  const auto [x, y] = line();
  Model model("dense(1)", {.input = {2}, .dtype = DType::kFloat64});
  Optimizer optimizer("sgd,lr=0.1");
  optimizer.add(model.parameters());
  constexpr double kL2 = 0.5;
  for (int step = 0; step < 500; ++step) {
    model.zero_grad();
    (mean_squared_error(model(x), y) + model.penalty(0, kL2)).backward();
    optimizer.step();
  }
  const auto w = model.parameter("0.weight").to_vector();
  const double b = model.parameter("0.bias").to_vector()[0];
  const auto xs = x.to_vector(), ys = y.to_vector();
  double slope[3] = {kL2 * w[0], kL2 * w[1], 0};
  for (size_t i = 0; i < ys.size(); ++i) {
    const double residual = xs[2 * i] * w[0] + xs[2 * i + 1] * w[1] + b - ys[i];
    const double scale = 2 * residual / double(ys.size());
    slope[0] += scale * xs[2 * i], slope[1] += scale * xs[2 * i + 1], slope[2] += scale;
  }
  for (const double s : slope) EXPECT_NEAR(s, 0, 1e-12);
  EXPECT_LT(std::fabs(w[1]), 2.9);  // shrunk
}

TEST(Training, ExclusiveOrIsLearned) {
  const Tensor x = Tensor::from({0, 0, 0, 1, 1, 0, 1, 1}, {4, 2});
  const std::vector<int32_t> classes = {0, 1, 1, 0};
  const Tensor y = Tensor::from(std::span<const int32_t>(classes), {4});
  Model model("dense(8) tanh dense(2)", {.input = {2}, .seed = 1});
  Optimizer optimizer("rmsprop,lr=0.02");
  optimizer.add(model.parameters());
  double last = 0;
  for (int step = 0; step < 300; ++step) {
    model.zero_grad();
    Tensor loss = cross_entropy(model(x), y);
    loss.backward();
    optimizer.step();
    last = loss.item();
  }
  EXPECT_LT(last, 0.01);
  EXPECT_EQ(count_correct(model.predict(x), y), 4);
}

// Each layer by an optimizer of its own is the same as both by one, to the bit.
TEST(Training, TwoOptimizersOverDisjointParametersOfOneGraph) {
  const auto [x, y] = line();
  const ModelOptions options{.input = {2}, .seed = 2, .dtype = DType::kFloat64};
  Model together("dense(4) tanh dense(1)", options), apart("dense(4) tanh dense(1)", options);
  Optimizer one("rmsprop,lr=0.01"), first("rmsprop,lr=0.01"), second("rmsprop,lr=0.01");
  one.add(together.parameters());
  const auto parameters = apart.parameters();
  first.add(std::span(parameters).first(2));
  second.add(std::span(parameters).last(2));
  const auto step = [&x = x, &y = y](Model& model, auto&... optimizers) {
    model.zero_grad();
    mean_squared_error(model(x), y).backward();
    (optimizers.step(), ...);
  };
  for (int i = 0; i < 50; ++i) step(together, one), step(apart, first, second);
  for (const Parameter& p : parameters) {
    EXPECT_EQ(together.parameter(p.name).to_vector(), apart.parameter(p.name).to_vector());
  }
  // One optimizer alone moves its own parameters and no other.
  const auto before = apart.parameter("0.weight").to_vector();
  const auto last = apart.parameter("2.weight").to_vector();
  step(apart, second);
  EXPECT_EQ(apart.parameter("0.weight").to_vector(), before);
  EXPECT_NE(apart.parameter("2.weight").to_vector(), last);
}

// Two models in one loss, as in adversarial training.
TEST(Training, OneLossGoesBackThroughTwoModels) {
  Model first("dense(3) tanh", {.input = {2}, .seed = 1, .dtype = DType::kFloat64});
  Model second("dense(1)", {.input = {3}, .seed = 1, .dtype = DType::kFloat64});
  const auto [x, y] = line();
  const auto loss = [&, &x = x, &y = y] { return mean_squared_error(second(first(x)), y); };
  loss().backward();
  const auto w = first.parameter("0.weight").values<double>();
  const double slope = first.parameter("0.weight").grad().to_vector()[0];
  const double before = w[0];
  w[0] = before + 1e-6;
  const double above = loss().item();
  w[0] = before - 1e-6;
  EXPECT_NEAR(slope, (above - loss().item()) / 2e-6, 1e-7);
}

}  // namespace
}  // namespace ravine
