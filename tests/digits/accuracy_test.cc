// How hard the drawn digits are: too hard for a linear model, easy enough for the default network.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include "ravine/ravine.h"

namespace ravine {
namespace {

// The best test accuracy of at most ten epochs with the default optimizer; `enough` ends them.
double best_accuracy(const char* spec, double enough) {
  const TrainTest data = load_data("digits");
  Model model(spec, {.input = {28, 28}, .outputs = 10, .seed = 1});
  double best = 0;
  std::atomic<bool> stop = false;
  const Callback watch{.on_epoch = [&](const EpochRecord& epoch) {
    best = std::max(best, epoch.test.accuracy);
    stop = best > enough;
  }};
  fit(model, data.train, data.test,
      {.optimizer = "rmsprop,lr=1e-3",
       .epochs = 10,
       .seed = 1,
       .stop = &stop,
       .callbacks = {watch}});
  return best;
}

TEST(DigitsAccuracy, ALinearModelStaysUnder94Percent) {
  const double accuracy = best_accuracy("softmax", 1);
  EXPECT_LT(accuracy, 0.94);
  EXPECT_GT(accuracy, 0.80);  // but it does learn
}

TEST(DigitsAccuracy, TheDefaultNetworkExceeds97PercentWithinTenEpochs) {
  EXPECT_GT(best_accuracy("dense(128) relu dropout(0.2) dense(10)", 0.97), 0.97);
}

}  // namespace
}  // namespace ravine
