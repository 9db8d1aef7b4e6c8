#include "ravine/diagnose.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/file.h"
#include "lab/findings.h"
#include "lab/probe.h"
#include "ravine/error.h"
#include "ravine/runtime.h"
#include "ravine/table.h"
#include "train/fit.h"
#include "train/folder.h"
#include "train/run.h"

namespace ravine {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kEvery = 40;        // updates
constexpr int64_t kExamples = 128;    // of the activations, at most
constexpr int64_t kFewExamples = 32;  // at least, where there are as many
constexpr int64_t kShare = 8;  // examples of a probe for each that is trained on meanwhile: 1 / 8
constexpr size_t kMostProbes = 64;
constexpr int64_t kStartExamples = 16;  // at least, that the loss at the start is of

// Evenly over the set.
Tensor some_examples(const Dataset& data) {
  const int64_t size = int64_t(data.size());
  const int64_t count = std::min(size, std::clamp(size / 4, kFewExamples, kExamples));
  std::vector<uint32_t> indices;
  for (int64_t i = 0; i < count; ++i) indices.push_back(uint32_t(i * size / count));
  Tensor x, y;
  data.gather(indices, x, y);
  return x;
}

std::vector<double> sizes_of(const Tensor& x) {
  const size_t inputs = size_t(x.size() / x.shape()[0]);
  std::vector<double> sizes(inputs);
  const std::vector<double> values = x.to_vector();
  for (size_t i = 0; i < values.size(); ++i) sizes[i % inputs] += values[i] * values[i];
  for (double& size : sizes) size = std::sqrt(size / double(x.shape()[0]));
  return sizes;
}

// In the order of the model's inputs.
std::vector<std::string> input_names(const Preparation& preparation) {
  std::vector<std::string> names;
  for (const PreparedColumn& column : preparation.columns) {
    const std::string name =
        column.name.empty() ? fmt::format("column {}", &column - preparation.columns.data() + 1)
                            : column.name;
    if (column.use == PreparedColumn::Use::kNumber) names.push_back(name);
    if (column.use != PreparedColumn::Use::kCategory) continue;
    for (const std::string& value : column.values) names.push_back(name + "=" + value);
  }
  return names;
}

std::vector<int64_t> class_counts(const Dataset& data) {
  std::vector<int64_t> counts(size_t(data.classes()));
  if (!counts.empty()) {
    for (const int32_t label : data.labels()) ++counts[size_t(label)];
  }
  return counts;
}

}  // namespace

struct Diagnoser::Body {
  int64_t every = 0;
  Tensor examples;
  std::optional<lab::Prober> prober;
  bool probing = false;
  std::string ended;
  lab::Case seen;

  void before(const UpdateEvent& event) {
    if (!prober) throw UsageError("diagnose: begin() with the training data comes before fit()");
    if (every == 0) {
      every = std::max(kEvery, kShare * examples.shape()[0] / event.batch.size());
    }
    if (seen.layers.empty()) seen.layers = event.model.summary();
    probing = (event.step - 1) % (every * spread) == 0;
    if (probing) prober->before(event);
  }

  void after(const UpdateEvent& event) {
    if (!probing) return;
    seen.probes.push_back(prober->after(event));
    if (seen.probes.size() < kMostProbes) return;
    for (size_t i = 1; 2 * i < kMostProbes; ++i) seen.probes[i] = std::move(seen.probes[2 * i]);
    seen.probes.resize(kMostProbes / 2);
    spread *= 2;
  }

  void batch(const BatchEvent& event) {
    if (start_examples < kStartExamples) {
      const int64_t size = event.epoch == 1 ? event.examples - start_examples : kStartExamples;
      start_sum += event.loss * double(size), start_examples += size;
      seen.start_loss = start_sum / double(start_examples);
    }
    if (probing && !seen.probes.empty() && seen.probes.back().step == event.step) {
      seen.probes.back().loss = event.loss;
    }
  }

  double start_sum = 0;  // of the first losses
  int64_t start_examples = 0;
  int64_t spread = 1;  // of the intervals, as probes were dropped
};

Diagnoser::Diagnoser(const DiagnoseOptions& options) : body_(new Body) {
  DiagnoseOptions copy = options;
  check_options("diagnose", list_options(copy));
  body_->every = options.every;
}
Diagnoser::~Diagnoser() = default;
Diagnoser::Diagnoser(Diagnoser&&) noexcept = default;
Diagnoser& Diagnoser::operator=(Diagnoser&&) noexcept = default;

void Diagnoser::begin(const TrainTest& data) {
  Body& b = *body_;
  if (data.train.size() == 0) throw UsageError("diagnose: the training data are empty");
  b.examples = some_examples(data.train);
  b.prober.emplace(b.examples);
  b.seen = {.input_sizes = sizes_of(b.examples),
            .class_counts = class_counts(data.train),
            .class_names = data.train.class_names};
  if (data.preparation) b.seen.input_names = input_names(*data.preparation);
}

