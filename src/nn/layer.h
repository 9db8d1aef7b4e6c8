// What a layer is. Each is one small file, and one line in the list of layers.cc.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nn/initializer.h"
#include "ravine/nn.h"
#include "ravine/ops.h"
#include "ravine/option.h"

namespace ravine {

// A parameter that a layer asks for.
struct ParameterPlan {
  std::string name;  // in its layer: "weight"
  Shape shape;
  Initializer initializer;
  int64_t fan_in = 1, fan_out = 1;
  bool penalized = false;  // whether l1 and l2 hold for it
};

// What a layer's forward is given beside its input.
struct LayerCall {
  std::span<const Tensor> parameters;  // in the order of Layer::parameters
  const Pass& pass;
  size_t index;  // of the layer in its model
};

// A layer has static members kName, kHelp and kPositional (how many of its options are given by
// place), lists its options, and is otherwise a function.
class Layer {
 public:
  virtual ~Layer() = default;
  virtual std::vector<OptionRef> options() { return {}; }
  // After the options are set: checks what they cannot check one by one. `owner` begins messages.
  virtual void settle(std::string_view /*owner*/) {}
  virtual Shape output(const Shape& input) const { return input; }  // shapes of one example
  virtual std::vector<ParameterPlan> parameters(const Shape& /*input*/) const { return {}; }
  virtual Tensor forward(const Tensor& x, const LayerCall& call) const = 0;
};

// What a layer is called, and how to make one.
struct LayerKind {
  const char* name;
  const char* help;
  size_t positional;
  std::unique_ptr<Layer> (*make)();
};
std::span<const LayerKind> layer_kinds();

}  // namespace ravine
