#include "train/fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include "ravine/error.h"
#include "tensor/body.h"
#include "train/loss.h"
#include "train/metric.h"

namespace ravine {
namespace {

using Clock = std::chrono::steady_clock;

bool all_finite(const std::vector<Parameter>& parameters) {
  const auto finite = [](auto* values, size_t size) {
    return std::all_of(values, values + size, [](auto x) { return std::isfinite(x); });
  };
  return std::ranges::all_of(parameters, [&](const Parameter& p) {
    return p.dtype == DType::kFloat32 ? finite(static_cast<const float*>(p.value), p.size)
                                      : finite(static_cast<const double*>(p.value), p.size);
  });
}

// The smallest validation loss, and how long ago it was.
struct Patience {
  double best = std::numeric_limits<double>::infinity();
  int64_t epochs_since = 0;

  void see(double loss) {
    ++epochs_since;
    if (loss < best) best = loss, epochs_since = 0;
  }
};

class Fit {
 public:
  Fit(Model& model, const Dataset& train, const Dataset& test, const FitOptions& options)
      : model_(model),
        test_(test),
        options_(options),
        loss_(find_loss(options.loss, train)),
        meter_(loss_, train),
        optimizer_(options.optimizer) {
    const Split parts = hold_out(train, options);
    validation_ = parts.held_out;
    loader_.emplace(parts.rest,
                    LoaderOptions{.batch_size = batch_size(options.batch, parts.rest.size()),
                                  .shuffle = options.shuffle,
                                  .seed = options.seed});
    parameters_ = model.parameters();
    optimizer_.add(parameters_);
    for (const Parameter& p : parameters_) leaves_.push_back(model.parameter(p.name));
  }

  History run() {
    tell(&Callback::on_start);
    while (history_.stopped.empty()) train_epoch();
    history_.skipped = optimizer_.skipped();
    tell(&Callback::on_end, history_);
    return std::move(history_);
  }

 private:
  void train_epoch() {
    if (interrupted()) return void(history_.stopped = "interrupted");
    ++epoch_, batch_ = 0;
    meter_.clear();
    reserve_log();
    began_ = Clock::now();
    while (const Batch* batch = loader_->next()) {
      train_batch(*batch);
      if (step_ == options_.steps)
        history_.stopped = "steps";
      else if (interrupted())
        history_.stopped = "interrupted";
      if (!history_.stopped.empty()) break;
    }
    end_epoch();
  }

  void train_batch(const Batch& batch) {
    forget_gradients();
    const Tensor outputs = model_.forward(batch.x, {true, options_.seed, uint64_t(step_)});
    Tensor loss = mean_loss(loss_, outputs, batch.y);
    const Tensor penalty = model_.penalty(options_.l1, options_.l2);
    if (penalty.defined()) loss = loss + penalty;
    const double value = loss.item();
    lr_ = optimizer_.lr();
    ++step_, ++batch_;
    if (!std::isfinite(value)) diverged(fmt::format("the loss is {}", value));
    meter_.add(value, outputs, batch.y);
    loss.backward();
    const UpdateEvent update{epoch_, step_, model_, optimizer_, batch};
    tell(&Callback::before_update, update);
    optimizer_.step();
    tell(&Callback::after_update, update);
    log(value, batch.size());
    tell_batch(value);
  }

  // backward() reaches every leaf that asks for its gradient, and overwrites it: only the others
  // need a pass over memory.
  void forget_gradients() {
    for (Tensor& leaf : leaves_) {
      if (leaf.needs_grad()) {
        renew_grad(leaf);
      } else {
        leaf.zero_grad();
      }
    }
  }

  void end_epoch() {
    EpochRecord record{.epoch = epoch_, .step = step_, .seconds = seconds(), .lr = lr_};
    if (!all_finite(parameters_)) diverged("a parameter is not finite");
    record.train = meter_.scores();
    const EvaluateOptions how{.loss = loss_.name};
    if (validation_.size() > 0) record.validation = evaluate(model_, validation_, how);
    if (test_.size() > 0) record.test = evaluate(model_, test_, how);
    history_.epochs.push_back(record);
    if (history_.stopped.empty()) history_.stopped = reason_to_stop();
    tell(&Callback::on_epoch, record);
  }

  // After a whole epoch: "" goes on.
  const char* reason_to_stop() {
    const auto& epochs = history_.epochs;
    patience_.see(epochs.back().validation.loss);
    if (epoch_ == options_.epochs) return "epochs";
    if (options_.tolerance > 0 && epoch_ > 1) {
      const double before = epochs[epochs.size() - 2].train.loss;
      if (std::fabs(epochs.back().train.loss - before) < options_.tolerance) return "tolerance";
    }
    if (options_.patience > 0 && patience_.epochs_since >= options_.patience) return "patience";
    return "";
  }

  bool interrupted() const { return options_.stop != nullptr && options_.stop->load(); }

  double seconds() const { return std::chrono::duration<double>(Clock::now() - began_).count(); }

  // So that no step allocates.
  void reserve_log() {
    if (options_.log_every == 0) return;
    history_.log.reserve(history_.log.size() + loader_->batches() / options_.log_every + 1);
  }

  void log(double loss, int64_t examples) {
    if (options_.log_every == 0) return;
    log_loss_ += loss * double(examples), log_examples_ += examples;
    if (step_ % options_.log_every != 0) return;
    history_.log.push_back({epoch_, step_, log_loss_ / double(log_examples_)});
    log_loss_ = 0, log_examples_ = 0;
    tell(&Callback::on_log, history_.log.back());
  }

  void tell_batch(double loss) {
    if (options_.callbacks.empty()) return;
    const Scores mean = meter_.scores();
    tell(&Callback::on_batch, BatchEvent{.epoch = epoch_,
                                         .batch = batch_,
                                         .batches = loader_->batches(),
                                         .step = step_,
                                         .examples = meter_.examples(),
                                         .loss = loss,
                                         .mean_loss = mean.loss,
                                         .mean_accuracy = mean.accuracy,
                                         .seconds = seconds()});
  }

  template <class Hook, class... Args>
  void tell(Hook Callback::*hook, const Args&... args) {
    for (const Callback& callback : options_.callbacks) {
      if (callback.*hook) (callback.*hook)(args...);
    }
  }

  [[noreturn]] void diverged(const std::string& what) const {
    throw Diverged(
        fmt::format("the training diverged: {} in epoch {}, step {}, with lr = {}; "
                    "try a smaller lr, or clip_global_norm=1",
                    what, epoch_, step_, lr_));
  }

  Model& model_;
  const Dataset& test_;
  const FitOptions& options_;
  const Loss& loss_;
  Dataset validation_;
  Meter meter_;
  std::optional<Loader> loader_;
  Optimizer optimizer_;
  std::vector<Parameter> parameters_;
  std::vector<Tensor> leaves_;
  Patience patience_;
  History history_;
  int64_t epoch_ = 0, step_ = 0, batch_ = 0;
  double lr_ = 0;
  Clock::time_point began_;
  double log_loss_ = 0;
  int64_t log_examples_ = 0;
};

}  // namespace

Split hold_out(const Dataset& train, const FitOptions& options) {
  if (options.validation == 0) return {train, Dataset()};
  return split(train, options.validation, options.seed);
}

History fit(Model& model, const Dataset& train, const Dataset& test, const FitOptions& options) {
  check_fit(model, train, test, options);
  return Fit(model, train, test, options).run();
}

}  // namespace ravine
