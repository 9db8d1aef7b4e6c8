// config.toml: the options of a run, a line each.
#include <fmt/format.h>
// It is only read, and its numbers by from_chars: no stream, no locale.
#define TOML_ENABLE_FORMATTERS 0
#define TOML_FLOAT_CHARCONV 1
#include <toml++/toml.h>

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "ravine/error.h"
#include "ravine/option.h"
#include "ravine/run.h"
#include "ravine/runtime.h"

namespace ravine {
namespace {

// A basic string of TOML.
std::string toml_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      result += {'\\', c};
    else if (uint8_t(c) < 0x20 || c == 0x7f)
      result += fmt::format("\\u{:04X}", uint8_t(c));
    else
      result += c;
  }
  result += '"';
  return result;
}

toml::table parse(std::string_view text, const std::string& name) {
  try {
    return toml::parse(text, std::string_view(name));
  } catch (const toml::parse_error& e) {
    throw UsageError(fmt::format("{}:{}: {}", name, e.source().begin.line, e.description()));
  }
}

std::string toml_line(const OptionRef& option) {
  const std::string text = value_text(option);
  const bool quoted = std::holds_alternative<std::string*>(option.value);
  std::string line =
      fmt::format("{} = {}\n", option.option.name, quoted ? toml_string(text) : text);
  try {
    (void)toml::parse(std::string_view(line));
  } catch (const toml::parse_error&) {
    throw UsageError(fmt::format("train: {} must be UTF-8 text", option.option.name));
  }
  return line;
}

// The text that set_option() takes. Throws UsageError if TOML's type is not the option's.
std::string node_text(const std::string& where, const OptionRef& option, const toml::node& node) {
  const auto wrong = [&](const char* must) {
    return UsageError(fmt::format("{}: {} must be {}, not {}", where, option.option.name, must,
                                  node.type() == toml::node_type::string ? "a text in quotes"
                                  : node.is_table()                      ? "a table"
                                  : node.is_array()                      ? "a list"
                                  : node.is_boolean()                    ? "true or false"
                                                                         : "that number or date"));
  };
  if (std::holds_alternative<std::string*>(option.value)) {
    if (!node.is_string()) throw wrong("a text in quotes");
    return node.as_string()->get();
  }
  if (std::holds_alternative<bool*>(option.value)) {
    if (!node.is_boolean()) throw wrong("true or false");
    return node.as_boolean()->get() ? "true" : "false";
  }
  if (node.is_integer()) return fmt::format("{}", node.as_integer()->get());
  if (!std::holds_alternative<double*>(option.value)) throw wrong("a whole number");
  if (!node.is_floating_point()) throw wrong("a number");
  return to_text(node.as_floating_point()->get());
}

// Sets what the file says; tells of each name.
template <class F>
void read_keys(const std::filesystem::path& file, std::span<const OptionRef> options,
               const F& seen) {
  const std::string name = path_text(file);
  const toml::table table = parse(read_file(file), name);
  for (const auto& [key, node] : table) {
    const std::string where = fmt::format("{}:{}", name, key.source().begin.line);
    const OptionRef* option = find_option(options, key.str());
    // An unknown one is refused by set_option(), which knows the nearest.
    const std::string text = option ? node_text(where, *option, node) : "";
    set_option(where, options, key.str(), text);
    seen(key.str());
  }
}

}  // namespace

TrainConfig make_config(const std::filesystem::path& file, std::span<const Setting> settings) {
  TrainConfig config;
  const auto options = list_options(config);
  bool steps = false, epochs = false;
  const auto seen = [&](std::string_view name) {
    steps |= name == "steps", epochs |= name == "epochs";
  };
  if (!file.empty()) read_keys(file, options, seen);
  for (const Setting& setting : settings) {
    set_option("train", options, setting.name, setting.text);
    seen(setting.name);
  }
  if (steps && !epochs && config.steps > 0) config.epochs = 0;
  return config;
}

std::string config_toml(const TrainConfig& config) {
  TrainConfig copy = config;
  std::string text =
      fmt::format("# Ravine {}, {}: ravine train --config FILE runs it again.\n", version(), isa());
  for (const OptionRef& option : list_options(copy)) {
    if (is_given(option)) text += toml_line(option);
  }
  return text;
}

}  // namespace ravine
