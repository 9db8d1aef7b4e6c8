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

// Two columns: names, and what is said of them; below each other where the screen is narrow.
using Entries = std::vector<std::pair<std::string, std::string>>;
std::string entries_text(const Entries& entries, int width);

}  // namespace ravine::cli
