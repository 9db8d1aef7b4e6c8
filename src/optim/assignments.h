// Lists of options as text: "lr=1e-3, schedule=cosine(total=10000,warmup=500)".
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "ravine/option.h"

namespace ravine {

// One `name=value`, both trimmed. They point into the text.
struct Assignment {
  std::string_view name, value;
};

// Cuts at commas outside of parentheses; the last one may be followed by nothing. `owner` begins
// the message: "rmsprop". Throws UsageError: parentheses that do not pair, an empty entry, one
// without name or `=`, a name given twice.
std::vector<Assignment> parse_assignments(std::string_view owner, std::string_view text);

// "a=1,b=true" of the options whose value differs from that in `defaults`, the same options in the
// same order; of all of them if `all`.
std::string assignments_text(std::span<const OptionRef> options,
                             std::span<const OptionRef> defaults, bool all = false);

// The present values are the defaults; one that is out of range is none, and must be given.
std::vector<OptionHelp> options_help(std::span<const OptionRef> options);

}  // namespace ravine
