#pragma once
#include "nn/layer.h"

namespace ravine {

struct Sigmoid : Layer {
  static constexpr const char* kName = "sigmoid";
  static constexpr const char* kHelp = "1 / (1 + e^-x)";
  static constexpr size_t kPositional = 0;

  Tensor forward(const Tensor& x, const LayerCall&) const override { return ravine::sigmoid(x); }
};

}  // namespace ravine
