#include "help.h"

#include <fmt/format.h>

#include <algorithm>

#include "command.h"
#include "parse.h"
#include "ravine/format.h"

namespace ravine::cli {
namespace {

std::string placeholder(const OptionRef& ref) {
  if (std::holds_alternative<bool*>(ref.value)) return "";
  if (std::holds_alternative<int64_t*>(ref.value)) return " N";
  if (std::holds_alternative<double*>(ref.value)) return " X";
  return std::string_view(ref.option.name).ends_with("dir") ? " DIR" : " TEXT";
}

// "default 0, >= 0", or nothing.
std::string default_and_range(const OptionRef& ref) {
  if (const auto* flag = std::get_if<bool*>(&ref.value)) {
    return **flag ? fmt::format(" (default; --no-{} turns it off)", flag_of(ref.option).substr(2))
                  : "";
  }
  std::string value = is_given(ref) ? value_text(ref) : "", range;
  if (!std::holds_alternative<std::string*>(ref.value)) {
    Range bounds = ref.option.range;
    bounds.infinite = true;  // that numbers are finite, or not negative, needs no word
    range = range_text(bounds);
    if (range == "a number" || range == ">= 0") range.clear();
  }
  if (value.empty() && range.empty()) return "";
  if (value.empty()) return fmt::format(" ({})", range);
  return fmt::format(" (default {}{}{})", value, range.empty() ? "" : "; ", range);
}

Entries entries_of(const Section& section) {
  Entries entries;
  for (const OptionRef& ref : section.options) {
    entries.emplace_back(flag_of(ref.option) + placeholder(ref),
                         ref.option.help + default_and_range(ref));
  }
  return entries;
}

}  // namespace

std::string entries_text(const Entries& entries, int width) {
  size_t widest = 0;
  for (const auto& [name, help] : entries) widest = std::max(widest, name.size());
  const bool narrow = width < int(widest) + 34;
  const int indent = narrow ? 6 : int(widest) + 4;
  std::string text;
  for (const auto& [name, help] : entries) {
    text += narrow ? fmt::format("  {}\n{:{}}", name, "", indent)
                   : fmt::format("  {:<{}}  ", name, widest);
    text += wrapped(help, width, indent) + '\n';
  }
  return text;
}

std::string help_text(const Syntax& syntax, int width) {
  width = std::min(width, 100);
  std::string usage = fmt::format("usage: ravine {}", syntax.name);
  Entries words;
  for (const Word& word : syntax.words) {
    usage += word.required ? fmt::format(" {}", word.name) : fmt::format(" [{}]", word.name);
    words.emplace_back(word.name, word.help);
  }
  std::string text = fmt::format("{} [options]\n\n{}\n", usage, wrapped(syntax.about, width, 0));
  if (!words.empty()) text += '\n' + entries_text(words, width);
  for (const Section& section : syntax.sections) {
    text += fmt::format("\n{}:\n{}", section.title, entries_text(entries_of(section), width));
  }
  if (!syntax.examples.empty()) text += fmt::format("\nexamples:\n{}", syntax.examples);
  return text;
}

std::string program_help(int width) {
  width = std::min(width, 100);
  Entries entries;
  for (const Command& command : commands()) entries.emplace_back(command.name, command.summary);
  return fmt::format(
      "usage: ravine COMMAND [options]\n\n{}\n\ncommands:\n{}\n"
      "`ravine COMMAND --help` lists a command's options; `ravine --version` says what this is.\n\n"
      "environment:\n{}\n"
      "exit code: 0 done, 1 failure, 2 wrong usage, 130 interrupted\n",
      wrapped("Ravine trains neural networks. `ravine train` alone trains a sensible network on "
              "handwritten digits that it draws itself.",
              width, 0),
      entries_text(entries, width),
      entries_text({{"RAVINE_DATA", "folder of data sets: its mnist/ holds the files of mnist"},
                    {"RAVINE_ISA", "instruction set to use, as --isa"},
                    {"XDG_CACHE_HOME", "fetched data sets lie in its ravine/; ~/.cache if not set"},
                    {"NO_COLOR", "no colours, if set"}},
                   width));
}

}  // namespace ravine::cli
