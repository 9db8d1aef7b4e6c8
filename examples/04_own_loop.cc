// A training loop of one's own: the running loss every 100 batches, then the test's accuracy.
//   example_04_own_loop [DATA [DIRECTORY [EPOCHS]]]      digits by default, mnist with its folder
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "ravine/ravine.h"

namespace {

using namespace ravine;

double accuracy_of(const Model& model, const Dataset& data) {
  int64_t correct = 0;
  Loader loader(data, {.batch_size = 1000, .shuffle = false});
  for (const Batch& batch : loader) correct += count_correct(model.predict(batch.x), batch.y);
  return double(correct) / double(data.size());
}

void run(const char* name, const char* directory, int epochs) {
  const TrainTest data = load_data(name, {.dir = directory});
  Model model("dense(512) relu dense(256) relu dense(10)", {.input = data.train.example()});
  Optimizer optimizer("rmsprop,lr=1e-3,alpha=0.9");
  optimizer.add(model.parameters());

  Loader loader(data.train, {.batch_size = 64});
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    double running_loss = 0;
    int batches = 0;
    for (const Batch& batch : loader) {
      model.zero_grad();
      Tensor loss = cross_entropy(model(batch.x), batch.y);
      loss.backward();
      optimizer.step();
      running_loss += loss.item();
      if (++batches % 100 == 0) {
        std::printf("[%d, %5d] loss: %.3f\n", epoch, batches, running_loss / 100);
        running_loss = 0;
      }
    }
    std::printf("epoch %d: test accuracy %.2f %%\n", epoch, 100 * accuracy_of(model, data.test));
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(argc > 1 ? argv[1] : "digits", argc > 2 ? argv[2] : "", argc > 3 ? std::atoi(argv[3]) : 2);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
