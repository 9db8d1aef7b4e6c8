#pragma once
#include "nn/layer.h"

namespace ravine {

struct Relu : Layer {
  static constexpr const char* kName = "relu";
  static constexpr const char* kHelp = "max(x, 0)";
  static constexpr size_t kPositional = 0;

  Tensor forward(const Tensor& x, const LayerCall&) const override { return ravine::relu(x); }
};

}  // namespace ravine
