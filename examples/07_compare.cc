// RMSprop, Adam, Adagrad and SGD from the same start, on the same batches: the training loss after
// each epoch. The learning rates are those that the rules' pages advise (docs/rules/).
#include <cstdio>
#include <string>
#include <vector>

#include "ravine/ravine.h"

namespace {

using namespace ravine;

constexpr int kEpochs = 3;

// One seed gives one start and one order of the examples, whatever the optimizer.
std::vector<EpochRecord> train(const OptimizerSpec& optimizer, const TrainTest& data) {
  Model model("dense(64) relu dense(10)", {.input = data.train.example(), .seed = 1});
  return fit(model, data.train, data.test, {.optimizer = optimizer, .epochs = kEpochs, .seed = 1})
      .epochs;
}

}  // namespace

int main() {
  const TrainTest digits = load_data("digits");
  std::printf("%-26s", "");
  for (int epoch = 1; epoch <= kEpochs; ++epoch) std::printf("  epoch %d", epoch);
  std::printf("   test accuracy\n");

  bool learned = true;
  for (const OptimizerSpec& optimizer :
       {rmsprop({.lr = 1e-3}), adam({.lr = 1e-3}), adagrad({.lr = 1e-2}), sgd({.lr = 0.1}),
        sgd({.lr = 0.02, .momentum = 0.9})}) {
    std::printf("%-26s", optimizer.text().c_str());
    const std::vector<EpochRecord> epochs = train(optimizer, digits);
    for (const EpochRecord& epoch : epochs) std::printf("  %7.4f", epoch.train.loss);
    std::printf("  %13.2f %%\n", 100 * epochs.back().test.accuracy);
    learned = learned && epochs.back().test.accuracy > 0.85;
  }
  return learned ? 0 : 1;
}
