// ravine predict: what the model of a run folder says of each example of a file.
#include <fmt/format.h>

#include "command.h"
#include "interrupt.h"
#include "ravine/format.h"
#include "ravine/run.h"
#include "runtime_options.h"

namespace ravine::cli {
namespace {

struct PredictFlags {
  bool probabilities = false, json = false;
  std::string out, missing = "run", separator = "auto", header = "auto";

  template <class F>
  void options(F f) {
    f(Option{"probabilities", "those of all classes too, behind the class, with commas between"},
      probabilities);
    f(Option{"json", "a JSON object a line, which names what it holds"}, json);
    f(Option{"out", "file to write, whole or not at all; standard output if not given"}, out);
    f(Option{"missing",
             "run: missing values and unknown categories as when the run was trained; mean: they "
             "get the training mean",
             kAny, "run|mean"},
      missing);
    f(Option{"separator", "auto, comma, semicolon, tab, space or the character itself"}, separator);
    f(Option{"header", "whether the first row names the columns", kAny, "auto|yes|no"}, header);
  }
};

}  // namespace

int run_predict(Screen& screen, Arguments arguments) {
  std::string folder, file;
  PredictFlags flags;
  RuntimeOptions runtime;
  const Syntax syntax{
      .name = "predict",
      .about =
          "Tells what the model of a run folder says of each example of a file, a line each: the "
          "class, or the number in the unit of the label. The file is a table (CSV) with the "
          "columns of the run's, with or without the label, or an IDX file of images.",
      .words = {{"RUN", "a run folder, as `ravine train` writes it", &folder},
                {"FILE", "examples: CSV or IDX, plain or gzip", &file}},
      .sections = {{"what is told", list_options(flags)}, {"this machine", list_options(runtime)}},
      .examples =
          "  ravine predict runs/wine new.csv\n"
          "  ravine predict runs/wine new.csv --probabilities --out predicted.csv\n"
          "  ravine predict runs/keras t10k-images-idx3-ubyte.gz --json\n"};
  const auto settings = parse(screen, syntax, arguments);
  if (!settings) return 0;
  set_options(syntax, list_options(runtime), set_options(syntax, list_options(flags), *settings));
  runtime.apply();

  const LoadedRun run = load_run(folder);
  defer_interrupts();
  const int64_t count =
      predict_file(run, file,
                   {.probabilities = flags.probabilities,
                    .json = flags.json,
                    .missing = flags.missing,
                    .separator = flags.separator,
                    .header = flags.header,
                    .out = flags.out,
                    .write = [&screen](std::string_view text) { screen.text(text); },
                    .stop = stop_flag()});
  if (*stop_flag()) return kInterrupted;
  if (!flags.out.empty()) {
    screen.line(
        fmt::format("written: {}, {} line{}", flags.out, count_text(count), count == 1 ? "" : "s"));
  }
  return 0;
}

}  // namespace ravine::cli
