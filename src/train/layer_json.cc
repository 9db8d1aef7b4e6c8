#include "train/layer_json.h"

namespace ravine {

Json json_of(const LayerSummary& layer) {
  return {{"name", layer.name},
          {"layer", layer.spec},
          {"output", layer.output.vector()},
          {"parameters", layer.parameters}};
}

LayerSummary layer_of(const Json& json) {
  const std::vector<int64_t> output = json.at("output");
  check_json(output.size() <= Shape::kMaxRank, "a layer's output has too many dimensions");
  return {json.at("name"), json.at("layer"), Shape(std::span(output)), json.at("parameters")};
}

}  // namespace ravine
