#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "ravine/error.h"
#include "ravine/train.h"
#include "train/testing.h"

namespace ravine {
namespace {

using testing::classifier;
using testing::clouds;
using testing::expect_error;

// The mean of -log sigmoid over both outputs, and the errors of the probabilities.
TEST(Evaluate, BinaryCrossEntropyOfTargets) {
  Model model("dense(2)", {.input = {1}, .seed = 1});
  for (float& w : model.parameter("0.weight").values<float>()) w = 1;
  const Dataset data = Dataset::table(Tensor::from({0.5f}, {1, 1}), Tensor::from({1, 0}, {1, 2}));
  const Scores scores = evaluate(model, data, {.loss = "binary_cross_entropy"});
  const double p = 1 / (1 + std::exp(-0.5));
  EXPECT_NEAR(scores.loss, -(std::log(p) + std::log(1 - p)) / 2, 1e-6);
  EXPECT_NEAR(scores.mean_absolute_error, 0.5, 1e-6);
  EXPECT_NEAR(scores.mean_squared_error, ((1 - p) * (1 - p) + p * p) / 2, 1e-6);
}

TEST(Evaluate, MatchesTheFormula) {
  const Model model = classifier();
  const Dataset data = clouds(2500);
  const Scores scores = evaluate(model, data);
  const Tensor outputs = predict(model, data);
  ASSERT_EQ(outputs.shape(), (Shape{2500, 3}));
  double loss = 0, correct = 0;
  for (int64_t i = 0; i < 2500; ++i) {
    const auto row = outputs.values<float>().subspan(size_t(3 * i), 3);
    double sum = 0;
    for (const float x : row) sum += std::exp(double(x));
    const int label = data.labels()[size_t(i)];
    loss += std::log(sum) - double(row[size_t(label)]);
    correct += std::ranges::max_element(row) - row.begin() == label;
  }
  EXPECT_NEAR(scores.loss, loss / 2500, 1e-5);
  EXPECT_DOUBLE_EQ(scores.accuracy, correct / 2500);
  EXPECT_NEAR(evaluate(model, data, {.batch = 7}).loss, scores.loss, 1e-6);
  EXPECT_EQ(evaluate(model, data, {.batch = 1'000'000}).accuracy, scores.accuracy);

  const Tensor probabilities = predict(model, data, true);
  for (int64_t i = 0; i < 2500; ++i) {
    const auto row = probabilities.values<float>().subspan(size_t(3 * i), 3);
    EXPECT_NEAR(row[0] + row[1] + row[2], 1, 1e-6);
  }
}

TEST(Evaluate, RefusesWhatDoesNotSuit) {
  const Model model = classifier();
  expect_error<UsageError>([&] { evaluate(model, {}); }, {"empty"});
  expect_error<UsageError>([&] { evaluate(model, clouds(10), {.batch = 0}); }, {"batch", "0"});
  expect_error<UsageError>([&] { evaluate(model, clouds(10, 2)); }, {"3 outputs"});
  expect_error<UsageError>([&] { predict(model, {}); }, {"empty"});
}

TEST(Evaluate, ManyThreadsMayShareAModel) {
  const Model model = classifier();
  const Dataset data = clouds(3000);
  const Scores expected = evaluate(model, data);
  const std::vector<double> outputs = predict(model, data).to_vector();
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 5; ++j) {
        right += predict(model, data).to_vector() == outputs &&
                 evaluate(model, data).loss == expected.loss;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 20);
}

}  // namespace
}  // namespace ravine
