// Help as text, from the listings of options.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ravine::cli {

struct Syntax;

std::string help_text(const Syntax& syntax, int width);
std::string program_help(int width);

// `text` in lines of at most `width` columns, each but the first behind `indent` blanks.
std::string wrapped(std::string_view text, int width, int indent);

// Two columns: names, and what is said of them; below each other where the screen is narrow.
using Entries = std::vector<std::pair<std::string, std::string>>;
std::string entries_text(const Entries& entries, int width);

}  // namespace ravine::cli
