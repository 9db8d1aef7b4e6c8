// Schedules: what multiplies lr at each step.
//
//   Optimizer opt(rmsprop({.lr = 1e-3}, {.schedule = cosine({.total = 10'000, .warmup = 500})}));
//   Optimizer same("rmsprop,lr=1e-3,schedule=cosine(total=10000,warmup=500)");
//
// A schedule is a function of k, the number of updates already done: 0 at the first step.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ravine/option.h"

namespace ravine {

// 1 at every step.
struct ConstantOptions {
  template <class F>
  void options(F) {}
};

// 1 / (1 + decay k): what Keras 2 calls `decay`.
// Robbins & Monro, 1951, for decay > 0.
struct InverseTimeOptions {
  double decay = 0;
  template <class F>
  void options(F f) {
    f(Option{"decay", "1 / (1 + decay k) after k updates", kNotNegative, nullptr,
             "1e-6 to 1e-3 is usual"},
      decay);
  }
};

// factor^floor(k / every): a drop at each `every`-th update.
struct StepOptions {
  int64_t every = 0;  // must be given
  double factor = 0.1;
  template <class F>
  void options(F f) {
    f(Option{"every", "updates between drops", kPositive, nullptr, "must be given"}, every);
    f(Option{"factor", "what each drop multiplies by", {.low = 0, .high = 1, .low_open = true}},
      factor);
  }
};

// rate^(k / per): falls to `rate` over each `per` updates, smoothly.
struct ExponentialOptions {
  double rate = 0;  // must be given
  int64_t per = 1;
  template <class F>
  void options(F f) {
    f(Option{"rate",
             "what `per` updates multiply by",
             {.low = 0, .high = 1, .low_open = true},
             nullptr,
             "must be given"},
      rate);
    f(Option{"per", "updates in which lr falls to `rate`", kPositive}, per);
  }
};

// Half a cosine from 1 at k = warmup down to `floor` at k = total, and `floor` from there on.
// Before, a linear warm-up: (k + 1) / (warmup + 1), so that no step has lr 0.
// Loshchilov & Hutter, arXiv:1608.03983; warm-up: Goyal et al., arXiv:1706.02677.
struct CosineOptions {
  int64_t total = 0;  // must be given
  int64_t warmup = 0;
  double floor = 0;
  template <class F>
  void options(F f) {
    f(Option{"total", "updates until `floor`, warm-up included", kPositive, nullptr,
             "must be given"},
      total);
    f(Option{"warmup", "updates of linear warm-up, less than total", kNotNegative}, warmup);
    f(Option{"floor", "the multiplier at the end", kUnit}, floor);
  }
};

class Schedule {
 public:
  Schedule() = default;  // constant
  // NAME or NAME(option=value,...). Throws UsageError: unknown name or option, bad value.
  Schedule(std::string_view text);                                  // NOLINT: meant to convert
  Schedule(const char* text) : Schedule(std::string_view(text)) {}  // NOLINT
  Schedule(const std::string& text) : Schedule(std::string_view(text)) {}  // NOLINT

  double operator()(int64_t k) const;  // k >= 0: updates already done
  std::string text() const;            // "cosine(total=10000,warmup=500)"; parsed, the same again
  operator std::string() const { return text(); }  // NOLINT: as EngineOptions::schedule

  using Form = std::variant<ConstantOptions, InverseTimeOptions, StepOptions, ExponentialOptions,
                            CosineOptions>;
  explicit Schedule(const Form& form);  // Throws UsageError on a bad value.

 private:
  Form form_;
};

Schedule constant();
Schedule inverse_time(const InverseTimeOptions& options);
Schedule step_decay(const StepOptions& options);
Schedule exponential(const ExponentialOptions& options);
Schedule cosine(const CosineOptions& options);  // Throws UsageError unless warmup < total.

// What the schedules and their options are called: for help and docs.
struct ScheduleHelp {
  std::string name, help;
  std::vector<OptionHelp> options;
};
std::vector<ScheduleHelp> schedule_help();

}  // namespace ravine
