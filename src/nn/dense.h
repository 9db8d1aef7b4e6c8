#pragma once
#include "nn/layer.h"
#include "ravine/option.h"

namespace ravine {

// x W^T + b, of each example as one vector. W [units, in], b [units].
struct Dense : Layer {
  static constexpr const char* kName = "dense";
  static constexpr const char* kHelp = "every output from every input: x W^T + b";
  static constexpr size_t kPositional = 1;

  int64_t units = 0;
  std::string init = "glorot_uniform";
  bool bias = true;

  std::vector<OptionRef> options() override {
    return {{{.name = "units", .help = "number of outputs", .range = {.low = 1}}, &units},
            {{.name = "init", .help = "initialiser of the weight; the bias begins at 0"}, &init},
            {{.name = "bias", .help = "whether to add b"}, &bias}};
  }

  void settle(std::string_view owner) override {
    check_options(owner, options());
    init = parse_initializer(owner, init).text();
  }

  Shape output(const Shape&) const override { return {units}; }

  std::vector<ParameterPlan> parameters(const Shape& input) const override {
    const int64_t inputs = input.size();
    std::vector<ParameterPlan> list{
        {"weight", {units, inputs}, parse_initializer(kName, init), inputs, units, true}};
    if (bias)
      list.push_back({"bias", {units}, parse_initializer(kName, "constant(0)"), inputs, units});
    return list;
  }

  Tensor forward(const Tensor& x, const LayerCall& call) const override {
    return linear(x, call.parameters[0], bias ? call.parameters[1] : Tensor());
  }
};

}  // namespace ravine
