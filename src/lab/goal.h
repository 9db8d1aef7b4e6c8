// A goal on the held-out examples, and when a run reaches it.
#pragma once
#include <string>

#include "ravine/lab.h"

namespace ravine::lab {

struct Goal {
  std::string metric;  // "accuracy" or "loss"; empty: none
  double value = 0;
};

// "accuracy=0.97". Throws UsageError.
Goal parse_goal(const std::string& text, const Dataset& train);

// After which epoch a run is there first: steps and seconds of training up to its end.
struct Reached {
  bool ever = false;
  double steps = 0, seconds = 0;
};
Reached reached(const Goal& goal, const StudyRun& run);

}  // namespace ravine::lab
