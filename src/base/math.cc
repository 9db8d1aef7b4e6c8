#include "base/math.h"

#include <bit>
#include <cmath>
#include <limits>

namespace ravine::math {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kLn2High = 0x1.62e42feep-1;  // 32 bits, so that a small whole multiple is exact
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;

// sum of 1 / (first + 2i)! (-x2)^i for i = 0, 1, ...: the tails of sine and cosine.
double alternating_series(double x2, int first, int terms) {
  double sum = 0;
  for (int i = terms; i-- > 0;) {
    const int n = first + 2 * i;
    sum = 1 - x2 / double((n + 1) * (n + 2)) * sum;
  }
  return sum;
}

// x - k pi/2 as a small remainder; pi/2 in three parts of which the first two have 33 bits.
double remainder_of_half_pi(double x, int64_t& quadrant) {
  if (!(std::fabs(x) <= 1e5)) return quadrant = 0, kNaN;
  constexpr double kA = 0x1.921fb544p+0, kB = 0x1.0b4611a6p-34, kC = 0x1.3198a2e037073p-69;
  const double k = std::floor(x * (2 / kPi) + 0.5);
  quadrant = int64_t(k);
  return ((x - k * kA) - k * kB) - k * kC;
}

double sine_of_small(double x) { return x * alternating_series(x * x, 1, 11); }
double cosine_of_small(double x) { return alternating_series(x * x, 0, 11); }

}  // namespace

double exp(double x) {
  if (std::isnan(x)) return x;
  if (x > 709.782712893384) return kInfinity;
  if (x < -745.2) return 0;
  const double k = std::floor(x * (1 / 0.69314718055994530942) + 0.5);
  const double r = (x - k * kLn2High) - k * kLn2Low;  // |r| <= ln(2) / 2
  double sum = 1;
  for (int i = 14; i > 1; --i) sum = 1 + r / i * sum;
  return std::ldexp(1 + r * sum, int(k));
}

double log(double x) {
  if (std::isnan(x) || x < 0) return kNaN;
  if (x == 0) return -kInfinity;
  if (std::isinf(x)) return x;
  int exponent;
  double m = std::frexp(x, &exponent);  // [0.5, 1)
  if (m < 0.70710678118654752440) m *= 2, --exponent;
  const double f = m - 1, s = f / (2 + f), s2 = s * s;  // log(m) = 2 atanh(s)
  double tail = 0;
  for (int i = 23; i >= 3; i -= 2) tail = s2 * (1.0 / i + tail);
  // 2 s = f - s f, so that the leading term is exact.
  return exponent * kLn2High + (f - (s * (f - 2 * tail) - exponent * kLn2Low));
}

double sin(double x) {
  int64_t quadrant;
  const double r = remainder_of_half_pi(x, quadrant);
  const double value = quadrant & 1 ? cosine_of_small(r) : sine_of_small(r);
  return quadrant & 2 ? -value : value;
}

double cos(double x) {
  int64_t quadrant;
  const double r = remainder_of_half_pi(x, quadrant);
  const double value = quadrant & 1 ? sine_of_small(r) : cosine_of_small(r);
  return (quadrant + 1) & 2 ? -value : value;
}

double power(double base, uint64_t exponent) {
  double result = 1;
  for (; exponent > 0; exponent >>= 1, base *= base) {
    if (exponent & 1) result *= base;
  }
  return result;
}

double pow(double base, double exponent) {
  if (exponent == std::floor(exponent) && std::fabs(exponent) < 0x1p53) {
    const double value = power(base, uint64_t(std::fabs(exponent)));
    return exponent < 0 ? 1 / value : value;
  }
  if (base == 0) return exponent > 0 ? 0 : kInfinity;
  return exp(exponent * log(base));
}

}  // namespace ravine::math
