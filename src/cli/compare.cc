// ravine compare: several optimizers with the same seeds, each tuned alike, and what the seeds say.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
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

// The first column is aligned left. What does not fit beside it stands in a block of its own.
std::string table_text(const Screen& screen, std::vector<std::vector<std::string>> table,
                       int room) {
  constexpr int kGap = 2;
  const int names = widest(table, 0);
  for (auto& row : table) row[0] += std::string(size_t(names - columns_of(row[0])), ' ');
  std::string text;
  for (size_t first = 1, end; first < table[0].size(); first = end) {
    int width = names;
    for (end = first; end < table[0].size(); ++end) {
      width += kGap + widest(table, end);
      if (width > room && end > first) break;
    }
    for (const auto& row : table) {
      std::string line = row[0];
      for (size_t i = first; i < end; ++i) {
        line += std::string(size_t(kGap + widest(table, i) - columns_of(row[i])), ' ') + row[i];
      }
      text += (&row == &table[0] ? screen.dim(line) : line) + "\n";
    }
    if (end < table[0].size()) text += "\n";
  }
  return text;
}

// Of many pairs those with the best side.
std::string verdicts_text(const CompareResult& result, int width) {
  constexpr size_t kMany = 10;
  const auto badness = [&](const SideResult& side) {  // of a side without a mean it is infinite
    const double x = result.by == "accuracy" ? -side.accuracy.mean : side.loss.mean;
    return std::isnan(x) ? std::numeric_limits<double>::infinity() : x;
  };
  const size_t best =
      size_t(std::ranges::min_element(result.sides, {}, badness) - result.sides.begin());
  const bool many = result.verdicts.size() > kMany;
  std::string text;
  for (const Verdict& verdict : result.verdicts) {
    if (many && verdict.first != best && verdict.second != best) continue;
    text += wrapped(verdict.text, width, 2) + "\n";
  }
  std::string note = verdicts_note(result);
  if (many) note += "; shown are those of the side with the best mean, the report has all";
  return text + wrapped(note, width, 0) + "\n";
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
  screen.line(table_text(screen, compare_table(result), width));
  screen.line(verdicts_text(result, width));
  write_page(folder / "report.html", study_page(result));
  screen.line(fmt::format("written: {}", (folder / "report.html").string()));
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

  StudyOptions study = study_options(flags, study_folder(options));
  StudyMonitor monitor(screen, options.by, [&](const StudyEvent& event) {
    return fmt::format("{}: {} runs, in {}", event.part, event.planned, study.out.string());
  });
  study.on_event = [&](const StudyEvent& event) { monitor.event(event); };
  return finish(screen, compare(options, study), study.out);
}

}  // namespace ravine::cli
