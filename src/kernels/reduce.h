// Sums in a fixed order: 16 partial sums in each block of 4096, whatever the lanes and threads.
#pragma once
#include <cstddef>

namespace ravine::kernels {

double sum(const float* x, size_t n);
double sum(const double* x, size_t n);

// y[j] = (add ? y[j] : 0) + x[0, j] + x[1, j] + ...: the sum over the rows of x [rows, columns].
void sum_rows(const float* x, size_t rows, size_t columns, float* y, bool add);
void sum_rows(const double* x, size_t rows, size_t columns, double* y, bool add);

}  // namespace ravine::kernels
