#include "command.h"

namespace ravine::cli {

std::span<const Command> commands() {
  static constexpr Command kCommands[] = {
      {"train", "train a model and write its run folder", run_train},
      {"compare", "optimizers with the same seeds, each tuned alike", run_compare},
      {"tune", "search the options of an optimizer, a model or a loader", run_tune},
      {"eval", "measure the model of a run folder on test data", run_eval},
      {"predict", "what a run's model says of each example of a file", run_predict},
      {"diagnose", "what ails a training, and what usually helps", run_diagnose},
      {"report", "a page or curves about one run or several", run_report},
      {"data", "list the data sets, fetch one, or describe a file", run_data},
      {"optimizers", "rules, their options and dialects", run_optimizers},
      {"trace", "the first steps of an optimizer, number by number", run_trace},
      {"landscape", "the paths of optimizers over a surface", run_landscape},
      {"replay", "repeat the recorded steps of another program's optimizer", run_replay},
      {"layers", "what a model is made of", run_layers},
  };
  return kCommands;
}

}  // namespace ravine::cli
