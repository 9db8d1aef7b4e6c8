// What the benchmarks share: ratios to a reference that is timed right beside the case, because
// absolute times of a shared machine say nothing.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/pool.h"

namespace ravine::bench {

// What the command line selects. Empty lists take everything.
struct Selection {
  std::vector<std::string> names, sizes;
  std::vector<int> threads = {1, 2};
  int pairs = 15;
  bool takes(std::string_view name, std::string_view size = {}) const;
};

struct Spread {
  double median = 0, low = 0, high = 0;  // low, high: the 10 % and 90 % quantiles
};
Spread spread(std::vector<double> values);
// Of above[i] / below[i], pair by pair.
Spread ratio(const std::vector<double>& above, const std::vector<double>& below);

using Work = std::function<void()>;
double seconds(const Work& work, int repeats = 1);  // of one repeat
// How often `work` has to be repeated to take 2 ms.
int repeats_for(const Work& work);

// Runs all works in turn, `rounds` times, each round in the opposite order of the last.
// times[i][r]: seconds of work i in round r.
std::vector<std::vector<double>> interleave(std::span<const Work> works, int rounds);

// ---- the traffic of an optimizer's step ----

// Memory that a step goes over: of every stream `size` elements are read, and of all but the
// second written. streams: parameters, gradients, then the slots (4 at most).
struct Segment {
  std::vector<float*> streams;
  size_t size = 0;
};

// Loops that move the bytes of a step, compute nothing, and leave every value as it is.
class Traffic {
 public:
  static constexpr int kVariants = 3;  // a plain loop, one that prefetches, one stream at a time
  explicit Traffic(std::vector<Segment> segments);
  double bytes() const;         // read and written by one run
  void run(int variant) const;  // with the team of base/team.h
  int fastest(int rounds = 5) const;

 private:
  std::vector<Segment> segments_;
  std::vector<size_t> ends_;  // of the segments, counted over all
};

// One case of a step. Ratios are time(traffic) / time(step): 1 is as fast as memory allows.
struct StepResult {
  std::string name, size;  // the spec as typed; "100k", ...
  int threads = 0;
  Spread ratio;               // to RMSprop's traffic: read p, g, v, write p, v
  double reference_gb_s = 0;  // of that traffic
  Spread own_ratio;           // to the traffic of the case itself
  double own_reference_gb_s = 0;
  Spread
      over_hardware;  // time(step with the hardware's division) / time(step); zeros: not measured
};

// Measures `step`, which goes over `memory` once a call, with `threads` threads.
// `hardware`, if not empty, is the same step by the hardware's division.
StepResult measure_step(std::string name, std::string size, int threads,
                        const std::vector<Segment>& memory, const Work& step, const Work& hardware,
                        int pairs);

// "100k", "1M", "25M", "100M": one tensor; "resnet50": its 161.
std::vector<std::string> step_sizes();
std::vector<size_t> tensors_of(std::string_view size);  // their numbers of elements

// ---- every rule: ./dev bench optim ----

struct RuleResult {
  std::string name, size;
  int threads = 0;
  Spread ratio;               // time(its own traffic) / time(step)
  double reference_gb_s = 0;  // of that traffic
  Spread over_hardware;       // as in StepResult
};

struct CostResult {
  std::string name, what;  // "rmsprop", "3,000 tensors"
  int threads = 0;
  Spread ratio;  // time(case) / time(one tensor of as many elements, ordinary gradients)
};

// ---- storage ----

struct StorageResult {
  std::string name, size;  // "slot bfloat16", "100M"
  int threads = 0;
  double bytes = 0;  // read and written for each parameter; RMSprop in float32: 20
  Spread ratio;      // time(RMSprop in float32) / time(case)
};

// ---- one training epoch ----

struct EpochResult {
  std::string name;  // "784-128-dropout-10"
  int threads = 0;
  Spread ratio;             // time(epoch) / time(its matrix products alone)
  double seconds = 0;       // of an epoch, the median
  double flop_share = 0;    // needed FLOP / time / the fastest register-only FMA loop
  double peak_gflop_s = 0;  // of that loop
};

// GFLOP/s of the fastest register-only loop of float32 multiply-adds, with the team's threads.
double peak_gflop_s();

// ---- what the program costs beside training ----

struct BudgetResult {
  std::string name, unit;
  double value = 0;
};

// The groups. step.cc, optim.cc, storage.cc, epoch.cc, budget.cc. The budgets' names in a selection
// are start, memory and compile.
void run_steps(const Selection& selection, const std::function<void(const StepResult&)>& report);
void run_optim(const Selection& selection, const std::function<void(const RuleResult&)>& report,
               const std::function<void(const CostResult&)>& report_cost);
void run_storage(const Selection& selection,
                 const std::function<void(const StorageResult&)>& report);
void run_epochs(const Selection& selection, const std::function<void(const EpochResult&)>& report);
void run_budgets(const Selection& selection,
                 const std::function<void(const BudgetResult&)>& report);
void run_build(const std::function<void(const BudgetResult&)>& report);

}  // namespace ravine::bench
