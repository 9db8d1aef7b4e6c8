// What a field of a table is: a number, nothing, or a text.
#pragma once
#include <string>
#include <string_view>

namespace ravine {

enum class FieldKind { kNumber, kMissing, kText, kNotFinite };

// Empty, NA, NaN, nan and ? are missing. A number is written with a decimal point, whatever the
// locale: "5", "-.5", "+1e-3". It is rounded to float once; kNotFinite: infinite, or too large.
FieldKind read_field(std::string_view field, float& number);

// "7,4", "1.234,5": a text that was meant as a number.
bool has_decimal_comma(std::string_view field);

// One text for each number, however it was written ("1", "1.0" and "+1" are "1"); any other text as
// it is: the name of a class or a category.
std::string value_name(std::string_view field);
std::string value_name(float number);
// Numbers by size, then texts by their bytes.
bool value_less(std::string_view a, std::string_view b);

bool is_utf8(std::string_view text);

}  // namespace ravine
