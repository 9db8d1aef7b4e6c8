// Softmax regression with L2 regularisation, from tensors alone: 1000 steps of 100 examples.
//
//   loss = cross entropy of (x W^T + b)  +  l2 / 2 sum W^2
#include <cstdio>

#include "ravine/ravine.h"

namespace {

using namespace ravine;

double accuracy(const Tensor& w, const Tensor& b, const Dataset& data) {
  const NoGrad no_grad;
  Loader loader(data, {.batch_size = 1000, .shuffle = false});
  int64_t correct = 0;
  for (const Batch& batch : loader) correct += count_correct(linear(batch.x, w, b), batch.y);
  return double(correct) / double(data.size());
}

}  // namespace

int main() {
  const TrainTest digits = load_data("digits");
  Tensor w = Tensor::zeros({10, 784}).requires_grad();
  Tensor b = Tensor::zeros({10}).requires_grad();
  Optimizer optimizer("rmsprop,lr=1e-3");
  optimizer.add(w.as_parameter("w"));
  optimizer.add(b.as_parameter("b"));

  const double l2 = 1e-3;
  Loader loader(digits.train, {.batch_size = 100});
  double total = 0;
  for (const Batch& batch : loader.steps(1000)) {
    w.zero_grad();
    b.zero_grad();
    Tensor loss = cross_entropy(linear(batch.x, w, b), batch.y) + l2 / 2 * sum(square(w));
    loss.backward();
    optimizer.step();
    total += loss.item();
    if (optimizer.steps() % 200 > 0) continue;
    std::printf("step %4d   loss %.4f\n", int(optimizer.steps()), total / 200);
    total = 0;
  }
  const double reached = accuracy(w, b, digits.test);
  std::printf("test accuracy %.2f %%\n", 100 * reached);
  return reached > 0.8 ? 0 : 1;
}
