// The list of rules.
#pragma once
#include <memory>
#include <span>
#include <string_view>

#include "ravine/rule.h"

namespace ravine {

// Every built-in rule with its default options, in the order of help.
std::span<const Rule* const> rules();

// The built-in rule of that name, or nullptr.
const Rule* find_rule(std::string_view name);

}  // namespace ravine
