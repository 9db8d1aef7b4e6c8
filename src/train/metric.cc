#include "train/metric.h"

#include <cmath>

#include "ravine/ops.h"

namespace ravine {
namespace {

// sum over the examples of the mean over the outputs of f(prediction - target)
template <class T, class F>
double sum_of_differences(const Tensor& predictions, const Tensor& y, const F& f) {
  const auto p = predictions.values<T>(), t = y.values<T>();
  double sum = 0;
  for (size_t i = 0; i < p.size(); ++i) sum += f(double(p[i]) - double(t[i]));
  return sum * double(y.shape()[0]) / double(p.size());
}

template <class F>
double sum_of_differences(const Tensor& predictions, const Tensor& y, const F& f) {
  return y.dtype() == DType::kFloat32 ? sum_of_differences<float>(predictions, y, f)
                                      : sum_of_differences<double>(predictions, y, f);
}

double correct(const Tensor& predictions, const Tensor& y) {
  return double(count_correct(predictions, y));
}

double squared_errors(const Tensor& predictions, const Tensor& y) {
  return sum_of_differences(predictions, y, [](double d) { return d * d; });
}

double absolute_errors(const Tensor& predictions, const Tensor& y) {
  return sum_of_differences(predictions, y, [](double d) { return std::fabs(d); });
}

constexpr std::array<Metric, kMetricCount> kMetrics = {{
    {"accuracy", &Scores::accuracy, true, correct},
    {"mean_squared_error", &Scores::mean_squared_error, false, squared_errors, 2},
    {"mean_absolute_error", &Scores::mean_absolute_error, false, absolute_errors, 1},
}};

}  // namespace

std::span<const Metric, kMetricCount> metrics() { return kMetrics; }

void Meter::add(double mean_loss, const Tensor& outputs, const Tensor& y) {
  const int64_t n = y.shape()[0];
  examples_ += n;
  loss_sum_ += mean_loss * double(n);
  // The largest output is the largest probability too: labels need no prediction.
  const Tensor predictions = labels_ ? outputs : loss_->prediction(outputs.detach());
  for (size_t i = 0; i < kMetricCount; ++i) {
    if (kMetrics[i].labels == labels_) sums_[i] += kMetrics[i].total(predictions, y);
  }
}

Scores Meter::scores() const {
  Scores scores;
  if (examples_ == 0) return scores;
  scores.loss = loss_sum_ / double(examples_);
  for (size_t i = 0; i < kMetricCount; ++i) {
    if (kMetrics[i].labels != labels_) continue;
    double& score = scores.*kMetrics[i].score = sums_[i] / double(examples_);
    for (int k = 0; k < kMetrics[i].power; ++k) score *= unit_;
  }
  return scores;
}

}  // namespace ravine
