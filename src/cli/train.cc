// ravine train: trains a model and writes its run folder.
#include <fmt/format.h>

#include <ctime>
#include <string_view>
#include <vector>

#include "command.h"
#include "environment.h"
#include "interrupt.h"
#include "monitor.h"
#include "ravine/diagnose.h"
#include "ravine/error.h"
#include "ravine/report.h"
#include "ravine/run.h"
#include "ravine/runtime.h"
#include "runtime_options.h"

namespace ravine::cli {
namespace {

namespace fs = std::filesystem;

// What the result does not depend on: all else is in TrainConfig.
struct TrainFlags {
  std::string config, out;
  bool force = false, tensorboard = false, diagnose = false, summary = false, quiet = false;

  template <class F>
  void options(F f) {
    f(Option{"config", "a run's config.toml: the same run again; other options override it"},
      config);
    f(Option{"out", "run folder to make; runs/<time>-<data>-<rule> if not given"}, out);
    f(Option{"force", "take a run folder that is there, and replace the run in it"}, force);
    f(Option{"tensorboard", "write scalars for TensorBoard into the run folder too"}, tensorboard);
    f(Option{"diagnose", "look for what ails the training, and write diagnosis.json too"},
      diagnose);
    f(Option{"summary", "show a table of the layers"}, summary);
    f(Option{"quiet", "show nothing but errors"}, quiet);
  }
};

constexpr const char* kExamples =
    "  ravine train\n"
    "  ravine train --data mnist --model \"dense(128) relu dropout(0.2)\" --epochs 20 --batch 128\n"
    "  ravine train --optimizer rmsprop:keras2,lr=1e-3,decay=1e-6 --out runs/keras\n"
    "  ravine train --data wine.csv --label quality --test 0.2\n"
    "  ravine train --config runs/keras/config.toml\n";

// Those of tables, without the word that says so where they stand among others.
std::vector<OptionRef> table_options(TrainConfig& config) {
  constexpr std::string_view kWord = "table: ";
  std::vector<OptionRef> options = list_options(config.table);
  for (OptionRef& ref : options) {
    if (std::string_view(ref.option.help).starts_with(kWord)) ref.option.help += kWord.size();
  }
  return options;
}

std::vector<OptionRef> no_table_options(TrainConfig& config) {
  std::vector<OptionRef> options = list_options(config);
  const std::vector<OptionRef> left_out = list_options(config.table);
  std::erase_if(options, [&](const OptionRef& ref) {
    return find_option(left_out, ref.option.name) != nullptr;
  });
  return options;
}

// runs/20260131-235959-mnist-rmsprop, of a table its name; a number more where two begin in one
// second.
fs::path new_folder(const TrainConfig& config) {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  ::localtime_r(&now, &local);
  const std::string name =
      fmt::format("{:04}{:02}{:02}-{:02}{:02}{:02}-{}-{}", local.tm_year + 1900, local.tm_mon + 1,
                  local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec,
                  std::filesystem::path(config.data).stem().string(),
                  OptimizerSpec(config.optimizer).rule_name());
  fs::path folder = fs::path("runs") / name;
  std::error_code error;
  for (int i = 2; fs::exists(folder, error); ++i) {
    folder.replace_filename(fmt::format("{}-{}", name, i));
  }
  return folder;
}

fs::path write_report(const fs::path& folder) {
  fs::path file = folder / "report.html";
  write_page(file, report_page({&folder, 1}));
  return file;
}

void show_diagnosis(Screen& screen, const Diagnosis& diagnosis) {
  screen.text("\n" + diagnosis_text(diagnosis, {.width = screen.live() ? screen.width() : 80,
                                                .utf8 = screen.utf8(),
                                                .color = screen.color()}));
}

// The epochs before are worth a look. Why the training failed is told after this.
void report_failure(Screen& screen, const fs::path& folder, const Diagnosis* diagnosis) {
  try {
    if (diagnosis != nullptr) {
      write_diagnosis(folder, *diagnosis);
      show_diagnosis(screen, *diagnosis);
    }
    screen.line(fmt::format("written: {}", write_report(folder).string()));
  } catch (const Error& error) {
    screen.warn(error.what());
  }
}

}  // namespace

int run_train(Screen& screen, Arguments arguments) {
  TrainConfig defaults;
  TrainFlags flags;
  RuntimeOptions runtime;
  const Syntax syntax{
      .name = "train",
      .about =
          "Trains a model and writes a run folder: config.toml, history.csv, results.json, "
          "model.safetensors and report.html, which shows it. Ctrl-C ends the training after its "
          "batch and writes what there "
          "is; a second one ends it at once.",
      .sections = {{"what is trained, and how (the keys of config.toml)",
                    no_table_options(defaults)},
                   {"where --data is a table (keys of config.toml too)", table_options(defaults)},
                   {"this run", list_options(flags)},
                   {"this machine", list_options(runtime)}},
      .examples = kExamples};
  auto settings = parse(screen, syntax, arguments);
  if (!settings) return 0;
  settings = set_options(syntax, list_options(flags), *settings);
  settings = set_options(syntax, list_options(runtime), *settings);
  if (flags.quiet) screen.quiet();
  runtime.apply();
  const TrainConfig config = make_config(flags.config, *settings);
  const fs::path folder = flags.out.empty() ? new_folder(config) : fs::path(flags.out);

  set_warning_handler([&screen](std::string_view text) { screen.warn(text); });
  Monitor monitor(screen, flags.summary);
  Diagnoser doctor;
  bool started = false;
  std::vector<Callback> callbacks = {monitor.callback()};
  if (flags.diagnose) callbacks.push_back(doctor.callback());
  const RunOptions options{.out = folder,
                           .force = flags.force,
                           .tensorboard = flags.tensorboard,
                           .places = data_places(),
                           .on_start =
                               [&](const RunStart& start) {
                                 started = true;
                                 defer_interrupts();
                                 monitor.start(start);
                                 if (flags.diagnose) doctor.begin(start.data);
                               },
                           .callbacks = std::move(callbacks),
                           .stop = stop_flag()};
  RunResult result = [&] {
    try {
      return run_training(config, options);
    } catch (const Error& error) {
      if (started) {
        const Diagnosis diagnosis = doctor.diagnosis(error.what());
        report_failure(screen, folder, flags.diagnose ? &diagnosis : nullptr);
      }
      throw;
    }
  }();
  const Diagnosis diagnosis = flags.diagnose ? doctor.diagnosis() : Diagnosis{};
  if (flags.diagnose) result.written.push_back(write_diagnosis(folder, diagnosis));
  result.written.push_back(write_report(folder));
  monitor.finish(result, folder);
  if (flags.diagnose) show_diagnosis(screen, diagnosis);
  return result.history.stopped == "interrupted" ? kInterrupted : 0;
}

}  // namespace ravine::cli
