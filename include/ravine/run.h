// A run: one training as plain values, and the folder that holds it (docs/run-folder.md).
//
//   RunResult run = run_training({.data = "mnist", .model = "dense(128) relu", .epochs = 20},
//                                {.out = "runs/first"});
//   Model same = load_run("runs/first").model;
#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ravine/data.h"
#include "ravine/nn.h"
#include "ravine/option.h"
#include "ravine/table.h"
#include "ravine/train.h"

namespace ravine {

// All that decides the result, and nothing else: number of threads and folders written to do not.
// Each member is a key of config.toml and a flag of `ravine train`.
struct TrainConfig {
  std::string data = "digits";
  std::string data_dir;
  TableOptions table;  // where `data` is a file
  std::string model = "mlp";
  std::string optimizer = "rmsprop";
  std::string loss = "auto";
  int64_t epochs = 10;
  int64_t steps = 0;
  int64_t batch = 0;  // 0: not given
  bool shuffle = true;
  double validation = 0;
  double tolerance = 0;
  int64_t patience = 0;
  double l1 = 0, l2 = 0;
  int64_t log_every = 0;
  int64_t seed = 0;

  template <class F>
  void options(F f) {
    f(Option{"data",
             "data set: digits (drawn here), mnist, fashion-mnist, or a FILE: a table (CSV)"},
      data);
    f(Option{"data_dir", "folder that holds the data set's files; nothing else is tried then"},
      data_dir);
    table.options(f);
    f(Option{"model", "layers in order, or a preset: softmax, mlp"}, model);
    f(Option{"optimizer", "NAME[:DIALECT][,option=value...]; `ravine optimizers` names them"},
      optimizer);
    f(Option{"loss",
             "cross_entropy, mean_squared_error or binary_cross_entropy; auto: what fits "
             "the data"},
      loss);
    f(Option{"epochs", "passes over the training data; 0: no bound, with steps", kNotNegative},
      epochs);
    f(Option{"steps", "stop after so many updates; 0: no bound", kNotNegative}, steps);
    f(Option{"batch",
             "examples an update; if not given 64, of fewer than 2,048 examples a 32nd, at least 4",
             {.low = 1}},
      batch);
    f(Option{"shuffle", "another order of the training data every epoch"}, shuffle);
    f(Option{"validation", "share of the training data held out, chosen by seed", kBelowOne},
      validation);
    f(Option{"tolerance", "stop when the training loss changed by less over an epoch; 0: off",
             kNotNegative},
      tolerance);
    f(Option{"patience", "stop after so many epochs without a better validation loss; 0: off",
             kNotNegative},
      patience);
    f(Option{"l1", "adds l1 sum |w| over weights, not biases, to the loss", kNotNegative}, l1);
    f(Option{"l2", "adds l2/2 sum w^2 over weights, not biases, to the loss", kNotNegative}, l2);
    f(Option{"log_every", "tell the mean loss of every so many batches; 0: do not", kNotNegative},
      log_every);
    f(Option{"seed", "of initial parameters, order, dropout and held-out examples", kNotNegative},
      seed);
  }
};

// An option by its name, as on the command line: {"epochs", "20"}.
struct Setting {
  std::string name, text;
};

// The defaults, then the keys of `file` (if not empty), then the settings. Where `steps` is given
// and `epochs` is not, nothing bounds the epochs.
// Throws UsageError: an unknown option (with the nearest name) or a bad value, in the file with its
// line; Error: the file cannot be read.
TrainConfig make_config(const std::filesystem::path& file, std::span<const Setting> settings = {});
std::string config_toml(const TrainConfig& config);

// The config's data set: one by name, whose files lie in `places` or the config's data_dir, else
// the table that `data` is the path of, with its preparation or, if there is one, as `prepared`.
TrainTest load_data(const TrainConfig& config, const DataOptions& places = {},
                    const Preparation* prepared = nullptr);

// What is known when all is loaded and checked, and nothing is trained or written yet.
struct RunStart {
  const TrainConfig& config;  // as effective: presets and dialects resolved
  const TrainTest& data;
  const Model& model;
};

struct RunOptions {
  std::filesystem::path out;  // the run folder, made if missing; empty: nothing is written
  bool force = false;         // take a folder that is not empty, and replace the run in it
  bool tensorboard = false;   // its event file in the folder too
  DataOptions places;         // where data sets lie
  std::function<void(const RunStart&)> on_start;
  std::vector<Callback> callbacks;
  const std::atomic<bool>* stop = nullptr;  // set by anyone: ends after the batch, with its folder
};

struct RunResult {
  TrainConfig config;  // as effective
  Model model;
  History history;
  std::vector<std::filesystem::path> written;
};

// Loads the data, builds the model, trains it and writes the folder. The same config gives the same
// history (but for `seconds`) and the same parameters, for any number of threads.
// Throws UsageError or Error before training when an option is wrong, the data are missing, the
// model cannot fit in memory, or the folder is not empty, cannot be written or is full; Error when
// the loss diverges: the folder then holds the config and the epochs before.
RunResult run_training(const TrainConfig& config, const RunOptions& options = {});

struct LoadedRun {
  TrainConfig config;
  Model model;
  std::shared_ptr<const Preparation> preparation;  // of a run on a table, else null
};
// Throws Error: a file is missing or damaged, or the parameters do not fit the model.
LoadedRun load_run(const std::filesystem::path& folder);

struct PredictOptions {
  bool probabilities = false;  // of every class too, in the order of the classes
  bool json = false;           // an object a line: {"prediction": ..., "probability": ...}
  std::string missing =
      "run";  // "mean": a missing value or unknown category gets the training mean
  std::string separator = "auto", header = "auto";  // as in TableOptions
  std::filesystem::path out;  // written whole or not at all; if empty, `write` is given the lines
  std::function<void(std::string_view)> write;
  const std::atomic<bool>* stop = nullptr;  // set by anyone: ends early, and leaves no `out`
};

// What the run's model says of each example of a file, a line each: the class, or the number in the
// unit of the label. The file is a table of the run's columns, with or without the label, or for a
// run on images an IDX file; memory does not grow with it. Returns the number of examples.
// Throws UsageError on options that do not suit the run, Error on what is wrong in the file.
int64_t predict_file(const LoadedRun& run, const std::filesystem::path& file,
                     const PredictOptions& options);

}  // namespace ravine
