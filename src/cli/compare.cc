// ravine compare: several optimizers with the same seeds, each tuned alike, and what the seeds say.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "command.h"
#include "ravine/error.h"
#include "ravine/format.h"
#include "ravine/lab.h"
#include "ravine/report.h"
#include "study.h"

namespace ravine::cli {
namespace {

constexpr const char* kExamples =
    "  ravine compare rmsprop adam sgd,momentum=0.9 --tune 10 --goal accuracy=0.95\n"
    "  ravine compare --data mnist --model \"dense(128) relu dropout(0.2)\" rmsprop adam sgd \\\n"
    "    --seeds 5 --tune 20 --goal accuracy=0.97 --epochs 10\n"
    "  ravine compare \"rmsprop lr=1e-4..1e-2:log momentum=0,0.9\" adam --tune 10\n"
    "  ravine compare rmsprop:torch,lr=1e-3 rmsprop:tf1,learning_rate=1e-3 --seeds 10\n";

int widest(const std::vector<std::vector<std::string>>& table, size_t column) {
  int width = 0;
  for (const auto& row : table) width = std::max(width, columns_of(row[column]));
  return width;
}

// The first column is aligned left; a narrow screen loses the others from the right.
std::string table_text(const Screen& screen, std::vector<std::vector<std::string>> table) {
  std::vector<Column> columns;
  for (size_t i = 0; i < table[0].size(); ++i) {
    columns.push_back({"", widest(table, i), int(i)});
  }
  for (auto& row : table) row[0] += std::string(size_t(columns[0].width - columns_of(row[0])), ' ');
  const Table layout(columns, screen.live() ? screen.width() : std::numeric_limits<int>::max());
  std::string text = screen.dim(layout.row(table[0]));
  for (size_t i = 1; i < table.size(); ++i) text += "\n" + layout.row(table[i]);
  return text;
}

std::string about(const CompareResult& result) {
  std::string text =
      fmt::format("mean of {} seed{} and its 95 % interval on the {} set; ", result.options.seeds,
                  result.options.seeds == 1 ? "" : "s", result.set);
  if (result.options.tune == 0) return text + "nothing was tuned: the options are those given";
  return text + fmt::format("each side tuned by {} trials in its own space", result.options.tune);
}

int finish(Screen& screen, const CompareResult& result, const std::filesystem::path& folder) {
  screen.clear();
  if (result.interrupted) return tell_interrupted(screen, result.finished, result.planned);
  const int width = screen.live() ? screen.width() : std::numeric_limits<int>::max();
  screen.line("\n" + wrapped(about(result), width, 0));
  screen.line(table_text(screen, compare_table(result)) + "\n");
  for (const Verdict& verdict : result.verdicts) screen.line(wrapped(verdict.text, width, 2));
  write_page(folder / "report.html", study_page(result));
  screen.line(fmt::format("\nwritten: {}", (folder / "report.html").string()));
  return 0;
}

}  // namespace

int run_compare(Screen& screen, Arguments arguments) {
  CompareOptions options;
  TrainConfig defaults{.validation = 0.1};
  StudyFlags flags;
  const Syntax syntax{
      .name = "compare",
      .about =
          "Trains several optimizers with the same seeds: at a seed all have the same initial "
          "parameters and order of batches. With --tune each side's options are searched first. "
          "Tuning, early stopping and the goal see held-out training examples only; the test set "
          "is "
          "read once, at the end of a run. Ctrl-C keeps what is finished; the same command goes "
          "on.",
      .words = {{"OPTIMIZER...",
                 "NAME[:DIALECT][,option=value...], two or more; for --tune entries of a space may "
                 "follow, as of ravine tune: \"adam lr=1e-4..1e-2:log\"",
                 &options.sides}},
      .sections = {{"the comparison", list_options(options)},
                   {"this study", list_options(flags)},
                   {"what is trained, and how", list_options(defaults)}},
      .examples = kExamples};
  auto settings = parse(screen, syntax, arguments);
  if (!settings) return 0;
  settings = set_options(syntax, list_options(flags), *settings);
  settings = set_options(syntax, list_options(options), *settings);
  for (const Setting& setting : *settings) {
    if (setting.name == "optimizer") {
      throw UsageError(
          "compare: the optimizers are words of their own: ravine compare rmsprop adam");
    }
  }
  options.train = begin_study(screen, flags, *settings);

  StudyMonitor monitor(screen, options.by, true);
  StudyOptions study = study_options(flags, study_folder(options));
  std::string part;
  study.on_event = [&](const StudyEvent& event) {
    if (part != event.part) {
      part = event.part;
      monitor.restart();
      screen.line(fmt::format("{}: {} runs, in {}", part, event.planned, study.out.string()));
    }
    monitor.event(event);
  };
  return finish(screen, compare(options, study), study.out);
}

}  // namespace ravine::cli
