#include <algorithm>

#include "train/results.h"

namespace ravine {

void RunningLossMeter::add(int64_t step, double loss) {
  if (count_ == 0) open_ = {step, 0, loss, loss};
  open_.step = step;
  open_.mean += loss;
  open_.low = std::min(open_.low, loss), open_.high = std::max(open_.high, loss);
  if (++count_ < loss_.batches) return;
  loss_.points.push_back({open_.step, open_.mean / double(count_), open_.low, open_.high});
  count_ = 0;
  if (loss_.points.size() == RunningLoss::kMost) halve();
}

// Two points become one.
void RunningLossMeter::halve() {
  auto& points = loss_.points;
  for (size_t i = 0; i < points.size() / 2; ++i) {
    const RunningLoss::Point &a = points[2 * i], &b = points[2 * i + 1];
    points[i] = {b.step, (a.mean + b.mean) / 2, std::min(a.low, b.low), std::max(a.high, b.high)};
  }
  points.resize(points.size() / 2);
  loss_.batches *= 2;
}

RunningLoss RunningLossMeter::loss() const {
  RunningLoss result = loss_;
  if (count_ > 0) {
    result.points.push_back({open_.step, open_.mean / double(count_), open_.low, open_.high});
  }
  return result;
}

}  // namespace ravine
