// ravine tune: searches options by what a training reaches on held-out examples.
#include <fmt/format.h>

#include "command.h"
#include "environment.h"
#include "ravine/error.h"
#include "ravine/format.h"
#include "ravine/lab.h"
#include "ravine/report.h"
#include "study.h"

namespace ravine::cli {
namespace {

constexpr size_t kBoard = 10;

constexpr const char* kExamples =
    "  ravine tune\n"
    "  ravine tune --data mnist --optimizer rmsprop \"lr=1e-4..1e-1:log\" --trials 20 --epochs 3\n"
    "  ravine tune \"lr=1e-4..1e-1:log:4\" alpha=0.9,0.99 batch=32,128 --search grid\n"
    "  ravine tune --lr-range --data mnist --optimizer adam\n"
    "  ravine tune --model \"dense({units}) relu\" units=16..512:log:int lr=1e-3..1e-2:log\n";

struct RangeFlag {
  bool lr_range = false;
  template <class F>
  void options(F f) {
    f(Option{"lr_range",
             "in place of all that one short training in which lr rises, and a suggestion; SPACE "
             "may be "
             "lr=LOW..HIGH, and --steps its length"},
      lr_range);
  }
};

int show_range(Screen& screen, const TuneOptions& options, const std::string& out) {
  LrRangeOptions asked{.train = options.train};
  if (!options.space.empty()) asked.space = options.space;
  const LrRange range = lr_range(asked, data_places());
  screen.text(lr_range_text(range, screen.text_options()));
  if (out.empty()) return 0;
  std::filesystem::create_directories(out);
  const std::filesystem::path page = std::filesystem::path(out) / "report.html";
  write_page(page, lr_range_page(range));
  screen.line(fmt::format("written: {}", page.string()));
  return 0;
}

int finish(Screen& screen, const StudyMonitor& monitor, const TuneResult& result,
           const std::filesystem::path& folder) {
  screen.clear();
  screen.line(screen.bold(fmt::format("best by {} on the held-out examples, of {} runs in {}",
                                      result.by, result.runs.size(), result.space)));
  screen.line(monitor.board(kBoard));
  const StudyRun* best = result.interrupted ? nullptr : result.best();
  if (best) {
    screen.line(fmt::format("\nthe best run again, with its test score:\n\n{}\n",
                            train_command(best->config)));
  } else if (!result.interrupted) {
    screen.line("every run diverged; search smaller values of lr");
  }
  if (!result.runs.empty()) {  // last, for the disk may be full
    write_page(folder / "report.html", study_page(result));
    screen.line(fmt::format("written: {}", (folder / "report.html").string()));
  }
  if (!result.interrupted) return best ? 0 : 1;
  return tell_interrupted(screen, int64_t(result.runs.size()), result.planned);
}

}  // namespace

int run_tune(Screen& screen, Arguments arguments) {
  TuneOptions options;
  TrainConfig defaults{.validation = 0.1};
  StudyFlags flags;
  RangeFlag range;
  std::vector<std::string> words;
  const Syntax syntax{
      .name = "tune",
      .about =
          "Trains at points of a space and ranks them by what they reach on held-out examples; the "
          "test set is not looked at. An entry of the space is NAME=LOW..HIGH[:log][:int][:POINTS] "
          "or NAME=VALUE,VALUE; a NAME is an option of the optimizer, else of the training, or "
          "stands as {NAME} in the model or the optimizer. Ctrl-C keeps what is finished; the same "
          "command goes on.",
      .words = {{"SPACE...", "entries; if none is given, what is usual for the rule", &words,
                 false}},
      .sections = {{"the search", list_options(options)},
                   {"the range of lr", list_options(range)},
                   {"this study", list_options(flags)},
                   {"what is trained, and how", list_options(defaults)}},
      .examples = kExamples};
  auto settings = parse(screen, syntax, arguments);
  if (!settings) return 0;
  settings = set_options(syntax, list_options(flags), *settings);
  settings = set_options(syntax, list_options(range), *settings);
  settings = set_options(syntax, list_options(options), *settings);
  for (const std::string& word : words) options.space += word + " ";
  options.train = begin_study(screen, flags, *settings);
  if (range.lr_range) return show_range(screen, options, flags.out);

  StudyOptions study = study_options(flags, study_folder(options));
  StudyMonitor monitor(screen, options.by, [&](const StudyEvent& event) {
    return fmt::format("{}, {}, {} runs ({}), in {}", options.train.data, options.train.optimizer,
                       event.planned, options.search, study.out.string());
  });
  study.on_event = [&](const StudyEvent& event) { monitor.event(event); };
  return finish(screen, monitor, tune(options, study), study.out);
}

}  // namespace ravine::cli
