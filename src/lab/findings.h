// The judge: what was measured in, findings out.
#pragma once
#include <string>
#include <vector>

#include "ravine/diagnosis.h"
#include "ravine/train.h"

namespace ravine::lab {

struct Case {
  std::vector<LayerSummary> layers;
  std::vector<Probe> probes;
  std::vector<EpochRecord> epochs;
  double start_loss = Scores::kNone;  // of the first batches
  std::string error;                  // why the training failed; empty: it did not
  // Of the training data:
  std::vector<double> input_sizes;       // root mean square of each input
  std::vector<std::string> input_names;  // may be empty
  std::vector<int64_t> class_counts;     // examples of each class; empty: regression
  std::vector<std::string> class_names;  // may be empty
};

// In the order of causes: what follows from a disease that was found is not told once more.
std::vector<Finding> judge(const Case& c);

double median(std::vector<double> values);  // without those that are NaN; NaN of none

}  // namespace ravine::lab
