// Two optimizers on one graph: a wide linear model and a deep one add their outputs, and each part
// has the rule that suits it (Cheng et al., Wide & Deep Learning, arXiv:1606.07792).
//
// One backward() fills the gradients of both. Options that differ within one rule need no second
// optimizer: Optimizer::group gives parameters their own by name.
#include <cstdio>

#include "ravine/ravine.h"

namespace {

using namespace ravine;

double accuracy(const Model& wide, const Model& deep, const Dataset& data) {
  Loader loader(data, {.batch_size = 1000, .shuffle = false});
  int64_t correct = 0;
  for (const Batch& batch : loader) {
    correct += count_correct(wide.predict(batch.x) + deep.predict(batch.x), batch.y);
  }
  return double(correct) / double(data.size());
}

}  // namespace

int main() {
  const TrainTest digits = load_data("digits");
  Model wide("dense(10, init=constant(0))", {.input = digits.train.example()});
  Model deep("dense(64) relu dense(10)", {.input = digits.train.example()});
  Optimizer follow("sgd,lr=0.02"), adapt("rmsprop,lr=1e-3");
  follow.add(wide.parameters());
  adapt.add(deep.parameters());

  double reached = 0;
  Loader loader(digits.train, {.batch_size = 64});
  for (int epoch = 1; epoch <= 3; ++epoch) {
    double total = 0;
    for (const Batch& batch : loader) {
      wide.zero_grad();
      deep.zero_grad();
      Tensor loss = cross_entropy(wide(batch.x) + deep(batch.x), batch.y);
      loss.backward();
      follow.step();
      adapt.step();
      total += loss.item();
    }
    reached = accuracy(wide, deep, digits.test);
    std::printf("epoch %d   loss %.4f   test accuracy %.2f %%\n", epoch, total / loader.batches(),
                100 * reached);
  }
  return reached > 0.9 ? 0 : 1;
}
