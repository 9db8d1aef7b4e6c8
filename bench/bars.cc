#include "bench/bars.h"

#include <fmt/format.h>

namespace ravine::bench {
namespace {

// Floors of time(traffic) / time(step), the traffic RMSprop's or the case's own. In the caches
// arithmetic counts: there `over_hardware` times the same step by the hardware's division does too.
struct StepBar {
  const char *name, *size;
  double floor;
  bool own;
  double over_hardware;  // 0: does not count
};
constexpr StepBar kStepBars[] = {
    {"rmsprop", "100M", 0.93, false, 0},
    {"rmsprop", "resnet50", 0.93, false, 0},
    {"rmsprop", "100k", 0.50, false, 1.2},
    {"adam", "100M", 0.93, true, 0},
};

// ./dev bench optim: floors of time(its own traffic) / time(step), of every rule.
constexpr double kRuleFloor = 0.93;  // in DRAM: 100M, resnet50
struct CacheBar {
  const char* name;  // at 100k
  double floor, over_hardware;
};
constexpr CacheBar kCacheBars[] = {{"rmsprop", 0.55, 1.25}, {"adam", 0.50, 0}};

// Ceilings of time(case) / time(one tensor, ordinary gradients).
constexpr double kManyTensors = 1.15, kDeadGradients = 1.1;

// Floors of time(RMSprop in float32) / time(case), of 100M parameters with 2 threads.
struct StorageBar {
  const char* name;
  double floor;
};
constexpr StorageBar kStorageBars[] = {{"slot bfloat16", 1.2},
                                       {"parameter and gradient bfloat16", 1.4},
                                       {"all bfloat16", 1.8},
                                       {"slot 8bit", 1.35},
                                       {"bfloat16, slot 8bit", 1.5}};

// Ceilings of time(epoch) / time(its matrix products alone).
struct EpochBar {
  const char* name;
  double ceiling;
};
constexpr EpochBar kEpochBars[] = {{"784-128-dropout-10", 1.5}, {"784-512-256-10", 1.3}};

struct BudgetBar {
  const char* name;
  double ceiling;
};
constexpr BudgetBar kBudgetBars[] = {{"start of ravine --version", 10},
                                     {"peak memory of a training", 150},
                                     {"compile a file with ravine/ravine.h", 3},
                                     {"full Release build", 240}};

}  // namespace

void Bars::note(const std::string& bar, bool met) {
  Count& count = counts_[bar];
  count.met += met;
  ++count.runs;
}

void Bars::judge(const StepResult& r) {
  for (const StepBar& bar : kStepBars) {
    if (r.name != bar.name || r.size != bar.size) continue;
    const double ratio = (bar.own ? r.own_ratio : r.ratio).median;
    std::string text =
        fmt::format("step {} {}, {} thread{}: >= {:.2f} of {} traffic", r.name, r.size, r.threads,
                    r.threads == 1 ? "" : "s", bar.floor, bar.own ? "its own" : "RMSprop's");
    if (bar.over_hardware > 0) {
      text += fmt::format(", or >= {} x the hardware's division", bar.over_hardware);
    }
    note(text, ratio >= bar.floor ||
                   (bar.over_hardware > 0 && r.over_hardware.median >= bar.over_hardware));
  }
}

void Bars::judge(const RuleResult& r) {
  const std::string threads = fmt::format("{} thread{}", r.threads, r.threads == 1 ? "" : "s");
  if (r.size != "100k") {
    note(
        fmt::format("{} {}, {}: >= {:.2f} of its own traffic", r.name, r.size, threads, kRuleFloor),
        r.ratio.median >= kRuleFloor);
  }
  for (const CacheBar& bar : kCacheBars) {
    if (r.size != "100k" || r.name != bar.name) continue;
    std::string text =
        fmt::format("{} {}, {}: >= {:.2f} of its own traffic", r.name, r.size, threads, bar.floor);
    if (bar.over_hardware > 0) {
      text += fmt::format(", or >= {} x the hardware's division", bar.over_hardware);
    }
    note(text, r.ratio.median >= bar.floor ||
                   (bar.over_hardware > 0 && r.over_hardware.median >= bar.over_hardware));
  }
}

void Bars::judge(const CostResult& r) {
  const double ceiling = r.what.starts_with("gradients") ? kDeadGradients : kManyTensors;
  note(fmt::format("{} with {}, {} thread{}: <= {} x", r.name, r.what, r.threads,
                   r.threads == 1 ? "" : "s", ceiling),
       r.ratio.median <= ceiling);
}

void Bars::judge(const StorageResult& r) {
  if (r.size != "100M" || r.threads != 2) return;
  for (const StorageBar& bar : kStorageBars) {
    if (r.name != bar.name) continue;
    note(fmt::format("{}, 100M, 2 threads: >= {} x RMSprop in float32", r.name, bar.floor),
         r.ratio.median >= bar.floor);
  }
}

void Bars::judge(const EpochResult& r) {
  for (const EpochBar& bar : kEpochBars) {
    if (r.name != bar.name) continue;
    note(fmt::format("epoch {}, {} thread{}: <= {} x its products alone", r.name, r.threads,
                     r.threads == 1 ? "" : "s", bar.ceiling),
         r.ratio.median <= bar.ceiling);
  }
}

void Bars::judge(const BudgetResult& r) {
  for (const BudgetBar& bar : kBudgetBars) {
    if (r.name != bar.name) continue;
    note(fmt::format("{}: < {} {}", r.name, bar.ceiling, r.unit), r.value < bar.ceiling);
  }
}

std::string Bars::table() const {
  std::string text;
  for (const auto& [bar, count] : counts_) {
    text += fmt::format("{}  {} (met in {} of {})\n", count.holds() ? "holds " : "MISSED", bar,
                        count.met, count.runs);
  }
  return text;
}

}  // namespace ravine::bench
