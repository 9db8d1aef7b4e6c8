// The grammar that layers and initialisers share: NAME or NAME(argument, ...), one after another.
//   dense(128, init=uniform(-0.1, 0.1)) relu dropout(0.2)
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ravine/option.h"

namespace ravine {

struct Argument {
  std::string name;  // empty: positional
  std::string value;
};

struct Call {
  std::string name;
  std::vector<Argument> arguments;
};

// The calls of `text`, between which stand spaces or commas. Throws UsageError with the character
// at which the text stops making sense; `owner` begins the message.
std::vector<Call> parse_calls(std::string_view owner, std::string_view text);

// Sets `options` from the arguments: positional ones in the order of the listing, then named ones.
// Throws UsageError: unknown, given twice, too many, or a bad value.
void set_arguments(std::string_view owner, std::span<const OptionRef> options, const Call& call);

// The text that parses to these options: the first `positional` by place, the others by name where
// they differ from `defaults`.
std::string call_text(std::string_view name, std::span<const OptionRef> options,
                      std::span<const OptionRef> defaults, size_t positional);

}  // namespace ravine
