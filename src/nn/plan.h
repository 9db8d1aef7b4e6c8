// A model before it has memory: which layers, which shapes, how many bytes.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nn/layer.h"

namespace ravine {

struct PlannedLayer {
  std::string spec;  // "dense(128)"
  std::unique_ptr<Layer> layer;
  Shape output;                           // of one example
  std::vector<ParameterPlan> parameters;  // their sizes may exceed any memory
};

struct ModelPlan {
  std::string spec;  // as effective; parses to the same model
  std::vector<PlannedLayer> layers;
  bool output_added = false;
  const Shape& output() const { return layers.back().output; }
};

// Reads the grammar, expands presets, adds the output layer where it is missing and drops the last
// softmax. Throws UsageError.
ModelPlan plan_model(std::string_view spec, const ModelOptions& options);

// In double, where products of any shapes fit.
double parameter_count(const ModelPlan& plan);
double bytes_of(const ModelPlan& plan, const ModelOptions& options, int64_t batch, int64_t slots);

}  // namespace ravine
