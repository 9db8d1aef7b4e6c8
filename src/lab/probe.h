// What is measured in one update of a training.
#pragma once
#include <cstddef>
#include <vector>

#include "ravine/diagnosis.h"
#include "ravine/train.h"

namespace ravine::lab {

// Measures an update when it is told of it before and after. Nothing that it reads is changed, and
// what it gives does not depend on the number of threads.
class Prober {
 public:
  // `examples` [n, input...]: what the activations are of.
  explicit Prober(Tensor examples) : examples_(std::move(examples)) {}
  void before(const UpdateEvent& event);
  Probe after(const UpdateEvent& event);

 private:
  void measure_gradients(const std::vector<Parameter>& parameters);
  void measure_rates(const UpdateEvent& event, const std::vector<Parameter>& parameters);
  void measure_outputs(const Model& model);

  Tensor examples_;
  Probe probe_;
  std::vector<LayerSummary> layers_;
  std::vector<std::vector<std::byte>> values_;  // of the parameters before the update
};

size_t layer_of(const Parameter& parameter);  // "3.weight": 3

}  // namespace ravine::lab
