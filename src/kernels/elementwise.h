// Elementwise arithmetic: float32 on every instruction set with the same bits, float64 plainly.
#pragma once
#include <cstddef>
#include <cstdint>

namespace ravine::kernels {

enum class Unary : uint8_t {
  kNegate,
  kSquare,
  kSqrt,
  kExp,
  kLog,
  kAbs,
  kRelu,
  kSigmoid,
  kTanh,
  kSin,
  kCos
};

// y = f(x). y may be x.
void unary(Unary f, const float* x, float* y, size_t n);
void unary(Unary f, const double* x, double* y, size_t n);

// dx = (add ? dx : 0) + dy f'(x), where y = f(x). dx may be dy.
void unary_back(Unary f, const float* x, const float* y, const float* dy, float* dx, size_t n,
                bool add);
void unary_back(Unary f, const double* x, const double* y, const double* dy, double* dx, size_t n,
                bool add);

enum class Binary : uint8_t { kAdd, kSubtract, kMultiply, kDivide };

// A run of elements, or one that stands for all.
template <class T>
struct Operand {
  const T* data;
  bool one = false;
};

void binary(Binary f, Operand<float> a, Operand<float> b, float* y, size_t n);
void binary(Binary f, Operand<double> a, Operand<double> b, double* y, size_t n);

// y = (add ? y : 0) + a x.
void axpy(float a, const float* x, float* y, size_t n, bool add);
void axpy(double a, const double* x, double* y, size_t n, bool add);

// Adds x [columns] to each row of y, `stride` apart. On the calling thread.
void add_to_rows(const float* x, float* y, size_t rows, size_t columns, size_t stride);

}  // namespace ravine::kernels
