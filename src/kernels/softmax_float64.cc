// The plain loops that float32 is checked against.
#include <algorithm>
#include <cmath>

#include "base/math.h"
#include "kernels/softmax.h"

namespace ravine::kernels {
namespace {

// log(sum(exp(row))).
double log_sum_exp(const double* row, size_t n) {
  const double most = *std::max_element(row, row + n);
  double sum = 0;
  for (size_t j = 0; j < n; ++j) sum += math::exp(row[j] - most);
  return most + math::log(sum);
}

}  // namespace

void softmax(const double* x, double* y, size_t rows, size_t columns, bool log) {
  for (size_t i = 0; i < rows && columns > 0; ++i, x += columns, y += columns) {
    const double total = log_sum_exp(x, columns);
    for (size_t j = 0; j < columns; ++j) y[j] = log ? x[j] - total : math::exp(x[j] - total);
  }
}

void softmax_back(const double* y, const double* dy, double* dx, size_t rows, size_t columns,
                  bool log, bool add) {
  for (size_t i = 0; i < rows; ++i, y += columns, dy += columns, dx += columns) {
    double total = 0;
    for (size_t j = 0; j < columns; ++j) total += log ? dy[j] : dy[j] * y[j];
    for (size_t j = 0; j < columns; ++j) {
      const double change = log ? dy[j] - math::exp(y[j]) * total : y[j] * (dy[j] - total);
      dx[j] = (add ? dx[j] : 0) + change;
    }
  }
}

void cross_entropy(const double* x, Targets<double> targets, double* loss, double* slope,
                   size_t rows, size_t columns) {
  for (size_t i = 0; i < rows; ++i, x += columns, slope += columns) {
    const double total = log_sum_exp(x, columns);
    double shares = 0;
    loss[i] = 0;
    const auto share = [&](size_t j) {
      if (targets.classes != nullptr) return size_t(targets.classes[i]) == j ? 1.0 : 0.0;
      return targets.shares[i * columns + j];
    };
    for (size_t j = 0; j < columns; ++j) {
      shares += share(j);
      if (share(j) != 0) loss[i] += share(j) * (total - x[j]);
    }
    for (size_t j = 0; j < columns; ++j) slope[j] = shares * math::exp(x[j] - total) - share(j);
  }
}

void logistic_loss(const double* x, const double* target, double* loss, double* slope, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    const double t = math::exp(-std::fabs(x[i]));
    loss[i] = (x[i] < 0 ? 0 : x[i]) - x[i] * target[i] + math::log(1 + t);
    slope[i] = (x[i] < 0 ? t : 1) / (1 + t) - target[i];
  }
}

}  // namespace ravine::kernels
