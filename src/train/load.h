// The data of a config.
#pragma once
#include <string>

#include "ravine/run.h"

namespace ravine {

bool is_table(const std::string& data);  // a path, not the name of a data set
const char* task_of(const Preparation& preparation);

}  // namespace ravine
