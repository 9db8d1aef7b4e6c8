// The grammar of optimizers, NAME[:DIALECT][,option=value...]: one place for every command, file
// and call.
#pragma once
#include <string>
#include <string_view>

#include "ravine/optimizer.h"

namespace ravine {

// `spec` with some plain options changed: "weight_decay=0,lr=1e-2", as a group has them.
// Throws UsageError: an unknown option (with the nearest name), a bad value, options that
// contradict each other.
OptimizerSpec changed(const OptimizerSpec& spec, std::string_view options);

// `spec` with the options rounded that its round_to_float32 names.
OptimizerSpec in_float32(const OptimizerSpec& spec);
std::string schedule_in_float32(std::string_view text);  // every number of a schedule

struct Dialect;
// What the dialect means where nothing is written, not even what must be.
OptimizerSpec dialect_defaults(const Dialect& dialect);

}  // namespace ravine
