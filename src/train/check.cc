#include <fmt/format.h>

#include <algorithm>

#include "ravine/error.h"
#include "ravine/option.h"
#include "ravine/run.h"
#include "train/fit.h"
#include "train/loss.h"

namespace ravine {
namespace {

// Each by itself: the ranges stand in TrainConfig's listing.
void check_ranges(const FitOptions& o) {
  TrainConfig config{.epochs = o.epochs,
                     .steps = o.steps,
                     .batch = batch_size(o.batch, SIZE_MAX),
                     .validation = o.validation,
                     .tolerance = o.tolerance,
                     .patience = o.patience,
                     .l1 = o.l1,
                     .l2 = o.l2,
                     .log_every = o.log_every};
  check_options("train", list_options(config));
}

}  // namespace

int64_t batch_size(std::optional<int64_t> asked, size_t count) {
  // Few examples still make some 300 updates in ten epochs.
  constexpr size_t kUsual = 64, kBatches = 32, kLeast = 4;
  const size_t few = std::max(count / kBatches, std::min(kLeast, count));
  return asked.value_or(int64_t(std::min(kUsual, few)));
}

void check_inputs(const Model& model, const Dataset& data) {
  if (data.size() == 0) throw UsageError("the data are empty");
  if (model.input().size() != data.example().size()) {
    throw UsageError(fmt::format("the model takes inputs of {}, the data have {}",
                                 model.input().text(), data.example().text()));
  }
}

void check_suits(const Model& model, const Dataset& data) {
  check_inputs(model, data);
  if (model.output().size() != data.outputs()) {
    throw UsageError(fmt::format("the model has {} outputs, the data need {}",
                                 model.output().size(), data.outputs()));
  }
}

void check_fit(const Model& model, const Dataset& train, const Dataset& test,
               const FitOptions& options) {
  check_ranges(options);
  if (options.epochs == 0 && options.steps == 0) {
    throw UsageError("train: neither epochs nor steps ends the training; one must be > 0");
  }
  if (options.patience > 0 && options.validation == 0) {
    throw UsageError(
        "train: patience needs a validation loss; hold out a share with validation, 0.1 is usual");
  }
  check_suits(model, train);
  if (test.size() > 0) check_suits(model, test);
  find_loss(options.loss, train);
  const Dataset rest = hold_out(train, options).rest;
  if (options.batch > int64_t(rest.size())) {
    throw UsageError(fmt::format("train: batch must be at most the {} training examples, got {}",
                                 rest.size(), *options.batch));
  }
}

}  // namespace ravine
