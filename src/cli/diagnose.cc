// ravine diagnose: what ails a training, with the evidence and what usually helps.
#include "ravine/diagnose.h"

#include <fmt/format.h>

#include "command.h"
#include "environment.h"
#include "interrupt.h"
#include "monitor.h"
#include "ravine/error.h"
#include "ravine/format.h"
#include "ravine/runtime.h"
#include "runtime_options.h"

namespace ravine::cli {
namespace {

struct DiagnoseFlags {
  bool json = false;

  template <class F>
  void options(F f) {
    f(Option{"json", "write what diagnosis.json holds, instead of text"}, json);
  }
};

}  // namespace

int run_diagnose(Screen& screen, Arguments arguments) {
  std::string folder;
  DiagnoseOptions options;
  DiagnoseFlags flags;
  RuntimeOptions runtime;
  const Syntax syntax{
      .name = "diagnose",
      .about =
          "Names what ails a training, with the evidence and what usually helps: vanishing or "
          "exploding gradients, dead units, lr too high or too low, eps above the root of the "
          "average, unscaled inputs, class imbalance, overfitting. A run that was trained with "
          "--diagnose has been measured; of another one the first updates are repeated, which "
          "writes nothing.",
      .words = {{"RUN", "a run folder, as `ravine train` writes it", &folder}},
      .sections = {{"options", list_options(options)},
                   {"how it is shown", list_options(flags)},
                   {"this machine", list_options(runtime)}},
      .examples =
          "  ravine train --diagnose --out runs/first\n"
          "  ravine diagnose runs/first\n"
          "  ravine diagnose runs/old --steps 300\n"};
  auto settings = parse(screen, syntax, arguments);
  if (!settings) return 0;
  for (const Setting& setting : *settings) {
    options.again |= setting.name == "every" || setting.name == "steps";
  }
  settings = set_options(syntax, list_options(options), *settings);
  settings = set_options(syntax, list_options(flags), *settings);
  set_options(syntax, list_options(runtime), *settings);
  runtime.apply();
  set_warning_handler([&screen](std::string_view text) { screen.warn(text); });
  const Diagnosis diagnosis =
      diagnose_run(folder, options,
                   {.places = data_places(),
                    .on_start =
                        [&](const RunStart&) {
                          defer_interrupts();
                          if (screen.live() && !flags.json)
                            screen.redraw("repeating the run's first updates");
                        },
                    .stop = stop_flag()});
  if (stop_flag()->load()) return kInterrupted;
  if (flags.json) {
    screen.text(diagnosis_json(diagnosis));
    return 0;
  }
  screen.text(diagnosis_text(diagnosis, screen.text_options(), true));
  return 0;
}

}  // namespace ravine::cli
