// Losses by name.
#pragma once
#include <span>
#include <string_view>

#include "ravine/data.h"
#include "ravine/tensor.h"

namespace ravine {

struct Loss {
  const char* name;
  const char* help;
  bool labels_only;  // takes labels as they are, and no targets; else labels become one-hot targets
  Tensor (*mean)(const Tensor& outputs, const Tensor& y);  // over the examples
  Tensor (*prediction)(const Tensor& outputs);             // what a target is compared with
  bool probabilities;  // whether a prediction is one, or one for each class
};

std::span<const Loss> losses();

// `auto` is the first that suits the data. Throws UsageError: an unknown name, or a loss of labels
// on data that have none.
const Loss& find_loss(std::string_view name, bool labels);
const Loss& find_loss(std::string_view name, const Dataset& data);

Tensor mean_loss(const Loss& loss, const Tensor& outputs, const Tensor& y);

}  // namespace ravine
