// A layer of a model as results.json and diagnosis.json hold it.
#pragma once
#include "base/json.h"
#include "ravine/nn.h"

namespace ravine {

Json json_of(const LayerSummary& layer);
LayerSummary layer_of(const Json& json);  // throws Error or Json::exception: it is none

}  // namespace ravine
