// How options describe themselves. Every struct of options lists each of its members once:
//
//   struct RmsProp {
//     double alpha = 0.9;
//     template <class F> void options(F f) {
//       f(Option{"alpha", "decay of the running averages", kBelowOne}, alpha);
//     }
//   };
//
// The command line, the TOML file, the help, the docs and the checks all visit that one listing.
#pragma once
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ravine {

// The numbers that an option takes. NaN is never among them.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = false, high_open = false;  // whether the bound itself is left out
  bool infinite = false;                     // whether an infinite value is accepted
};

inline constexpr Range kAny{};
inline constexpr Range kPositive{.low = 0, .low_open = true};
inline constexpr Range kNotNegative{.low = 0};
inline constexpr Range kUnit{.low = 0, .high = 1};                         // [0, 1]
inline constexpr Range kBelowOne{.low = 0, .high = 1, .high_open = true};  // [0, 1)

struct Option {
  const char* name;
  const char* help;               // one line, with unit; the default is printed beside it
  Range range = kAny;             // of a number
  const char* choices = nullptr;  // of a text: "ignore|skip"; nullptr takes any
  const char* advice = nullptr;   // ends the message on a bad value: "0.9 to 0.99 is usual"
};

// An option and where its value lives. The value's type is the option's.
struct OptionRef {
  Option option;
  std::variant<bool*, int64_t*, double*, std::string*> value;
};

// An option as help and docs print it.
struct OptionHelp {
  std::string name, default_value, range, help;
};

// The options of `owner`, in their order. They point into `owner`.
template <class T>
std::vector<OptionRef> list_options(T& owner) {
  std::vector<OptionRef> list;
  owner.options([&](const Option& option, auto& value) { list.push_back({option, &value}); });
  return list;
}

// Sets the option `name` of `options` from `text`, checked. `owner` begins the message: "rmsprop".
// Throws UsageError: an unknown name (with the nearest one), not a value of its type, out of range.
void set_option(std::string_view owner, std::span<const OptionRef> options, std::string_view name,
                std::string_view text);

// Throws UsageError if a value is outside of its option's range or choices.
void check_options(std::string_view owner, std::span<const OptionRef> options);

// False for a whole number below its range, which stands for "not given".
bool is_given(const OptionRef& option);
std::string value_text(const OptionRef& option);  // "0.001", "true", "skip"
std::string range_text(const Range& range);       // "in [0, 1)", "> 0", "a finite number"
std::string takes_text(const OptionRef& option);  // that, "true or false", "ignore or skip", "text"
const OptionRef* find_option(std::span<const OptionRef> options, std::string_view name);

// "; did you mean 'alpha'?", or "" when no candidate is near `name`.
std::string suggestion(std::string_view name, std::span<const std::string> candidates);

}  // namespace ravine
