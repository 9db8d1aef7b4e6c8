// What a training looked like from inside, as plain values: what a run's diagnosis.json holds.
//
//   const Diagnosis seen = read_diagnosis("runs/first/diagnosis.json");
//   for (const Finding& finding : seen.findings) std::puts(finding.evidence.c_str());
//
// ravine/diagnose.h makes one.
#pragma once
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "ravine/nn.h"
#include "ravine/train.h"

namespace ravine {

// One layer at one update. NaN where it does not apply.
struct LayerProbe {
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  // Of layers with parameters, over all of these: Euclidean norms.
  double gradient = kNone;   // of the batch's gradient
  double parameter = kNone;  // of the parameters before the update
  double update = kNone;     // of what the update changed
  // The effective learning rate, lr over the root of the average: what an element's gradient is
  // times, momentum aside. The 5, 50 and 95 % points over the elements that have a gradient.
  double rate_low = kNone, rate = kNone, rate_high = kNone;
  double eps = kNone;  // share of these that would move more than twice as far without eps
  // Of the layer's outputs, over examples and units, without dropout.
  double mean = kNone, deviation = kNone;
  double dead = kNone;       // relu: share of the units that are 0 for every example
  double saturated = kNone;  // sigmoid, tanh: share of the outputs next to a bound (by 1 %)

  double ratio() const { return update / parameter; }
};

struct Probe {
  int64_t epoch = 0, step = 0;      // from 1
  double loss = LayerProbe::kNone;  // of the batch, before the update
  std::vector<LayerProbe> layers;   // in the order of the model
};

// A named disease, with what shows it.
struct Finding {
  std::string name;      // "vanishing gradients"
  std::string evidence;  // with numbers
  std::string remedy;    // what usually helps
  std::string source;    // of the threshold: "Glorot & Bengio 2010"; may be empty
};

struct Diagnosis {
  int64_t every = 0;      // updates between the first probes; of a long training some are dropped
  int64_t examples = 0;   // that the activations are of
  bool repeated = false;  // measured when the run's first updates were repeated
  std::vector<LayerSummary> layers;
  std::vector<Probe> probes;
  std::vector<Finding> findings;  // empty: nothing was found
};

// As JSON, and back: what diagnosis.json holds. `name` begins the message.
// Throws Error: what is not a diagnosis, or of another format.
std::string diagnosis_json(const Diagnosis& diagnosis);
Diagnosis parse_diagnosis(std::string_view json, const std::string& name);
// Throws Error that names the file: it is missing or damaged.
Diagnosis read_diagnosis(const std::filesystem::path& file);

}  // namespace ravine
