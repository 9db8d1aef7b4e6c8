// Training: fit, evaluate, predict, and what they tell.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "ravine/data.h"
#include "ravine/nn.h"
#include "ravine/optimizer.h"

namespace ravine {

// What is measured on a data set: example-weighted means. NaN where it does not apply.
struct Scores {
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  double loss = kNone;
  double accuracy = kNone;             // classification: share of right answers
  double mean_squared_error = kNone;   // regression
  double mean_absolute_error = kNone;  // regression
};

struct EpochRecord {
  int64_t epoch = 0;   // from 1
  int64_t step = 0;    // batches trained so far: updates, and those skipped
  double seconds = 0;  // what training this epoch took, without evaluation
  double lr = 0;       // of the epoch's last update
  Scores train;        // in training mode, while the parameters moved
  Scores validation, test;
};

// The mean training loss of `log_every` batches.
struct LogRecord {
  int64_t epoch = 0, step = 0;
  double loss = 0;
};

struct History {
  std::vector<EpochRecord> epochs;
  std::vector<LogRecord> log;
  std::string stopped;  // why: "epochs", "steps", "tolerance", "patience", "interrupted"
  int64_t skipped = 0;  // updates with a non-finite gradient
};

struct BatchEvent {
  int64_t epoch, batch, batches;  // epoch from 1; batch: done in this epoch, of so many
  int64_t step;                   // batches trained so far
  int64_t examples;               // done in this epoch
  double loss, mean_loss;         // of this batch; of this epoch so far
  double mean_accuracy;           // of this epoch so far; NaN in regression
  double seconds;                 // of training in this epoch so far
};

// Around an update: the gradients in model.parameters() are those of `batch`.
struct UpdateEvent {
  int64_t epoch, step;  // from 1
  const Model& model;
  Optimizer& optimizer;  // to look at: what steps it changes the training
  const Batch& batch;
};

// Any of the hooks may be absent. They are called on the thread that called fit.
struct Callback {
  std::function<void()> on_start;
  std::function<void(const UpdateEvent&)> before_update, after_update;
  std::function<void(const BatchEvent&)> on_batch;
  std::function<void(const LogRecord&)> on_log;
  std::function<void(const EpochRecord&)> on_epoch;
  std::function<void(const History&)> on_end;
};

std::vector<std::string> loss_names();  // "cross_entropy", ...

struct FitOptions {
  OptimizerSpec optimizer = "rmsprop";
  std::string loss = "auto";     // cross_entropy | mean_squared_error | binary_cross_entropy; auto:
                                 // cross entropy with labels, mean squared error with targets
  int64_t epochs = 10;           // 0: no bound, with `steps`
  int64_t steps = 0;             // stop after so many batches; 0: no bound
  std::optional<int64_t> batch;  // if not given 64; of fewer than 2,048 examples a 32nd, at least 4
  bool shuffle = true;
  double validation = 0;  // share of the training data held out, chosen by seed
  double tolerance = 0;   // stop when the training loss changed by less over an epoch; 0: off
  int64_t patience = 0;   // stop after so many epochs without a better validation loss; 0: off
  double l1 = 0, l2 = 0;  // penalties on weights, in the loss shown
  int64_t log_every = 0;  // batches; 0: no log
  // Of order, dropout and held-out examples: those of a Loader, a Model and split() of that seed,
  // so that a loop of one's own gets the same bits.
  uint64_t seed = 0;
  const std::atomic<bool>* stop = nullptr;  // set by anyone: ends after the batch
  std::vector<Callback> callbacks;
};

// Trains `model` in place. `test` is evaluated after each epoch; an empty one is not.
// Throws UsageError on contradictory options, Error when the loss diverges (NaN or infinite).
//
//   Model model("dense(128) relu dropout(0.2) dense(10)");
//   History history = fit(model, mnist.train, mnist.test, {.optimizer = "rmsprop,lr=1e-3"});
History fit(Model& model, const Dataset& train, const Dataset& test,
            const FitOptions& options = {});

struct EvaluateOptions {
  std::string loss = "auto";
  int64_t batch = 1000;
};
Scores evaluate(const Model& model, const Dataset& data, const EvaluateOptions& options = {});

// The model's outputs for all examples: [n, outputs]; probabilities applies softmax.
Tensor predict(const Model& model, const Dataset& data, bool probabilities = false);

}  // namespace ravine
