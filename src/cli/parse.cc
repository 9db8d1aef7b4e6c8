// The only file that includes CLI11, which takes seconds to compile.
#include "parse.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "help.h"
#include "ravine/error.h"

namespace ravine::cli {
namespace {

std::vector<OptionRef> options_of(const Syntax& syntax) {
  std::vector<OptionRef> all;
  for (const Section& section : syntax.sections) {
    all.insert(all.end(), section.options.begin(), section.options.end());
  }
  return all;
}

std::string hint(const Syntax& syntax) {
  return fmt::format("; see `ravine {} --help`", syntax.name);
}

void declare(CLI::App& app, const Syntax& syntax) {
  for (const Word& word : syntax.words) {
    std::visit([&](auto* value) { app.add_option(word.name, *value)->required(word.required); },
               word.value);
  }
  for (const OptionRef& ref : options_of(syntax)) {
    const std::string flag = flag_of(ref.option);
    if (std::holds_alternative<bool*>(ref.value)) {
      app.add_flag(fmt::format("{},!--no-{}", flag, flag.substr(2)));
    } else {
      app.add_option(flag)->expected(1);
    }
  }
  for (CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
}

[[noreturn]] void reject_extra(const Syntax& syntax, const std::string& extra) {
  const std::string given = extra.substr(0, extra.find('='));
  if (!given.starts_with('-')) {
    throw UsageError(
        fmt::format("{}: '{}' is one word too many{}", syntax.name, extra, hint(syntax)));
  }
  std::vector<std::string> flags = {"--help"};
  for (const OptionRef& ref : options_of(syntax)) flags.push_back(flag_of(ref.option));
  const std::string near = suggestion(given, flags);
  throw UsageError(
      fmt::format("{}: no option '{}'{}", syntax.name, given, near.empty() ? hint(syntax) : near));
}

// CLI11 gives an option whatever word comes next, even another option.
void check_value(const Syntax& syntax, const std::string& flag, const std::string& value) {
  if (value.empty()) throw UsageError(fmt::format("{}: {} needs a value", syntax.name, flag));
  const std::string next = value.substr(0, value.find('='));
  for (const OptionRef& ref : options_of(syntax)) {
    if (next == flag_of(ref.option) || next == "--help" || next == "--") {
      throw UsageError(
          fmt::format("{}: {} needs a value, got the option {}", syntax.name, flag, next));
    }
  }
}

std::vector<Setting> settings_of(const CLI::App& app, const Syntax& syntax) {
  std::vector<Setting> settings;
  for (const OptionRef& ref : options_of(syntax)) {
    const CLI::Option* option = app.get_option(flag_of(ref.option));
    if (option->empty()) continue;
    const std::string value = option->as<std::string>();
    check_value(syntax, flag_of(ref.option), value);
    settings.push_back({ref.option.name, value});
  }
  return settings;
}

}  // namespace

std::string flag_of(const Option& option) {
  std::string flag = fmt::format("--{}", option.name);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

std::optional<std::vector<Setting>> parse(Screen& screen, const Syntax& syntax,
                                          Arguments arguments) {
  CLI::App app;
  app.set_help_flag("-h,--help");
  declare(app, syntax);
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // CLI11 pops them
    app.parse(reversed);
    return settings_of(app, syntax);
  } catch (const CLI::CallForHelp&) {
    screen.text(help_text(syntax, screen.width()));
    return std::nullopt;
  } catch (const CLI::ExtrasError&) {
    reject_extra(syntax, app.remaining().front());
  } catch (const CLI::RequiredError&) {
    if (!app.remaining().empty()) reject_extra(syntax, app.remaining().front());
    for (const Word& word : syntax.words) {
      const bool empty = std::visit([](auto* value) { return value->empty(); }, word.value);
      if (word.required && empty) {
        throw UsageError(fmt::format("{}: {} is missing: {}{}", syntax.name, word.name, word.help,
                                     hint(syntax)));
      }
    }
    throw;
  } catch (const CLI::ParseError& error) {  // "--seed: 1 required TEXT missing"
    const std::string what = error.what();
    const size_t colon = what.find(':');
    if (!what.starts_with("--") || colon == what.npos) {
      throw UsageError(fmt::format("{}: {}", syntax.name, what));
    }
    throw UsageError(fmt::format("{}: {} needs a value", syntax.name, what.substr(0, colon)));
  }
}

std::vector<Setting> set_options(const Syntax& syntax, std::span<const OptionRef> options,
                                 const std::vector<Setting>& settings) {
  std::vector<Setting> others;
  for (const Setting& setting : settings) {
    if (find_option(options, setting.name) == nullptr) {
      others.push_back(setting);
    } else {
      set_option(syntax.name, options, setting.name, setting.text);
    }
  }
  return others;
}

}  // namespace ravine::cli
