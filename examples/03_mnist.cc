// Handwritten digits with `fit`: 784-128-10 with dropout and RMSprop.
//   example_03_mnist             on digits drawn by Ravine, nothing to download
//   example_03_mnist DIRECTORY   on MNIST, whose four files lie there: 20 epochs
#include <cstdio>
#include <exception>

#include "ravine/ravine.h"

namespace {

using namespace ravine;

void print(const EpochRecord& epoch) {
  std::printf("epoch %2d   loss %.4f   test loss %.4f   test accuracy %.2f %%   %.2f s\n",
              int(epoch.epoch), epoch.train.loss, epoch.test.loss, 100 * epoch.test.accuracy,
              epoch.seconds);
}

double run(const char* directory) {
  const TrainTest data = directory ? load_data("mnist", {.dir = directory}) : load_data("digits");
  Model model("dense(128) relu dropout(0.2) dense(10)", {.input = data.train.example(), .seed = 1});
  for (const LayerSummary& layer : model.summary()) {
    std::printf("%s  %-14s %-8s %8d\n", layer.name.c_str(), layer.spec.c_str(),
                layer.output.text().c_str(), int(layer.parameters));
  }
  const History history = fit(model, data.train, data.test,
                              {.optimizer = "rmsprop:keras2,lr=1e-3,decay=1e-6",
                               .epochs = directory ? 20 : 5,
                               .batch = 128,
                               .seed = 1,
                               .callbacks = {{.on_epoch = print}}});
  return history.epochs.back().test.accuracy;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc > 1 ? argv[1] : nullptr) > 0.9 ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
