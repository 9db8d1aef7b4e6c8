#include "lab/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/math.h"

namespace ravine::lab {
namespace {

// arctan by halving the angle until the series is short: arctan x = 2 arctan(x / (1 + sqrt(1 +
// x^2))).
double arctan(double x) {
  double factor = 1;
  while (x > 0.05) x /= 1 + std::sqrt(1 + x * x), factor *= 2;
  double sum = 0, power = x;
  for (int n = 1; n < 20; n += 2) {
    sum += (n % 4 == 1 ? power : -power) / n;
    power *= x * x;
  }
  return factor * sum;
}

// The chance that |t| is less: Abramowitz and Stegun, 26.7.3 and 26.7.4, with cos^2 = df / (df +
// t^2).
double chance_below(double t, int64_t df) {
  const double n = double(df), cosine2 = n / (n + t * t), sine = t / std::sqrt(n + t * t);
  const bool odd = df % 2 == 1;
  double term = odd ? std::sqrt(cosine2) : 1, sum = df == 1 ? 0 : term;
  for (int64_t k = odd ? 3 : 2; k <= df - 2; k += 2) {
    term *= cosine2 * double(k - 1) / double(k);
    sum += term;
  }
  if (!odd) return sine * sum;
  return 2 / math::kPi * (arctan(t / std::sqrt(n)) + sine * sum);
}

// Far out, 1 minus that has no digits left: the tail as a series in df / (df + t^2), from the
// incomplete beta function I_x(df / 2, 1 / 2) (Abramowitz and Stegun, 26.5.4).
double tail(double t, int64_t df) {
  const double n = double(df), x = n / (n + t * t);
  double beta = df % 2 == 1 ? math::kPi : 2;  // B(1/2, 1/2) or B(1, 1/2)
  for (double a = df % 2 == 1 ? 0.5 : 1; a < n / 2; ++a) beta *= a / (a + 0.5);
  double term = 1, sum = 1;
  for (int k = 0; k < 10'000 && term > sum * 1e-17; ++k) {
    term *= x * (n / 2 + 0.5 + k) / (n / 2 + 1 + k);
    sum += term;
  }
  return math::pow(x, n / 2) * std::sqrt(1 - x) / (n / 2 * beta) * sum;
}

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / double(values.size());
}

// Of the mean; `count` is at least 2.
double standard_error(std::span<const double> values) {
  const double mean = mean_of(values), n = double(values.size());
  double squares = 0;
  for (const double x : values) squares += (x - mean) * (x - mean);
  return std::sqrt(squares / (n - 1) / n);
}

}  // namespace

double t_two_sided(double t, int64_t df) {
  if (df < 1 || std::isnan(t)) return NAN;
  t = std::fabs(t);
  if (std::isinf(t)) return 0;
  const double below = chance_below(t, df);
  return below < 0.9 ? 1 - below : tail(t, df);
}

double t_quantile(double p, int64_t df) {
  double low = 0, high = 1;
  while (t_two_sided(high, df) > p) high *= 2;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (t_two_sided(middle, df) > p ? low : high) = middle;
  }
  return (low + high) / 2;
}

Estimate estimate(std::span<const double> values) {
  Estimate result{.count = int64_t(values.size())};
  if (values.empty()) return result;
  result.mean = mean_of(values);
  if (result.count < 2) return result;
  result.half = t_quantile(0.05, result.count - 1) * standard_error(values);
  return result;
}

double paired_p(std::span<const double> differences) {
  if (differences.size() < 2) return NAN;
  const double mean = mean_of(differences), error = standard_error(differences);
  if (std::ranges::all_of(differences, [&](double d) { return d == differences[0]; })) {
    return differences[0] == 0 ? 1 : 0;
  }
  return t_two_sided(mean / error, int64_t(differences.size()) - 1);
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<size_t> order;
  for (size_t i = 0; i < p.size(); ++i) {
    if (!std::isnan(p[i])) order.push_back(i);
  }
  std::ranges::stable_sort(order, [&](size_t a, size_t b) { return p[a] < p[b]; });
  std::vector<double> corrected(p.begin(), p.end());
  double largest = 0;
  for (size_t k = 0; k < order.size(); ++k) {
    largest = std::max(largest, std::min(1.0, double(order.size() - k) * p[order[k]]));
    corrected[order[k]] = largest;
  }
  return corrected;
}

}  // namespace ravine::lab
