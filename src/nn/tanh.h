#pragma once
#include "nn/layer.h"

namespace ravine {

struct Tanh : Layer {
  static constexpr const char* kName = "tanh";
  static constexpr const char* kHelp = "hyperbolic tangent";
  static constexpr size_t kPositional = 0;

  Tensor forward(const Tensor& x, const LayerCall&) const override { return ravine::tanh(x); }
};

}  // namespace ravine
