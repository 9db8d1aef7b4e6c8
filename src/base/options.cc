#include <fmt/format.h>

#include <cmath>

#include "base/text.h"
#include "ravine/error.h"
#include "ravine/option.h"

namespace ravine {
namespace {

[[noreturn]] void reject(std::string_view owner, const Option& option, std::string_view must,
                         std::string_view got) {
  throw UsageError(fmt::format("{}: {} must be {}, got {}{}", owner, option.name, must,
                               got.empty() ? "nothing" : got,
                               option.advice ? fmt::format("; {}", option.advice) : ""));
}

bool contains(const Range& range, double x) {
  if (std::isnan(x) || (std::isinf(x) && !range.infinite)) return false;
  return (range.low_open ? x > range.low : x >= range.low) &&
         (range.high_open ? x < range.high : x <= range.high);
}

bool is_choice(const char* choices, std::string_view text) {
  if (choices == nullptr) return true;
  for (const std::string_view choice : split(choices, '|')) {
    if (choice == text) return true;
  }
  return false;
}

std::string choices_text(const char* choices) {
  std::string text;
  for (const std::string_view choice : split(choices, '|')) {
    text += fmt::format("{}{}", text.empty() ? "" : " or ", choice);
  }
  return text;
}

std::string whole_text(Range range) {
  range.infinite = true;  // no whole number is infinite: not worth a word
  const std::string bounds = range_text(range);
  return bounds == "a number" ? "a whole number" : "a whole number " + bounds;
}

bool is_allowed(const OptionRef& ref) {
  const Option& option = ref.option;
  if (const auto* number = std::get_if<double*>(&ref.value)) {
    return contains(option.range, **number);
  }
  if (const auto* whole = std::get_if<int64_t*>(&ref.value)) {
    return contains(option.range, double(**whole));
  }
  const auto* text = std::get_if<std::string*>(&ref.value);
  return text == nullptr || is_choice(option.choices, **text);
}

void check_option(std::string_view owner, const OptionRef& ref) {
  if (!is_allowed(ref)) reject(owner, ref.option, takes_text(ref), value_text(ref));
}

}  // namespace

std::string range_text(const Range& range) {
  const bool low = std::isfinite(range.low), high = std::isfinite(range.high);
  if (low && high) {
    return fmt::format("in {}{}, {}{}", range.low_open ? '(' : '[', range.low, range.high,
                       range.high_open ? ')' : ']');
  }
  const std::string finite = range.infinite ? "" : " and finite";
  if (low) return fmt::format("{} {}{}", range.low_open ? ">" : ">=", range.low, finite);
  if (high) return fmt::format("{} {}{}", range.high_open ? "<" : "<=", range.high, finite);
  return range.infinite ? "a number" : "a finite number";
}

std::string takes_text(const OptionRef& option) {
  if (std::holds_alternative<bool*>(option.value)) return "true or false";
  if (std::holds_alternative<double*>(option.value)) return range_text(option.option.range);
  if (std::holds_alternative<int64_t*>(option.value)) return whole_text(option.option.range);
  return option.option.choices ? choices_text(option.option.choices) : "text";
}

bool is_given(const OptionRef& option) {
  const auto* whole = std::get_if<int64_t*>(&option.value);
  return whole == nullptr || double(**whole) >= option.option.range.low;
}

std::string value_text(const OptionRef& option) {
  return std::visit(
      [](auto* value) -> std::string {
        using T = std::remove_pointer_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::string>)
          return *value;
        else
          return fmt::format("{}", *value);
      },
      option.value);
}

const OptionRef* find_option(std::span<const OptionRef> options, std::string_view name) {
  for (const OptionRef& option : options) {
    if (name == option.option.name) return &option;
  }
  return nullptr;
}

void check_options(std::string_view owner, std::span<const OptionRef> options) {
  for (const OptionRef& option : options) check_option(owner, option);
}

void set_option(std::string_view owner, std::span<const OptionRef> options, std::string_view name,
                std::string_view text) {
  const OptionRef* ref = find_option(options, name);
  if (ref == nullptr) {
    std::vector<std::string> names;
    for (const OptionRef& option : options) names.emplace_back(option.option.name);
    throw UsageError(fmt::format("{}: no option '{}'{} (it has {})", owner, name,
                                 suggestion(name, names), join(names, ", ")));
  }
  const Option& option = ref->option;
  if (auto* flag = std::get_if<bool*>(&ref->value)) {
    if (text == "true" || text == "1")
      **flag = true;
    else if (text == "false" || text == "0")
      **flag = false;
    else
      reject(owner, option, takes_text(*ref), text);
  } else if (auto* whole = std::get_if<int64_t*>(&ref->value)) {
    const auto value = parse_int(text);
    if (!value) reject(owner, option, takes_text(*ref), text);
    **whole = *value;
  } else if (auto* number = std::get_if<double*>(&ref->value)) {
    const auto value = parse_double(text);
    if (!value) reject(owner, option, takes_text(*ref), text);
    **number = *value;
  } else {
    *std::get<std::string*>(ref->value) = text;
  }
  check_option(owner, *ref);
}

}  // namespace ravine
