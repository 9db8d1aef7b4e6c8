#include "report/scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/math.h"
#include "base/text.h"
#include "ravine/format.h"

namespace ravine::report {
namespace {

constexpr double kLargest = 1e300, kSmallest = 1e-300;  // so that no difference overflows
constexpr int kLogSpread = 20;  // largest / smallest from which a logarithm helps

double power_of_ten(int exponent) {
  return parse_double(fmt::format("1e{}", std::clamp(exponent, -307, 307))).value();
}

// The largest k with 10^k <= value.
int exponent_of(double value) {
  const int k = int(std::floor(math::log(value) / math::log(10)));
  if (power_of_ten(k) > value) return k - 1;
  return power_of_ten(k + 1) <= value ? k + 1 : k;
}

// The smallest of 1, 2, 5 times a power of ten that is at least `step`.
double nice_step(double step) {
  const double power = power_of_ten(exponent_of(step));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= step * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

int decimals_of(double step) { return std::clamp(-exponent_of(step * (1 + 1e-9)), 0, 15); }

std::string trimmed_exponent(double value) {  // "2e-5", "1.5e+8"
  std::string text = fmt::format("{:.2g}", value);
  if (text.find('e') == text.npos) text = fmt::format("{:.1e}", value);
  const size_t zero = text.find_first_of("+-", text.find('e')) + 1;
  if (zero < text.size() - 1 && text[zero] == '0') text.erase(zero, 1);
  const size_t fraction = text.find(".0e");
  return fraction == text.npos ? text : text.erase(fraction, 2);
}

std::string tick_text(double value, double step, Unit unit) {
  if (value == 0) value = 0;  // not -0
  if (unit == Unit::kPercent) return fmt::format("{:.{}f}%", 100 * value, decimals_of(100 * step));
  const double size = std::max(std::fabs(value), step);
  if (size >= 1e7 || size < 1e-5) return value == 0 ? "0" : trimmed_exponent(value);
  if (step >= 1 && size >= 1000) return count_text(std::llround(value));
  return fmt::format("{:.{}f}", value, decimals_of(step));
}

std::vector<Tick> linear_ticks(const Scale& scale, double step, Unit unit) {
  std::vector<Tick> ticks;
  const double slack = 1e-6 * step;
  for (double i = std::ceil((scale.low - slack) / step); i * step <= scale.high + slack; ++i) {
    const double value = i * step + 0.0;  // which makes 0 of -0
    ticks.push_back({value, tick_text(value, step, unit)});
  }
  return ticks;
}

Ruler linear_ruler(Scale scale, Unit unit, int count, bool whole_ticks) {
  double step = nice_step((scale.high - scale.low) / count);
  if (unit == Unit::kWhole) step = std::max(step, 1.0);
  if (whole_ticks) {
    scale.low = std::floor(scale.low / step + 1e-6) * step;
    scale.high = std::ceil(scale.high / step - 1e-6) * step;
  }
  return {scale, linear_ticks(scale, step, unit)};
}

// Powers of ten, every few of them where there are many; 2 and 5 times them where there are few.
Ruler log_ruler(Scale scale, Unit unit, int count, bool whole_ticks) {
  const double decades = math::log(scale.high / scale.low) / math::log(10);
  const std::vector<double> all = {1, 2, 5}, tens = {1};
  const std::vector<double>& factors = 3 * decades <= count + 1 ? all : tens;
  const int stride = std::max(1, int(std::ceil(decades / (count + 2))));
  std::vector<double> marks;
  const int last = exponent_of(scale.high) + stride;
  for (int k = exponent_of(scale.low) - stride + 1; k <= last; ++k) {
    if (k % stride != 0) continue;
    for (const double factor : factors) marks.push_back(factor * power_of_ten(k));
  }
  if (whole_ticks) {
    const auto above = std::ranges::upper_bound(marks, scale.low * (1 + 1e-9));
    if (above != marks.begin()) scale.low = *(above - 1);
    const auto end = std::ranges::lower_bound(marks, scale.high * (1 - 1e-9));
    if (end != marks.end()) scale.high = *end;
  }
  Ruler ruler{scale, {}};
  for (const double mark : marks) {
    if (mark < scale.low * (1 - 1e-9) || mark > scale.high * (1 + 1e-9)) continue;
    ruler.ticks.push_back({mark, tick_text(mark, mark, unit)});
  }
  return ruler;
}

// What all values lie in, not empty.
Scale range_of(const Axis& axis, std::span<const double> values) {
  Scale scale{.log = axis.log};
  bool none = true;
  for (double value : values) {
    if (!scale.shows(value)) continue;
    value = std::clamp(value, axis.log ? kSmallest : -kLargest, kLargest);
    scale.low = none ? value : std::min(scale.low, value);
    scale.high = none ? value : std::max(scale.high, value);
    none = false;
  }
  if (none) return axis.log ? Scale{1, 10, true} : scale;
  if (axis.zero && !axis.log)
    scale.low = std::min(scale.low, 0.0), scale.high = std::max(scale.high, 0.0);
  if (axis.log) {
    if (scale.high < scale.low * 1.001) scale.low /= 2, scale.high *= 2;
    return scale;
  }
  const double size = std::max(std::fabs(scale.low), std::fabs(scale.high));
  if (scale.high - scale.low <= 1e-9 * size || size < kSmallest) {
    const double room = axis.unit == Unit::kWhole ? std::max(1.0, 0.1 * size)
                        : size < kSmallest        ? 0.5
                                                  : 0.1 * size;
    const bool share = axis.unit == Unit::kPercent && scale.low >= 0 && scale.high <= 1;
    scale.low -= room, scale.high += room;
    if (share) {
      scale.low = std::max(scale.low, 0.0), scale.high = std::min(scale.high, 1.0);
    }
  }
  return scale;
}

}  // namespace

double Scale::at(double value) const {
  value = std::clamp(value, low, high);
  if (log) return math::log(value / low) / math::log(high / low);
  return (value - low) / (high - low);
}

bool Scale::shows(double value) const { return std::isfinite(value) && (!log || value > 0); }

Ruler make_ruler(const Axis& axis, std::span<const double> values, int count, bool whole_ticks) {
  const Scale range = range_of(axis, values);
  if (axis.log) return log_ruler(range, axis.unit, count, whole_ticks);
  return linear_ruler(range, axis.unit, count, whole_ticks);
}

bool wants_log(std::span<const double> values) {
  double low = INFINITY, high = 0;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    if (value <= 0) return false;
    low = std::min(low, value), high = std::max(high, value);
  }
  return high / low >= kLogSpread;
}

std::string value_text(double value, Unit unit) {
  if (std::isnan(value)) return "none";
  switch (unit) {
    case Unit::kWhole:
      return count_text(std::llround(value));
    case Unit::kPercent:
      return percent_text(value);
    case Unit::kSeconds:
      return seconds_text(value) + " s";
    case Unit::kMinutes:
      return seconds_text(value) + " min";
    case Unit::kHours:
      return seconds_text(value) + " h";
    case Unit::kRate:
      return fmt::format("{:.4g}", value);
    default:
      return loss_text(value);
  }
}

}  // namespace ravine::report