Callback Diagnoser::callback() {
  Body* const b = body_.get();
  return {.before_update = [b](const UpdateEvent& event) { b->before(event); },
          .after_update = [b](const UpdateEvent& event) { b->after(event); },
          .on_batch = [b](const BatchEvent& event) { b->batch(event); },
          .on_epoch = [b](const EpochRecord& record) { b->seen.epochs.push_back(record); },
          .on_end = [b](const History& history) { b->ended = history.stopped; }};
}

Diagnosis Diagnoser::diagnosis(std::string_view error) const {
  const Body& b = *body_;
  Diagnosis d{.every = b.every,
              .examples = b.examples.defined() ? b.examples.shape()[0] : 0,
              .layers = b.seen.layers,
              .probes = b.seen.probes};
  lab::Case c = b.seen;
  if (b.ended.empty()) c.error = error;  // else the training itself went well
  d.findings = lab::judge(c);
  return d;
}

namespace {

// The columns of history.csv that are judged.
std::vector<EpochRecord> epochs_of(const HistoryTable& history) {
  std::vector<EpochRecord> epochs(history.rows());
  const auto take = [&](const char* name, const auto& set) {
    const std::vector<double>* column = history.find(name);
    for (size_t i = 0; column != nullptr && i < column->size(); ++i) set(epochs[i]) = (*column)[i];
  };
  for (size_t i = 0; i < epochs.size(); ++i) {
    epochs[i].epoch = int64_t((*history.find("epoch"))[i]);
    epochs[i].step = int64_t((*history.find("step"))[i]);
  }
  take("lr", [](EpochRecord& e) -> double& { return e.lr; });
  take("train_loss", [](EpochRecord& e) -> double& { return e.train.loss; });
  take("train_accuracy", [](EpochRecord& e) -> double& { return e.train.accuracy; });
  take("validation_loss", [](EpochRecord& e) -> double& { return e.validation.loss; });
  take("validation_accuracy", [](EpochRecord& e) -> double& { return e.validation.accuracy; });
  take("test_loss", [](EpochRecord& e) -> double& { return e.test.loss; });
  take("test_accuracy", [](EpochRecord& e) -> double& { return e.test.accuracy; });
  return epochs;
}

}  // namespace

namespace {

void check_run(const fs::path& folder) {
  std::error_code error;
  if (fs::is_directory(folder, error)) return;
  throw UsageError(
      fmt::format("diagnose: {} is no folder; name a run folder, as `ravine train` "
                  "writes it",
                  path_text(folder)));
}

// A warning where the repeated epoch is not the run's.
void compare(const std::vector<EpochRecord>& seen, const std::vector<EpochRecord>& stored) {
  if (seen.empty() || stored.empty() || seen[0].step != stored[0].step) return;
  const double is = seen[0].train.loss, was = stored[0].train.loss;
  if (std::fabs(is - was) <= 1e-3 * std::fabs(was)) return;  // sums differ by instruction set
  warn(
      fmt::format("the first epoch's training loss is {} and was {} in the run: its data or the "
                  "program have changed since",
                  is, was));
}

}  // namespace

Diagnosis diagnose_run(const fs::path& folder, const DiagnoseOptions& options,
                       const RunOptions& how) {
  check_run(folder);
  Diagnoser doctor(options);
  if (!options.again && fs::exists(folder / kDiagnosisFile)) {
    return read_diagnosis(folder / kDiagnosisFile);
  }
  TrainConfig config = make_config(folder / kConfigFile);
  const std::vector<EpochRecord> stored = epochs_of(read_history(folder / kHistoryFile));
  const Results results = read_results(folder / kResultsFile);
  if (options.steps > 0 && (config.steps == 0 || options.steps < config.steps)) {
    config.steps = options.steps;
  }
  const TrainTest data = load_data(config, how.places);
  ReadyRun run = ready_run(config, data);
  doctor.begin(data);
  if (how.on_start) how.on_start({run.config, data, run.model});
  run.fitting.stop = how.stop;
  run.fitting.callbacks = how.callbacks;
  run.fitting.callbacks.push_back(doctor.callback());
  std::string error;
  try {
    fit(run.model, data.train, Dataset(), run.fitting);
  } catch (const Diverged& e) {
    error = e.what();
  }
  compare(doctor.body_->seen.epochs, stored);
  doctor.body_->seen.epochs = stored;
  if (results.ended == "failed") error = results.error;
  doctor.body_->ended.clear();
  Diagnosis d = doctor.diagnosis(error);
  d.repeated = true;
  return d;
}

fs::path write_diagnosis(const fs::path& folder, const Diagnosis& diagnosis) {
  fs::path file = folder / kDiagnosisFile;
  write_file(file, diagnosis_json(diagnosis));
  return file;
}

}  // namespace ravine
