// A run without its folder: for those who keep its results themselves.
#pragma once
#include "ravine/run.h"

namespace ravine {

// What a config means on its data, checked, with nothing trained yet.
struct ReadyRun {
  TrainConfig config;  // as effective: presets and dialects resolved
  Split parts;         // of the training data
  Model model;
  FitOptions fitting;
};

// Throws UsageError where an option is wrong, does not suit the data, or needs more memory than
// there is.
ReadyRun ready_run(const TrainConfig& config, const TrainTest& data);

}  // namespace ravine
