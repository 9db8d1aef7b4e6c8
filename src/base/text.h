// Numbers and names as text, the same in every locale.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ravine/option.h"  // suggestion()

namespace ravine {

std::optional<double> parse_double(std::string_view text);  // all of `text`, else nothing
std::optional<int64_t> parse_int(std::string_view text);
std::string to_text(double value);  // the shortest that reads back as the same number: "0.001"

std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text,
                                    char separator);  // "" gives one empty part
std::string join(std::span<const std::string> parts, std::string_view separator);

// The candidate that was probably meant, or "" when none is near.
std::string nearest(std::string_view name, std::span<const std::string> candidates);

// Whether `name` matches `pattern`, in which * stands for any text and ? for any one character.
bool matches(std::string_view pattern, std::string_view name);

}  // namespace ravine
