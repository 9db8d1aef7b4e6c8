// The bars: what Ravine promises of its speed and size, in one place.
#pragma once
#include <map>
#include <string>

#include "bench/harness.h"

namespace ravine::bench {

// Counts, for each bar, in how many runs it was met.
class Bars {
 public:
  void judge(const StepResult& result);
  void judge(const RuleResult& result);
  void judge(const CostResult& result);
  void judge(const StorageResult& result);
  void judge(const EpochResult& result);
  void judge(const BudgetResult& result);
  std::string table() const;  // a line a bar: holds (met in two thirds of its runs), or MISSED

 private:
  struct Count {
    int met = 0, runs = 0;
    bool holds() const { return 3 * met >= 2 * runs; }
  };
  void note(const std::string& bar, bool met);
  std::map<std::string, Count> counts_;
};

}  // namespace ravine::bench
