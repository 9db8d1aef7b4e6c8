// ravine eval: measures the model of a run folder.
#include <fmt/format.h>

#include "command.h"
#include "environment.h"
#include "ravine/error.h"
#include "ravine/format.h"
#include "ravine/run.h"
#include "runtime_options.h"

namespace ravine::cli {
namespace {

struct EvalFlags {
  std::string data, data_dir;

  template <class F>
  void options(F f) {
    f(Option{"data",
             "data set to measure on, or a FILE: all of that table; the run's own if not given"},
      data);
    f(Option{"data_dir", "folder that holds the data set's files; nothing else is tried then"},
      data_dir);
  }
};

std::string metrics_text(const Dataset& data, const Scores& scores) {
  if (data.classes() > 0) return fmt::format("accuracy {}", percent_text(scores.accuracy));
  return fmt::format("mean squared error {:.6f}, mean absolute error {:.6f}",
                     scores.mean_squared_error, scores.mean_absolute_error);
}

}  // namespace

int run_eval(Screen& screen, Arguments arguments) {
  std::string folder;
  EvalFlags flags;
  RuntimeOptions runtime;
  const Syntax syntax{
      .name = "eval",
      .about =
          "Measures the model of a run folder on the test examples of a data set: the numbers "
          "of the training's last epoch, where it is the run's own.",
      .words = {{"RUN", "a run folder, as `ravine train` writes it", &folder}},
      .sections = {{"data", list_options(flags)}, {"this machine", list_options(runtime)}},
      .examples = "  ravine eval runs/keras\n  ravine eval runs/keras --data fashion-mnist\n"};
  const auto settings = parse(screen, syntax, arguments);
  if (!settings) return 0;
  set_options(syntax, list_options(runtime), set_options(syntax, list_options(flags), *settings));
  runtime.apply();

  LoadedRun run = load_run(folder);
  if (!flags.data.empty()) {
    run.config.data = flags.data, run.config.data_dir.clear();
    run.config.table = {};
  }
  if (!flags.data_dir.empty()) run.config.data_dir = flags.data_dir;
  const TrainTest data = load_data(run.config, data_places(), run.preparation.get());
  if (data.preparation && !run.preparation) {
    throw UsageError(
        fmt::format("eval: {} was not trained on a table, and {} is one", folder, flags.data));
  }
  const bool has_test = data.test.size() > 0;
  const Dataset& examples = has_test ? data.test : data.train;
  const Scores scores = evaluate(run.model, examples, {.loss = run.config.loss});
  const char* const which = has_test ? "test " : flags.data.empty() ? "training " : "";
  const std::string text = fmt::format("{}: {} {}examples, loss {:.6f}{}, {}", run.config.data,
                                       count_text(int64_t(examples.size())), which, scores.loss,
                                       examples.target_scale == 1 ? "" : " of the scaled target",
                                       metrics_text(examples, scores));
  screen.line(screen.live() ? wrapped(text, screen.width(), 2) : text);
  return 0;
}

}  // namespace ravine::cli
