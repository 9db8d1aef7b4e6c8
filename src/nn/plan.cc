#include "nn/plan.h"

#include <fmt/format.h>

#include "base/text.h"
#include "nn/call.h"
#include "ravine/error.h"

namespace ravine {
namespace {

struct Preset {
  const char* name;
  const char* spec;  // before the output layer
};

constexpr Preset kPresets[] = {{"softmax", ""}, {"mlp", "dense(128) relu dropout(0.2)"}};

const Preset* find_preset(std::string_view name) {
  for (const Preset& preset : kPresets) {
    if (name == preset.name) return &preset;
  }
  return nullptr;
}

// The layers as called for, with a preset's in its place.
std::vector<Call> expanded_calls(std::string_view spec, const ModelOptions& options) {
  std::vector<Call> calls = parse_calls("model", spec);
  if (calls.empty()) {
    throw UsageError("model: no layers; 'dense(128) relu dropout(0.2)' or 'mlp', for example");
  }
  if (calls.size() > 1 || !calls[0].arguments.empty()) return calls;
  const Preset* const preset = find_preset(calls[0].name);
  if (preset == nullptr) return calls;
  if (options.outputs == 0) {
    throw UsageError(fmt::format("model: '{}' alone is a preset, which needs a number of outputs",
                                 preset->name));
  }
  return parse_calls("model", preset->spec);
}

const LayerKind& find_kind(size_t index, std::string_view name) {
  std::vector<std::string> names;
  for (const LayerKind& kind : layer_kinds()) {
    if (name == kind.name) return kind;
    names.emplace_back(kind.name);
  }
  if (find_preset(name) != nullptr) {
    throw UsageError(
        fmt::format("model: layer {}: '{}' is a preset, which stands alone", index, name));
  }
  throw UsageError(fmt::format("model: layer {}: no layer '{}'{} (there are {})", index, name,
                               suggestion(name, names), join(names, ", ")));
}

PlannedLayer plan_layer(size_t index, const Call& call, const Shape& input) {
  const LayerKind& kind = find_kind(index, call.name);
  const std::string owner = fmt::format("model: layer {} ({})", index, kind.name);
  PlannedLayer planned{"", kind.make(), {}, {}};
  Layer& layer = *planned.layer;
  set_arguments(owner, layer.options(), call);
  layer.settle(owner);
  planned.spec = call_text(kind.name, layer.options(), kind.make()->options(), kind.positional);
  planned.output = layer.output(input);
  planned.parameters = layer.parameters(input);
  return planned;
}

// Whether layers [0, end) end in the output: a dense of that width.
bool ends_in_output(const std::vector<Call>& calls, const std::vector<PlannedLayer>& layers,
                    size_t end, int64_t outputs) {
  return end > 0 && calls[end - 1].name == "dense" && layers[end - 1].output == Shape{outputs};
}

void check_input(const ModelOptions& options) {
  bool positive = options.input.rank() > 0 && options.input.rank() < Shape::kMaxRank;
  for (const int64_t dim : options.input) positive = positive && dim > 0;
  if (!positive) {
    throw UsageError(fmt::format("model: input must be 1 to {} dimensions of at least 1, got {}",
                                 Shape::kMaxRank - 1, options.input.text()));
  }
  if (options.outputs < 0) {
    throw UsageError(fmt::format("model: outputs must be >= 0, got {}", options.outputs));
  }
  if (options.dtype == DType::kInt32) {
    throw UsageError("model: dtype must be float32 or float64, got int32");
  }
}

}  // namespace

ModelPlan plan_model(std::string_view spec, const ModelOptions& options) {
  check_input(options);
  std::vector<Call> calls = expanded_calls(spec, options);
  ModelPlan plan;
  const auto append = [&](const Call& call) {
    const Shape& input = plan.layers.empty() ? options.input : plan.output();
    plan.layers.push_back(plan_layer(plan.layers.size(), call, input));
  };
  for (const Call& call : calls) append(call);

  size_t end = calls.size();  // without softmax at the end
  while (end > 0 && calls[end - 1].name == "softmax") --end;
  const bool complete =
      options.outputs == 0 || ends_in_output(calls, plan.layers, end, options.outputs);
  if (complete) {
    if (end == 0)
      throw UsageError("model: softmax alone has nothing to train; put dense before it");
    plan.layers.resize(end);
  } else {
    plan.output_added = true;
    append({"dense", {{"units", fmt::format("{}", options.outputs)}}});
  }
  std::vector<std::string> specs;
  for (const PlannedLayer& layer : plan.layers) specs.push_back(layer.spec);
  plan.spec = join(specs, " ");
  return plan;
}

namespace {

double elements(const Shape& shape) {
  double product = 1;
  for (const int64_t dim : shape) product *= double(dim);
  return product;
}

}  // namespace

double parameter_count(const ModelPlan& plan) {
  double count = 0;
  for (const PlannedLayer& layer : plan.layers) {
    for (const ParameterPlan& parameter : layer.parameters) count += elements(parameter.shape);
  }
  return count;
}

double bytes_of(const ModelPlan& plan, const ModelOptions& options, int64_t batch, int64_t slots) {
  double per_example = elements(options.input);
  for (const PlannedLayer& layer : plan.layers) per_example += 2 * elements(layer.output);
  const double size = double(size_of(options.dtype));
  return size * ((2 + double(slots)) * parameter_count(plan) + double(batch) * per_example);
}

}  // namespace ravine
