// What differs between the dialects of RMSprop: for help and docs.
#pragma once
#include <string>
#include <vector>

namespace ravine {

// The heading, plain rmsprop, and a row for each dialect.
std::vector<std::vector<std::string>> rmsprop_differences();

}  // namespace ravine
