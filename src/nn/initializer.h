// How parameters begin.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "ravine/nn.h"
#include "ravine/option.h"

namespace ravine {

// Values drawn from a distribution, whose width is given or follows from the fans: for units that
// keep the variance of what passes through them, variance = gain / fan.
struct Initializer {
  enum class Distribution { kUniform, kNormal, kConstant };
  enum class Fan { kNone, kIn, kAverage };  // kAverage: (in + out) / 2

  const char* name = "";
  const char* help = "";
  Distribution distribution = Distribution::kConstant;
  Fan fan = Fan::kNone;
  double gain = 0;
  double first = 0, second = 0;  // low, high; or mean, deviation; or the value

  std::vector<OptionRef> options();  // none where the fans decide
  std::string text() const;          // "uniform(-0.1,0.1)"
  void fill(const Tensor& values, int64_t fan_in, int64_t fan_out, Random& random) const;
};

// Throws UsageError that begins with `owner`: unknown name, or bad arguments.
Initializer parse_initializer(std::string_view owner, std::string_view text);

}  // namespace ravine
