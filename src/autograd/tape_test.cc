#include "autograd/tape.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "base/testing.h"
#include "ravine/error.h"
#include "ravine/ops.h"

namespace ravine {
namespace {

using Values = std::vector<double>;

TEST(Tape, GoesBackToTheLeaves) {
  Tensor theta = Tensor::from({0, 3, -1}, {3}).requires_grad();
  EXPECT_FALSE(theta.grad().defined());
  Tensor loss = sum(square(theta - 1));
  EXPECT_EQ(loss.item(), 1 + 4 + 4);
  loss.backward();
  EXPECT_EQ(theta.grad().to_vector(), (Values{-2, 4, -4}));
}

TEST(Tape, PassesThroughSharedLeavesAddUp) {
  Tensor x = Tensor::from({1, 2}, {2}).requires_grad();
  sum(x * 3.0).backward();
  sum(square(x)).backward();
  EXPECT_EQ(x.grad().to_vector(), (Values{3 + 2, 3 + 4}));
  x.zero_grad();
  EXPECT_EQ(x.grad().to_vector(), (Values{0, 0}));
  sum(x * 5.0).backward();
  sum(x).backward();
  EXPECT_EQ(x.grad().to_vector(), (Values{6, 6}));
}

TEST(Tape, RenewedGradientsAreReplaced) {
  Tensor x = Tensor::from({1, 2}, {2}).requires_grad();
  sum(x * 3.0).backward();
  renew_grad(x);
  sum(x * x).backward();
  EXPECT_EQ(x.grad().to_vector(), (Values{2, 4}));
}

TEST(Tape, ForgetsWhatItWentBackThrough) {
  Tensor x = Tensor::from({1, 2}, {2}).requires_grad();
  const Tensor y = square(x);
  Tensor first = sum(y);
  Tensor second = mean(y);
  first.backward();
  EXPECT_NE(error_of([&] { first.backward(); }), "");
  EXPECT_NE(error_of([&] { second.backward(); }).find("forgotten"), std::string::npos);
  Tensor third = sum(y * 2.0);
  EXPECT_NE(error_of([&] { third.backward(); }).find("forgotten"), std::string::npos);
  EXPECT_EQ(x.grad().to_vector(), (Values{2, 4}));  // as `first` left it
  sum(y.detach() * x).backward();
  EXPECT_EQ(x.grad().to_vector(), (Values{3, 8}));
}

TEST(Tape, SaysWhatCannotGoBack) {
  Tensor x = Tensor::from({1, 2}, {2}).requires_grad();
  Tensor y = square(x);
  EXPECT_EQ(error_of([&] { y.backward(); }),
            "backward: the loss must be a scalar, its shape is [2]; take sum() or mean()");
  Tensor constant = sum(Tensor::from({1}, {1}));
  EXPECT_NE(error_of([&] { constant.backward(); }).find("requires_grad"), std::string::npos);
  EXPECT_NE(error_of([&] { y.requires_grad(); }), "");
}

TEST(Tape, RecordsNothingUnderNoGrad) {
  Tensor x = Tensor::from({1, 2}, {2}).requires_grad();
  {
    const NoGrad outer;
    { const NoGrad inner; }
    EXPECT_FALSE(square(x).needs_grad());
  }
  EXPECT_TRUE(square(x).needs_grad());
  EXPECT_FALSE(square(x.detach()).needs_grad());
}

TEST(Tape, DeepGraphsGoBackAndAreReleased) {
  Tensor x = Tensor::from({1}, {1}).requires_grad();
  const auto deep = [&] {
    Tensor y = x;
    for (int i = 0; i < 100'000; ++i) y = y + x;
    return y;
  };
  sum(deep()).backward();
  EXPECT_EQ(x.grad().item(), 100'001);
  deep();  // released without going back
}

TEST(Tape, ReleasesMemoryAsItGoes) {
  Tensor x = Tensor::zeros({1000}).requires_grad();
  Tensor y = square(x);
  const std::weak_ptr<TensorBody> watch = y.body()->shared_from_this();
  Tensor loss = sum(y);
  y = Tensor();
  EXPECT_FALSE(watch.expired());
  loss.backward();
  EXPECT_TRUE(watch.expired());
}

TEST(Tape, ReshapeInfersOneDimension) {
  const Tensor x = Tensor::zeros({4, 6});
  EXPECT_EQ(x.reshape({-1}).shape(), (Shape{24}));
  EXPECT_EQ(x.reshape({2, -1, 3}).shape(), (Shape{2, 4, 3}));
  x.reshape({24}).values<float>()[7] = 1;
  EXPECT_EQ(x.to_vector()[7], 1);
  EXPECT_EQ(Tensor::zeros({0, 3}).reshape({-1, 3}).shape(), (Shape{0, 3}));
  EXPECT_EQ(error_of([&] { x.reshape({5, 5}); }), "reshape: [4, 6] has 24 elements, [5, 5] has 25");
  EXPECT_NE(error_of([&] { x.reshape({-1, 5}); }), "");
  EXPECT_NE(error_of([&] { x.reshape({-1, -1}); }), "");
  EXPECT_EQ(Tensor::zeros({4}, DType::kInt32).reshape({2, 2}).dtype(), DType::kInt32);
}

TEST(Tape, DistinctGraphsRunOnDistinctThreads) {
  std::vector<Values> results(4);
  std::vector<std::thread> workers;
  for (size_t i = 0; i < results.size(); ++i) {
    workers.emplace_back([i, &results] {
      std::vector<float> start(50'000);
      std::iota(start.begin(), start.end(), float(i));
      Tensor x = Tensor::from(std::span<const float>(start), {50, 1000}).requires_grad();
      for (int pass = 0; pass < 20; ++pass) {
        x.zero_grad();
        mean(square(sigmoid(x * 0.001) - 0.5)).backward();
      }
      results[i] = x.grad().to_vector();
    });
  }
  for (std::thread& worker : workers) worker.join();
  for (size_t i = 1; i < results.size(); ++i) {  // starts are shifted by one
    EXPECT_EQ(Values(results[i].begin(), results[i].end() - 1),
              Values(results[i - 1].begin() + 1, results[i - 1].end()));
  }
}

TEST(Tape, ALeafIsAParameterWhoseGradientStaysInPlace) {
  Tensor leaf = Tensor::full({2, 3}, 5).requires_grad();
  const Parameter parameter = leaf.as_parameter("w");
  EXPECT_EQ(parameter.name, "w");
  EXPECT_EQ(parameter.shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(parameter.size, 6u);
  EXPECT_EQ(parameter.value, leaf.body()->data);
  EXPECT_EQ(leaf.grad().to_vector(), Values(6, 0));
  sum(leaf).backward();
  EXPECT_EQ(leaf.grad().to_vector(), Values(6, 1));
  EXPECT_EQ(leaf.as_parameter("again").gradient, parameter.gradient);
  EXPECT_EQ(parameter.gradient, leaf.grad().body()->data);
  EXPECT_EQ(error_of([] { Tensor::zeros({2}).as_parameter("w"); }),
            "as_parameter: 'w' has no gradient; call requires_grad() first");
}

}  // namespace
}  // namespace ravine
