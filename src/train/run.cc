#include "train/run.h"

#include <fmt/format.h>

#include "base/file.h"
#include "base/memory.h"
#include "ravine/error.h"
#include "ravine/option.h"
#include "ravine/runtime.h"
#include "ravine/safetensors.h"
#include "train/fit.h"
#include "train/folder.h"
#include "train/load.h"
#include "train/loss.h"
#include "train/results.h"

namespace ravine {
namespace {

// Buffers as large as the parameters that an optimizer keeps.
int64_t slots_of(const OptimizerSpec& spec) {
  float value = 0, gradient = 0;
  Optimizer optimizer(spec);
  optimizer.add("w", {&value, 1}, {&gradient, 1});
  return int64_t(optimizer.state_bytes() / sizeof(float));
}

std::optional<int64_t> given_batch(const TrainConfig& config) {
  return config.batch == 0 ? std::nullopt : std::optional(config.batch);
}

// What was not given takes a value that suits the data.
void check_config(TrainConfig config) {
  config.batch = batch_size(given_batch(config), SIZE_MAX);
  check_options("train", list_options(config));
}

void check_memory(const TrainConfig& config, const ModelOptions& options) {
  const double needed =
      Model::bytes_needed(config.model, options, config.batch, slots_of(config.optimizer));
  const double available = available_memory();
  if (needed > available) {
    throw UsageError(
        fmt::format("model: '{}' with batches of {} needs {:.0f} bytes to train, and "
                    "{:.0f} are available; use fewer units or a smaller batch",
                    config.model, config.batch, needed, available));
  }
}

Model build_model(const TrainConfig& config, const Dataset& data) {
  const ModelOptions options{
      .input = data.example(), .outputs = data.outputs(), .seed = uint64_t(config.seed)};
  check_memory(config, options);
  return Model(config.model, options);
}

FitOptions fit_options(const TrainConfig& config) {
  return {.optimizer = config.optimizer,
          .loss = config.loss,
          .epochs = config.epochs,
          .steps = config.steps,
          .batch = config.batch,
          .shuffle = config.shuffle,
          .validation = config.validation,
          .tolerance = config.tolerance,
          .patience = config.patience,
          .l1 = config.l1,
          .l2 = config.l2,
          .log_every = config.log_every,
          .seed = uint64_t(config.seed)};
}

uint64_t bytes_of_parameters(const Model& model) {
  uint64_t bytes = 0;
  for (const Parameter& p : model.parameters()) bytes += p.size * size_of(p.dtype);
  return bytes;
}

// Keeps the folder up to date. A disk that fills up meanwhile does not end the training: the last
// write says so.
class Recorder {
 public:
  Recorder(RunFolder& folder, Results results) : folder_(folder), results_(std::move(results)) {}

  Callback callback() {
    return {.on_batch = [this](const BatchEvent& b) { running_loss_.add(b.step, b.loss); },
            .on_epoch =
                [this](const EpochRecord& record) {
                  history_.epochs.push_back(record);
                  try_to([&] { folder_.write_history(history_); });
                }};
  }

  void fail(const std::string& error) {
    results_.ended = "failed", results_.error = error;
    results_.running_loss = running_loss_.loss();
    try_to([&] { folder_.write_results(results_); });
  }

  void finish(const History& history, Examined examined) {
    folder_.write_history(history);
    results_.ended = history.stopped, results_.skipped = history.skipped;
    results_.running_loss = running_loss_.loss();
    results_.examined = std::move(examined);
    folder_.write_results(results_);
  }

 private:
  template <class F>
  void try_to(const F& write) {
    try {
      write();
    } catch (const Error& e) {
      warn(e.what());
    }
  }

  RunFolder& folder_;
  Results results_;
  RunningLossMeter running_loss_;
  History history_;
};

// On examples that the model was not trained on, where there are any.
Examined examine(const Model& model, const TrainTest& data, const Split& parts, const Loss& loss) {
  if (data.test.size() > 0) return examine(model, data.test, "test", loss);
  if (parts.held_out.size() > 0) return examine(model, parts.held_out, "validation", loss);
  return examine(model, data.train, "train", loss);
}

}  // namespace

ReadyRun ready_run(const TrainConfig& asked, const TrainTest& data) {
  TrainConfig config = asked;
  check_config(config);
  config.optimizer = OptimizerSpec(config.optimizer).text();
  Split parts =
      hold_out(data.train, {.validation = config.validation, .seed = uint64_t(config.seed)});
  config.batch = batch_size(given_batch(config), parts.rest.size());
  if (data.preparation) config.table.task = task_of(*data.preparation);
  Model model = build_model(config, data.train);
  config.model = model.spec();
  config.loss = find_loss(config.loss, data.train).name;
  FitOptions fitting = fit_options(config);
  check_fit(model, data.train, data.test, fitting);
  return {std::move(config), std::move(parts), std::move(model), std::move(fitting)};
}

RunResult run_training(const TrainConfig& asked, const RunOptions& options) {
  check_config(asked);
  (void)OptimizerSpec(asked.optimizer);
  RunFolder folder(options.out, options.force);

  const TrainTest data = load_data(asked, options.places);
  auto [config, parts, model, fitting] = ready_run(asked, data);
  const Results results = begin_results(model, parts.rest, parts.held_out, data.test);
  folder.create(config, data.preparation.get(),
                {.labels = data.train.classes() > 0,
                 .validation = config.validation > 0,
                 .test = data.test.size() > 0},
                results, bytes_of_parameters(model));
  if (options.on_start) options.on_start({config, data, model});
  Recorder recorder(folder, results);
  fitting.stop = options.stop;
  fitting.callbacks = {recorder.callback()};
  if (options.tensorboard) fitting.callbacks.push_back(folder.write_events());
  fitting.callbacks.insert(fitting.callbacks.end(), options.callbacks.begin(),
                           options.callbacks.end());
  History history;
  try {
    history = fit(model, data.train, data.test, fitting);
  } catch (const Error& e) {
    recorder.fail(e.what());
    throw;
  }
  recorder.finish(history, examine(model, data, parts, find_loss(config.loss, data.train)));
  folder.write_model(model);
  return {std::move(config), std::move(model), std::move(history), folder.written()};
}

LoadedRun load_run(const std::filesystem::path& folder) {
  LoadedRun run{make_config(folder / kConfigFile), load_model(folder / kModelFile), nullptr};
  const std::filesystem::path preparation = folder / kPreparationFile;
  if (!is_table(run.config.data)) return run;
  run.preparation = std::make_shared<const Preparation>(
      parse_preparation(read_file(preparation), path_text(preparation)));
  if (run.preparation->inputs() != run.model.input().size()) {
    throw Error(fmt::format("{}: it gives {} inputs, and the model takes {}",
                            path_text(preparation), run.preparation->inputs(),
                            run.model.input().size()));
  }
  return run;
}

}  // namespace ravine
