// The tables of options in docs/ are what the program lists. Between the lines
//   <!-- listing: rule rmsprop -->   and   <!-- end -->
// stands a table made here. RAVINE_WRITE_DOCS=1 makes the test write them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/file.h"
#include "lab/space.h"
#include "ravine/nn.h"
#include "ravine/optimizer.h"
#include "ravine/schedule.h"

namespace ravine {
namespace {

using Lines = std::vector<OptionHelp>;

std::string cell(const std::string& text) { return text.empty() ? " " : fmt::format("`{}`", text); }

std::string option_table(const Lines& lines) {
  std::string text = "| option | default | takes | meaning |\n|---|---|---|---|\n";
  for (const OptionHelp& line : lines) {
    text += fmt::format("| `{}` | {} | {} | {} |\n", line.name, cell(line.default_value),
                        line.range, line.help);
  }
  return text;
}

std::string dialect_tables(const RuleHelp& rule) {
  std::string text;
  for (const RuleHelp::Dialect& dialect : rule.dialects) {
    text +=
        fmt::format("{}`{}:{}` is {}. With its defaults it is `{}`.\n\n", text.empty() ? "" : "\n",
                    rule.name, dialect.name, dialect.summary, dialect.plain);
    text += option_table(dialect.options);
  }
  return text;
}

// How far apart a rule and its dialects begin: |first step| / lr for one gradient.
std::string first_step_table(const RuleHelp& rule) {
  std::vector<std::string> lines = {rule.name};
  for (const RuleHelp::Dialect& dialect : rule.dialects)
    lines.push_back(rule.name + ":" + dialect.name);
  std::string text = "| g |", below = "|---|";
  for (const std::string& line : lines) {
    text += fmt::format(" `{}` |", line);
    below += "---|";
  }
  text += "\n" + below + "\n";
  for (const double g : {1e-6, 1e-4, 1e-2, 1.0, 10.0}) {
    text += fmt::format("| {:g} |", g);
    for (const std::string& line : lines) {
      double parameter = 0;
      Optimizer optimizer(line + ",lr=1");
      optimizer.add("p", {&parameter, 1}, {&g, 1});
      optimizer.step();
      text += fmt::format(" {:.3g} |", -parameter);
    }
    text += "\n";
  }
  return text;
}

std::string differences_table(const RuleHelp& rule) {
  std::string text;
  for (size_t i = 0; i < rule.differences.size(); ++i) {
    for (const std::string& each : rule.differences[i]) text += fmt::format("| {} ", each);
    text += "|\n";
    if (i > 0) continue;
    for (size_t k = 0; k < rule.differences[0].size(); ++k) text += "|---";
    text += "|\n";
  }
  return text;
}

std::string schedule_tables() {
  std::string text = "| schedule | multiplier after k updates |\n|---|---|\n";
  for (const ScheduleHelp& schedule : schedule_help()) {
    text += fmt::format("| `{}` | {} |\n", schedule.name, schedule.help);
  }
  for (const ScheduleHelp& schedule : schedule_help()) {
    if (schedule.options.empty()) continue;
    text += fmt::format("\n`{}`\n\n{}", schedule.name, option_table(schedule.options));
  }
  return text;
}

std::string call_tables(const char* heading, const std::vector<LayerHelp>& calls) {
  std::string text = fmt::format("| {} | what it does |\n|---|---|\n", heading);
  for (const LayerHelp& call : calls) text += fmt::format("| `{}` | {} |\n", call.usage, call.help);
  for (const LayerHelp& call : calls) {
    if (call.options.empty()) continue;
    text += fmt::format("\n`{}`\n\n{}", call.name, option_table(call.options));
  }
  return text;
}

std::string example_rows() {
  std::string text = "| line | plain line |\n|---|---|\n";
  for (const char* line :
       {"rmsprop:torch", "rmsprop:keras2,lr=1e-3,decay=1e-6", "rmsprop:keras2,momentum=0.9",
        "rmsprop:keras3,weight_decay=0.01", "rmsprop:tf1,lr=1e-3,decay=0.99",
        "sgd:keras3,momentum=0.9", "adam:torch,weight_decay=1e-4", "adamw:keras3"}) {
    text += fmt::format("| `{}` | `{}` |\n", line, OptimizerSpec(line).text());
  }
  return text;
}

std::string space_rows() {
  std::string text = "| rule | space |\n|---|---|\n";
  for (const RuleHelp& rule : rule_help()) {
    text +=
        fmt::format("| {} | `{}` |\n", rule.name, lab::space_text(lab::default_space(rule.name)));
  }
  return text;
}

std::string listing(const std::string& key) {
  if (key == "spaces") return space_rows();
  if (key == "engine") return option_table(engine_help());
  if (key == "layers") return call_tables("layer", layer_help());
  if (key == "initializers") return call_tables("initialiser", initializer_help());
  if (key == "schedules") return schedule_tables();
  if (key == "examples") return example_rows();
  for (const RuleHelp& rule : rule_help()) {
    if (key == "rule " + rule.name) return option_table(rule.options);
    if (key == "dialects " + rule.name) return dialect_tables(rule);
    if (key == "first step " + rule.name) return first_step_table(rule);
    if (key == "differences " + rule.name) return differences_table(rule);
  }
  ADD_FAILURE() << "no listing '" << key << "'";
  return "";
}

// The page with every listing made anew; `seen` gets their keys.
std::string made_anew(const std::string& page, std::set<std::string>& seen) {
  const std::string open = "<!-- listing: ", close = " -->\n", end = "<!-- end -->";
  std::string text;
  size_t at = 0;
  for (size_t begin; (begin = page.find(open, at)) != page.npos;) {
    const size_t key = begin + open.size(), body = page.find(close, key) + close.size();
    const std::string name = page.substr(key, body - close.size() - key);
    seen.insert(name);
    text += page.substr(at, body - at) + "\n" + listing(name) + "\n";
    at = page.find(end, body);
    if (at == page.npos) {
      ADD_FAILURE() << "listing '" << name << "' has no end";
      return page;
    }
  }
  return text + page.substr(at);
}

TEST(Docs, TablesOfOptionsAreWhatTheProgramLists) {
  std::set<std::string> seen;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(RAVINE_DOCS)) {
    if (entry.path().extension() != ".md") continue;
    const std::string page = read_file(entry.path());
    const std::string anew = made_anew(page, seen);
    if (std::getenv("RAVINE_WRITE_DOCS"))
      write_file(entry.path(), anew);
    else
      EXPECT_EQ(page, anew) << entry.path() << ": run again with RAVINE_WRITE_DOCS=1";
  }
  for (const RuleHelp& rule : rule_help()) {
    EXPECT_TRUE(seen.contains("rule " + rule.name)) << "docs/rules/ lacks " << rule.name;
    EXPECT_EQ(seen.contains("dialects " + rule.name), !rule.dialects.empty()) << rule.name;
    EXPECT_EQ(seen.contains("differences " + rule.name), !rule.differences.empty()) << rule.name;
  }
  for (const char* key : {"engine", "schedules", "examples", "layers", "initializers"})
    EXPECT_TRUE(seen.contains(key));
}

}  // namespace
}  // namespace ravine
