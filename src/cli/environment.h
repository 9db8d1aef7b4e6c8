// What the program takes from its environment; the library looks at none of it.
#pragma once
#include <string>

#include "ravine/data.h"

namespace ravine::cli {

std::string environment(const char* name);  // "" if not set
bool locale_is_utf8();
DataOptions data_places();  // RAVINE_DATA, and the cache folder

}  // namespace ravine::cli
