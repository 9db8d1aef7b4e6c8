// Softmax and the losses on it, a row at a time; sums as in reduce.h.
#pragma once
#include <cstddef>
#include <cstdint>

namespace ravine::kernels {

// y = softmax(x), or its logarithm, of each row. y may be x.
void softmax(const float* x, float* y, size_t rows, size_t columns, bool log);
void softmax(const double* x, double* y, size_t rows, size_t columns, bool log);

// dx = (add ? dx : 0) + d loss / d x, from dy and y: y (dy - sum(dy y)), and for the logarithm
// dy - exp(y) sum(dy).
void softmax_back(const float* y, const float* dy, float* dx, size_t rows, size_t columns, bool log,
                  bool add);
void softmax_back(const double* y, const double* dy, double* dx, size_t rows, size_t columns,
                  bool log, bool add);

// The right answers of a batch: a class a row, or a distribution over the classes a row.
template <class T>
struct Targets {
  const int32_t* classes;  // nullptr: `shares` holds
  const T* shares;
};

// Row losses -sum_j target_j log softmax(x)_j, and slope = d row loss / d x.
void cross_entropy(const float* x, Targets<float> targets, float* loss, float* slope, size_t rows,
                   size_t columns);
void cross_entropy(const double* x, Targets<double> targets, double* loss, double* slope,
                   size_t rows, size_t columns);

// loss = log(1 + e^x) - target x, and slope = sigmoid(x) - target, of each element.
void logistic_loss(const float* x, const float* target, float* loss, float* slope, size_t n);
void logistic_loss(const double* x, const double* target, double* loss, double* slope, size_t n);

}  // namespace ravine::kernels
