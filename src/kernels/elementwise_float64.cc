// The plain loops that float32 is checked against.
#include <cmath>

#include "base/math.h"
#include "kernels/elementwise.h"

namespace ravine::kernels {
namespace {

double sigmoid(double x) {
  const double t = math::exp(-std::fabs(x));
  return (x < 0 ? t : 1) / (1 + t);
}

double tanh(double x) {
  const double size = std::fabs(x);
  if (size < 0x1p-8) return x * (1 - x * x / 3 * (1 - x * x * 2 / 5));
  const double t = math::exp(-2 * size);
  return std::copysign((1 - t) / (1 + t), x);
}

double value_of(Unary f, double x) {
  switch (f) {
    case Unary::kNegate:
      return -x;
    case Unary::kSquare:
      return x * x;
    case Unary::kSqrt:
      return std::sqrt(x);
    case Unary::kExp:
      return math::exp(x);
    case Unary::kLog:
      return math::log(x);
    case Unary::kAbs:
      return std::fabs(x);
    case Unary::kRelu:
      return x < 0 ? 0 : x;
    case Unary::kSigmoid:
      return sigmoid(x);
    case Unary::kTanh:
      return tanh(x);
    case Unary::kSin:
      return math::sin(x);
    case Unary::kCos:
      return math::cos(x);
  }
  return x;
}

double slope_of(Unary f, double x, double y) {
  switch (f) {
    case Unary::kNegate:
      return -1;
    case Unary::kSquare:
      return 2 * x;
    case Unary::kSqrt:
      return 1 / (2 * y);
    case Unary::kExp:
      return y;
    case Unary::kLog:
      return 1 / x;
    case Unary::kAbs:
      return x < 0 ? -1 : x > 0 ? 1 : 0;
    case Unary::kRelu:
      return y <= 0 ? 0 : 1;
    case Unary::kSigmoid:
      return y * (1 - y);
    case Unary::kTanh:
      return 1 - y * y;
    case Unary::kSin:
      return math::cos(x);
    case Unary::kCos:
      return -math::sin(x);
  }
  return 0;
}

double value_of(Binary f, double a, double b) {
  switch (f) {
    case Binary::kAdd:
      return a + b;
    case Binary::kSubtract:
      return a - b;
    case Binary::kMultiply:
      return a * b;
    case Binary::kDivide:
      return a / b;
  }
  return a;
}

}  // namespace

void unary(Unary f, const double* x, double* y, size_t n) {
  for (size_t i = 0; i < n; ++i) y[i] = value_of(f, x[i]);
}

void unary_back(Unary f, const double* x, const double* y, const double* dy, double* dx, size_t n,
                bool add) {
  for (size_t i = 0; i < n; ++i) dx[i] = (add ? dx[i] : 0) + dy[i] * slope_of(f, x[i], y[i]);
}

void binary(Binary f, Operand<double> a, Operand<double> b, double* y, size_t n) {
  for (size_t i = 0; i < n; ++i) y[i] = value_of(f, a.data[a.one ? 0 : i], b.data[b.one ? 0 : i]);
}

void axpy(double a, const double* x, double* y, size_t n, bool add) {
  for (size_t i = 0; i < n; ++i) y[i] = (add ? y[i] : 0) + a * x[i];
}

}  // namespace ravine::kernels
