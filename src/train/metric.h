// What is measured beside the loss.
#pragma once
#include <array>
#include <span>

#include "ravine/train.h"
#include "train/loss.h"

namespace ravine {

struct Metric {
  const char* name;
  double Scores::*score;
  bool labels;  // whether it measures data with labels; else data with targets
  double (*total)(const Tensor& predictions, const Tensor& y);  // summed over the examples
  int power = 0;                                                // of the unit of the targets in it
};

inline constexpr size_t kMetricCount = 3;
std::span<const Metric, kMetricCount> metrics();

// Means over the examples of several batches.
class Meter {
 public:
  // Of data like `data`.
  Meter(const Loss& loss, const Dataset& data)
      : loss_(&loss), labels_(data.classes() > 0), unit_(data.target_scale) {}
  void add(double mean_loss, const Tensor& outputs, const Tensor& y);
  void clear() { examples_ = 0, loss_sum_ = 0, sums_ = {}; }
  int64_t examples() const { return examples_; }
  Scores scores() const;

 private:
  const Loss* loss_;
  bool labels_;
  double unit_;  // of the targets
  int64_t examples_ = 0;
  double loss_sum_ = 0;
  std::array<double, kMetricCount> sums_{};
};

}  // namespace ravine
