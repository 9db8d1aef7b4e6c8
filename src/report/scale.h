// Axes: the range that they show, where their ticks are, and how numbers read.
#pragma once
#include <span>
#include <string>
#include <vector>

namespace ravine::report {

enum class Unit {
  kNumber,
  kWhole,    // epochs, steps: no tick between two of them
  kPercent,  // a share: 0.97 reads 97%
  kSeconds,
  kMinutes,
  kHours,
  kRate,  // a learning rate
};

struct Axis {
  std::string title;
  Unit unit = Unit::kNumber;
  bool log = false;
  bool zero = false;  // shows 0 too, where not log
};

// A mapping of [low, high] to [0, 1].
struct Scale {
  double low = 0, high = 1;
  bool log = false;

  double at(double value) const;
  bool shows(double value) const;  // finite, and positive where log
};

struct Tick {
  double value;
  std::string text;
};

// A scale with its ticks, about `count` of them.
struct Ruler {
  Scale scale;
  std::vector<Tick> ticks;
};

// The range is that of the values that can be shown, widened where they are all the same; where
// there are none it is [0, 1], or [1, 10]. `whole_ticks` widens it to end at ticks.
Ruler make_ruler(const Axis& axis, std::span<const double> values, int count, bool whole_ticks);

// Whether positive values spread so far that a logarithmic axis shows them better.
bool wants_log(std::span<const double> values);

std::string value_text(double value, Unit unit);  // "0.2312", "97.41%", "12.3 s"; "none" for NaN

}  // namespace ravine::report
