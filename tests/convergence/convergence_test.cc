// Whole trainings on real tasks reach the accuracy that they should.
#include <gtest/gtest.h>

#include <cstdlib>

#include "ravine/ravine.h"

namespace ravine {
namespace {

DataOptions places() {
  const char* root = std::getenv("RAVINE_DATA");
  return {.root = root ? root : ""};
}

Scores last_test_scores(const TrainConfig& config) {
  const RunResult run = run_training(config, {.places = places()});
  return run.history.epochs.back().test;
}

// A line that separates the ten digits does not exist: regression stays under what a network does.
TEST(Digits, SoftmaxRegressionLearnsAndHasItsLimit) {
  const Scores test = last_test_scores({.data = "digits", .model = "softmax", .epochs = 5});
  EXPECT_GT(test.accuracy, 0.80);
  EXPECT_LT(test.accuracy, 0.94);
}

TEST(Digits, TheDefaultNetworkExceeds97PercentWithinTenEpochs) {
  const RunResult run = run_training({}, {});
  double best = 0;
  for (const EpochRecord& epoch : run.history.epochs) best = std::max(best, epoch.test.accuracy);
  EXPECT_GT(best, 0.97);
  EXPECT_EQ(run.history.epochs.size(), 10u);
}

class Mnist : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::getenv("RAVINE_DATA")) {
      GTEST_SKIP() << "RAVINE_DATA is not set: it names the folder that holds mnist/";
    }
  }
};

TEST_F(Mnist, SoftmaxRegressionReaches91Percent) {
  const Scores test = last_test_scores({.data = "mnist",
                                        .model = "softmax",
                                        .optimizer = "rmsprop,lr=1e-3",
                                        .epochs = 0,
                                        .steps = 1000,
                                        .batch = 100,
                                        .l2 = 1e-3});
  EXPECT_GT(test.accuracy, 0.90);
}

TEST_F(Mnist, ANetworkReaches96PercentInTwoEpochs) {
  const Scores test = last_test_scores({.data = "mnist",
                                        .model = "dense(128) relu dropout(0.2) dense(10)",
                                        .optimizer = "rmsprop:keras2,lr=1e-3,decay=1e-6",
                                        .epochs = 2,
                                        .batch = 128});
  EXPECT_GT(test.accuracy, 0.955);
}

}  // namespace
}  // namespace ravine
