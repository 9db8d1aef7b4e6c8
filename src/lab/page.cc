#include "lab/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "ravine/format.h"
#include "ravine/runtime.h"
#include "report/html.h"
#include "report/page.h"
#include "report/sections.h"

namespace ravine::lab {

using namespace report;

// "ravine train --data mnist ..." in one line.
static std::string one_line(std::string text) {
  for (size_t at; (at = text.find(" \\\n ")) != text.npos;) text.erase(at, 3);
  return text;
}

namespace {

// " --flag value" for each option that is not at its default.
std::string changed_flags(const std::vector<OptionRef>& options,
                          const std::vector<OptionRef>& usual) {
  std::string text;
  for (size_t i = 0; i < options.size(); ++i) {
    if (value_text(options[i]) != value_text(usual[i])) text += " " + words_of(options[i]);
  }
  return text;
}

}  // namespace

std::string study_command(const std::string& words, const std::vector<OptionRef>& own,
                          const std::vector<OptionRef>& usual, const TrainConfig& config) {
  TrainConfig train = config, defaults{.validation = 0.1};
  if (train.epochs == 0) train.epochs = defaults.epochs;  // it follows from steps
  return words + changed_flags(own, usual) +
         changed_flags(list_options(train), list_options(defaults));
}

std::string footer() {
  return fmt::format("<footer>Ravine {}, {}</footer>", escaped(version()), escaped(isa()));
}

std::string lead(const std::string& first, const TrainConfig& config) {
  return fmt::format("<p class=\"lead\">{}<br>{}: {}{}</p>\n", escaped(first), escaped(config.data),
                     escaped(config.model),
                     config.validation == 0
                         ? ""
                         : fmt::format("; a share of {} of the training data held out",
                                       to_text(config.validation)));
}

double score_of(const StudyRun& run, const std::string& by) {
  return run.diverged() ? NAN : run.validation(by);
}

Axis axis_of(const std::string& metric) {
  return {metric, metric == "accuracy" ? Unit::kPercent : Unit::kNumber};
}

Table runs_table(const std::string& caption, const std::vector<const StudyRun*>& runs) {
  const auto any = [&](auto has) { return std::ranges::any_of(runs, has); };
  const bool tested = any([](auto* run) { return !std::isnan(run->test.loss); });
  const bool labels = any([](auto* run) { return !std::isnan(run->validation("accuracy")); });
  Table table{caption, "", {"run"}, {}};
  for (const char* set : {"test", "held-out"}) {
    if (set == std::string_view("test") && !tested) continue;
    if (labels) table.heads.push_back(fmt::format("{} accuracy", set));
    table.heads.push_back(fmt::format("{} loss", set));
  }
  table.heads.emplace_back("seconds");
  for (const StudyRun* run : runs) {
    const bool none = run->diverged();
    std::vector<std::string>& row = table.rows.emplace_back(1, escaped(run->name));
    const auto add = [&](double accuracy, double loss) {
      if (labels) row.push_back(none ? "" : percent_text(accuracy));
      row.push_back(none ? "diverged" : loss_text(loss));
    };
    if (tested) add(run->test.accuracy, run->test.loss);
    add(run->validation("accuracy"), run->validation("loss"));
    row.push_back(seconds_text(run->seconds()));
  }
  return table;
}

std::string commands_section(const std::string& study, const std::vector<const StudyRun*>& runs) {
  std::string each;
  for (const StudyRun* run : runs) {
    each += fmt::format("# {}\n{}\n", run->name, one_line(command_of(run->config)));
  }
  return section(2, "How to repeat it",
                 fmt::format("<p>The whole study, to the same numbers but the times:</p><pre>{}"
                             "</pre>\n<details><summary>Each of its {}, as a training of its own"
                             "</summary><pre>{}</pre></details>",
                             escaped(study), times(int64_t(runs.size()), "run"), escaped(each)));
}

}  // namespace ravine::lab
