// ravine eval: measures the model of a run folder.
#include <fmt/format.h>

#include "command.h"
#include "environment.h"
#include "ravine/format.h"
#include "ravine/run.h"
#include "runtime_options.h"

namespace ravine::cli {
namespace {

struct EvalFlags {
  std::string data, data_dir;

  template <class F>
  void options(F f) {
    f(Option{"data", "data set to measure on; the run's own if not given"}, data);
    f(Option{"data_dir", "folder that holds the data set's files; nothing else is tried then"},
      data_dir);
  }
};

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
  if (!flags.data.empty()) run.config.data = flags.data, run.config.data_dir.clear();
  if (!flags.data_dir.empty()) run.config.data_dir = flags.data_dir;
  const Dataset test = load_data(run.config, data_places()).test;
  const Scores scores = evaluate(run.model, test, {.loss = run.config.loss});
  screen.line(
      fmt::format("{}: {} test examples, loss {:.6f}{}", run.config.data,
                  count_text(int64_t(test.size())), scores.loss,
                  test.classes() > 0
                      ? fmt::format(", accuracy {}", percent_text(scores.accuracy))
                      : fmt::format(", mean absolute error {:.6f}", scores.mean_absolute_error)));
  return 0;
}

}  // namespace ravine::cli
