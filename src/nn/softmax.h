#pragma once
#include "nn/layer.h"

namespace ravine {

struct Softmax : Layer {
  static constexpr const char* kName = "softmax";
  static constexpr const char* kHelp = "probabilities e^x / sum e^x, over the last dimension";
  static constexpr size_t kPositional = 0;

  Tensor forward(const Tensor& x, const LayerCall&) const override { return ravine::softmax(x); }
};

}  // namespace ravine
