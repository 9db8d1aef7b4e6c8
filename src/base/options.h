// Setting, checking and printing options by name.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "ravine/option.h"

namespace ravine {

// Sets the option `name` of `options` from `text`, checked. `owner` begins the message: "rmsprop".
// Throws UsageError: an unknown name (with the nearest one), not a value of its type, out of range.
void set_option(std::string_view owner, std::span<const OptionRef> options, std::string_view name,
                std::string_view text);

// Throws UsageError if a value is outside of its option's range or choices.
void check_options(std::string_view owner, std::span<const OptionRef> options);

std::string value_text(const OptionRef& option);  // "0.001", "true", "skip"
std::string range_text(const Range& range);       // "in [0, 1)", "> 0", "a number"
const OptionRef* find_option(std::span<const OptionRef> options, std::string_view name);

}  // namespace ravine
