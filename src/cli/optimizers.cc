// ravine optimizers: rules, their options, and what each dialect means.
#include <fmt/format.h>

#include "command.h"
#include "help.h"
#include "ravine/error.h"
#include "ravine/format.h"
#include "ravine/optimizer.h"
#include "ravine/schedule.h"
#include "table.h"

namespace ravine::cli {
namespace {

// What a range says beyond what is understood by itself.
std::string range_worth_saying(std::string range) {
  for (const char* obvious : {"true or false", "anything", "text", "a number", ">= 0 and finite"}) {
    if (range == obvious) return "";
  }
  constexpr std::string_view kFinite = " and finite";
  if (range.ends_with(kFinite)) range.resize(range.size() - kFinite.size());
  return range;
}

Entries lines_of(std::span<const RuleHelp::Line> lines) {
  Entries entries;
  for (const RuleHelp::Line& line : lines) {
    std::string value = line.default_value.empty() ? "" : "default " + line.default_value;
    const std::string range = range_worth_saying(line.range);
    if (!range.empty()) value += (value.empty() ? "" : "; ") + range;
    entries.emplace_back(line.name,
                         value.empty() ? line.help : fmt::format("{} ({})", line.help, value));
  }
  return entries;
}

std::string dialect_names(const RuleHelp& rule) {
  std::string names;
  for (const auto& dialect : rule.dialects) names += (names.empty() ? ":" : " :") + dialect.name;
  return names;
}

Entries schedules() {
  Entries entries;
  for (const ScheduleHelp& schedule : schedule_help()) {
    entries.emplace_back(schedule.name, schedule.help);
    for (const auto& [name, text] : lines_of(schedule.options)) {
      entries.emplace_back("  " + name, text);
    }
  }
  return entries;
}

void show_all(Screen& screen, int width) {
  Entries rules;
  for (const RuleHelp& rule : rule_help()) {
    const std::string dialects = dialect_names(rule);
    rules.emplace_back(rule.name,
                       rule.summary + (dialects.empty() ? "" : fmt::format(" ({})", dialects)));
  }
  screen.text(fmt::format(
      "{}\n\nrules:\n{}\noptions of every rule:\n{}\nschedules, and what lr is multiplied by after "
      "k updates:\n{}\n{}\n",
      wrapped("An optimizer is NAME[:DIALECT][,option=value...]: --optimizer "
              "rmsprop:torch,lr=1e-3,alpha=0.99. A dialect speaks the words and defaults of its "
              "framework; lr and the options of every rule are understood beside them.",
              width, 0),
      entries_text(rules, width), entries_text(lines_of(engine_help()), width),
      entries_text(schedules(), width),
      wrapped("`ravine optimizers NAME` lists a rule's own options and its dialects.", width, 0)));
}

void show_dialect(Screen& screen, const RuleHelp& rule, const RuleHelp::Dialect& dialect,
                  int width) {
  screen.text(fmt::format("\n{}:{}  {}\n  means {}\n{}", rule.name, dialect.name,
                          wrapped(dialect.summary, width, 4), wrapped(dialect.plain, width, 8),
                          entries_text(lines_of(dialect.options), width)));
}

void show_differences(Screen& screen, const RuleHelp& rule, int width) {
  if (rule.differences.empty()) return;
  const auto& heading = rule.differences.front();
  std::vector<Column> columns;
  for (size_t i = 0; i < heading.size(); ++i) {
    size_t widest = 0;
    for (const auto& row : rule.differences) widest = std::max(widest, row[i].size());
    columns.push_back({heading[i], int(widest), int(i)});
  }
  const Table table(columns, width);
  screen.line("\nwhat differs:");
  for (const auto& row : rule.differences) screen.line(table.row(row));
  screen.text(wrapped("d is the root; decay: of the weights; start: of the average; eps is either: "
                      "outside of the root, and inside with momentum; centered, yes: a variance "
                      "below 0 gives NaN; float32: what is rounded so (docs/rules/rmsprop.md).",
                      width, 0) +
              "\n");
}

const RuleHelp& find_rule(std::span<const RuleHelp> rules, std::string_view name) {
  std::vector<std::string> names;
  for (const RuleHelp& rule : rules) {
    if (rule.name == name) return rule;
    names.push_back(rule.name);
  }
  throw UsageError(fmt::format("optimizers: no rule '{}'{}; `ravine optimizers` lists them", name,
                               suggestion(name, names)));
}

void show_rule(Screen& screen, std::string_view text, int width) {
  const auto rules = rule_help();
  const size_t colon = std::min(text.find(':'), text.size());
  const RuleHelp& rule = find_rule(rules, text.substr(0, colon));
  const std::string_view wanted = text.substr(std::min(colon + 1, text.size()));
  std::vector<std::string> names;
  if (wanted.empty()) {
    screen.text(fmt::format("{}: {}\n\noptions:\n{}", rule.name, rule.summary,
                            entries_text(lines_of(rule.options), width)));
    show_differences(screen, rule, screen.width());
  }
  bool found = wanted.empty();
  for (const auto& dialect : rule.dialects) {
    names.push_back(dialect.name);
    if (!wanted.empty() && wanted != dialect.name) continue;
    show_dialect(screen, rule, dialect, width);
    found = true;
  }
  if (!found) {
    throw UsageError(fmt::format("optimizers: {} has no dialect '{}'{}", rule.name, wanted,
                                 suggestion(wanted, names)));
  }
}

}  // namespace

int run_optimizers(Screen& screen, Arguments arguments) {
  std::string name;
  const Syntax syntax{
      .name = "optimizers",
      .about = "Lists the rules, or the options and dialects of one.",
      .words = {{"NAME", "a rule, or a rule and a dialect: rmsprop:tf1", &name, false}},
      .examples = "  ravine optimizers\n  ravine optimizers rmsprop\n"};
  if (!parse(screen, syntax, arguments)) return 0;
  const int width = std::min(screen.width(), 100);
  if (name.empty()) {
    show_all(screen, width);
  } else {
    show_rule(screen, name, width);
  }
  return 0;
}

}  // namespace ravine::cli
