#include "data/field.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdint>

#include "base/text.h"

namespace ravine {
namespace {

bool is_missing(std::string_view field) {
  switch (field.size()) {
    case 0:
      return true;
    case 1:
      return field[0] == '?';
    case 2:
      return field == "NA";
    case 3:
      return field == "NaN" || field == "nan";
    default:
      return false;
  }
}

// What from_chars() calls out of range: too small is zero, too large is infinite.
float far_number(std::string_view field) {
  const auto wide = parse_double(field);
  if (wide) return float(*wide);
  return field.find("e-") != field.npos || field.find("E-") != field.npos ? 0.0f : INFINITY;
}

}  // namespace

FieldKind read_field(std::string_view field, float& number) {
  if (is_missing(field)) return FieldKind::kMissing;
  std::string_view digits = field;
  if (digits[0] == '+' && digits.size() > 1 && digits[1] != '-') digits.remove_prefix(1);
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number);
  if (error == std::errc::invalid_argument || stop != end) return FieldKind::kText;
  if (error == std::errc::result_out_of_range) number = far_number(digits);
  return std::isfinite(number) ? FieldKind::kNumber : FieldKind::kNotFinite;
}

bool has_decimal_comma(std::string_view field) {
  const size_t comma = field.find(',');
  if (comma == field.npos || field.find(',', comma + 1) != field.npos) return false;
  std::string text;
  for (const char c : field) {
    if (c != '.') text += c == ',' ? '.' : c;
  }
  return parse_double(text).has_value();
}

std::string value_name(float number) { return fmt::format("{}", number == 0 ? 0.0f : number); }

std::string value_name(std::string_view field) {
  float number;
  return read_field(field, number) == FieldKind::kNumber ? value_name(number) : std::string(field);
}

bool value_less(std::string_view a, std::string_view b) {
  float x, y;
  const bool a_number = read_field(a, x) == FieldKind::kNumber;
  const bool b_number = read_field(b, y) == FieldKind::kNumber;
  if (a_number && b_number && x != y) return x < y;
  if (a_number != b_number) return a_number;
  return a < b;
}

bool is_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const uint8_t c = uint8_t(text[i++]);
    if (c < 0x80) continue;
    const int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    if (c < 0xc2 || c > 0xf4 || i + size_t(more) > text.size()) return false;
    const uint8_t next = uint8_t(text[i]);
    if ((c == 0xe0 && next < 0xa0) || (c == 0xed && next > 0x9f) || (c == 0xf0 && next < 0x90) ||
        (c == 0xf4 && next > 0x8f)) {
      return false;
    }
    for (int k = 0; k < more; ++k) {
      if ((uint8_t(text[i++]) & 0xc0) != 0x80) return false;
    }
  }
  return true;
}

}  // namespace ravine
