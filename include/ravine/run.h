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
#include <span>
#include <string>
#include <vector>

#include "ravine/data.h"
#include "ravine/nn.h"
#include "ravine/option.h"
#include "ravine/train.h"

namespace ravine {

// All that decides the result, and nothing else: number of threads and folders written to do not.
// Each member is a key of config.toml and a flag of `ravine train`.
struct TrainConfig {
  std::string data = "digits";
  std::string data_dir;
  std::string model = "mlp";
  std::string optimizer = "rmsprop";
  std::string loss = "auto";
  int64_t epochs = 10;
  int64_t steps = 0;
  int64_t batch = 64;
  bool shuffle = true;
  double validation = 0;
  double tolerance = 0;
  int64_t patience = 0;
  double l1 = 0, l2 = 0;
  int64_t log_every = 0;
  int64_t seed = 0;

  template <class F>
  void options(F f) {
    f(Option{"data", "data set: digits (drawn here), mnist or fashion-mnist"}, data);
    f(Option{"data_dir", "folder that holds the data set's files; nothing else is tried then"},
      data_dir);
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
    f(Option{"batch", "examples an update", {.low = 1}}, batch);
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

// The config's data set. `places` says where data sets lie; its `dir` is the config's.
TrainTest load_data(const TrainConfig& config, const DataOptions& places = {});

// What is known when all is loaded and checked, and nothing is trained or written yet.
struct RunStart {
  const TrainConfig& config;  // as effective: presets and dialects resolved
  const TrainTest& data;
  const Model& model;
};

struct RunOptions {
  std::filesystem::path out;  // the run folder, made if missing; empty: nothing is written
  bool force = false;         // take a folder that is not empty, and replace the run in it
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
};
// Throws Error: a file is missing or damaged, or the parameters do not fit the model.
LoadedRun load_run(const std::filesystem::path& folder);

}  // namespace ravine
