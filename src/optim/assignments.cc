#include "optim/assignments.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "ravine/error.h"

namespace ravine {
namespace {

std::vector<std::string_view> split_outside_parentheses(std::string_view owner,
                                                        std::string_view text) {
  std::vector<std::string_view> parts;
  int depth = 0;
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    depth += (text[i] == '(') - (text[i] == ')');
    if (depth < 0) break;
    if (text[i] == ',' && depth == 0) parts.push_back(text.substr(begin, i - begin)), begin = i + 1;
  }
  if (depth != 0) {
    throw UsageError(fmt::format("{}: the parentheses in '{}' do not pair", owner, text));
  }
  if (!trim(text.substr(begin)).empty()) parts.push_back(text.substr(begin));
  return parts;
}

Assignment parse_assignment(std::string_view owner, std::string_view part) {
  const std::string_view entry = trim(part);
  if (entry.empty()) {
    throw UsageError(fmt::format("{}: an empty option between commas; remove the comma", owner));
  }
  const size_t equals = entry.find('=');
  if (equals == entry.npos || equals == 0) {
    throw UsageError(fmt::format("{}: options are written name=value, got '{}'", owner, entry));
  }
  return {trim(entry.substr(0, equals)), trim(entry.substr(equals + 1))};
}

// False for an option whose default is none, so that it must be given.
bool takes_its_value(const OptionRef& ref) {
  try {
    check_options("", std::span(&ref, 1));
  } catch (const UsageError&) {
    return false;
  }
  return true;
}

}  // namespace

std::vector<Assignment> parse_assignments(std::string_view owner, std::string_view text) {
  std::vector<Assignment> list;
  for (const std::string_view part : split_outside_parentheses(owner, text)) {
    const Assignment assignment = parse_assignment(owner, part);
    for (const Assignment& before : list) {
      if (before.name == assignment.name) {
        throw UsageError(fmt::format("{}: {} is given twice, as {} and as {}; keep one", owner,
                                     before.name, before.value, assignment.value));
      }
    }
    list.push_back(assignment);
  }
  return list;
}

std::string assignments_text(std::span<const OptionRef> options,
                             std::span<const OptionRef> defaults, bool all) {
  std::string text;
  for (size_t i = 0; i < options.size(); ++i) {
    const std::string value = value_text(options[i]);
    if (!all && value == value_text(defaults[i])) continue;
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", options[i].option.name, value);
  }
  return text;
}

std::vector<OptionHelp> options_help(std::span<const OptionRef> options) {
  std::vector<OptionHelp> lines;
  for (const OptionRef& ref : options) {
    OptionHelp& line = lines.emplace_back(
        OptionHelp{ref.option.name, value_text(ref), takes_text(ref), ref.option.help});
    if (!takes_its_value(ref)) line.default_value = "", line.range += "; must be given";
  }
  return lines;
}

}  // namespace ravine
