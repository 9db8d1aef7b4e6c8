// A training step of one's own, with mean squared error: a small network learns sin(x).
//
// The step is a function of the model, the optimizer and a batch. The optimizer outlives it: one
// that is made anew in every call begins with empty averages every time.
#include <cmath>
#include <cstdio>
#include <vector>

#include "ravine/ravine.h"

namespace {

using namespace ravine;

// x in [-pi, pi] and sin(x), as columns [n, 1].
Dataset sine(int64_t count, uint64_t seed) {
  Random random(seed);
  std::vector<float> x(count), y(count);
  for (int64_t i = 0; i < count; ++i) {
    const double angle = random.uniform(-M_PI, M_PI);
    x[i] = float(angle);
    y[i] = float(std::sin(angle));
  }
  return Dataset::table(Tensor::from(x, {count, 1}), Tensor::from(y, {count, 1}));
}

double train_step(Model& model, Optimizer& optimizer, const Batch& batch) {
  model.zero_grad();
  Tensor loss = mean(square(model(batch.x) - batch.y));
  loss.backward();
  optimizer.step();
  return loss.item();
}

}  // namespace

int main() {
  const Dataset train = sine(2000, 1), test = sine(500, 2);
  Model model("dense(32) tanh dense(32) tanh dense(1)", {.input = {1}});
  // 30 epochs of 63 batches.
  Optimizer optimizer("rmsprop,lr=1e-2,alpha=0.99,schedule=cosine(total=1890)");
  optimizer.add(model.parameters());

  Loader loader(train, {.batch_size = 32});
  for (int epoch = 1; epoch <= 30; ++epoch) {
    double total = 0;
    for (const Batch& batch : loader) total += train_step(model, optimizer, batch);
    if (epoch % 5 == 0) {
      std::printf("epoch %2d   loss %.2e   test %.2e\n", epoch, total / loader.batches(),
                  evaluate(model, test).mean_squared_error);
    }
  }
  return evaluate(model, test).mean_squared_error < 1e-3 ? 0 : 1;
}
