// A run from its data to its folder: this takes in every layer of the library.
#include <cstdio>

#include "ravine/ravine.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const ravine::RunResult run = ravine::run_training({.model = "dense(16) relu", .steps = 20},
                                                     {.out = argv[1], .force = true});
  std::printf("%s %s %.17g\n", ravine::version().c_str(), run.model.spec().c_str(),
              run.history.epochs.back().test.loss);
}
