#pragma once
#include "nn/layer.h"

namespace ravine {

struct Flatten : Layer {
  static constexpr const char* kName = "flatten";
  static constexpr const char* kHelp = "each example as one vector";
  static constexpr size_t kPositional = 0;

  Shape output(const Shape& input) const override { return {input.size()}; }

  Tensor forward(const Tensor& x, const LayerCall&) const override {
    return x.reshape({x.shape()[0], x.shape()[0] == 0 ? 0 : x.size() / x.shape()[0]});
  }
};

}  // namespace ravine
