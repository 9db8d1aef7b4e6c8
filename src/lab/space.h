// What a study searches: a grammar of spaces, and the points that are tried.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ravine/run.h"

namespace ravine::lab {

// NAME=LOW..HIGH[:log][:int], or NAME=VALUE,VALUE,... A range with :POINTS is that many values.
struct Dimension {
  std::string name;
  std::vector<std::string> values;  // none: a range
  double low = 0, high = 0;         // both are in it
  bool log = false, whole = false;
};
using Space = std::vector<Dimension>;

// Entries with blanks between. Throws UsageError: nothing, a name twice, a value twice, what is no
// range, low above high, a logarithm of what is not positive.
Space parse_space(std::string_view text);
std::string space_text(const Space& space);

// The rule's own, without what the line writes itself: "lr=1e-05..0.1:log alpha=0.9,0.99".
Space default_space(std::string_view optimizer);

// At each separator that is outside of parentheses.
std::vector<std::string> split_outside(std::string_view text, char separator);

// "rmsprop,momentum=0.9 lr=1e-4..1e-2:log": an optimizer's line and the space behind it, or "".
struct SpacedLine {
  std::string line, space;
};
SpacedLine split_space(std::string_view text);

std::string rule_of(std::string_view line);  // "rmsprop"; whether there is such a rule or not

// A value for each dimension, in their order.
using Point = std::vector<Setting>;

// `trials` points, each a function of seed and its number; numbers have three digits.
std::vector<Point> random_points(const Space& space, int64_t trials, uint64_t seed);
// Every combination; ranges take as many values as `trials` allow. Throws UsageError if that is
// less than 2.
std::vector<Point> grid_points(const Space& space, int64_t trials);

// By the word of an option: "random" or "grid". Where no range is left, random draws no point
// twice: if `trials` are enough for all combinations, it is a grid.
std::vector<Point> points_of(const Space& space, std::string_view search, int64_t trials,
                             uint64_t seed);

// `config` with the values of the point: names are {placeholders} in model or optimizer, else
// options of the optimizer, else of the config; train.NAME is the config's.
// Throws UsageError on an unknown name.
TrainConfig at_point(const TrainConfig& config, const Point& point);

// "lr=0.00231 alpha=0.9".
std::string point_text(const Point& point);

}  // namespace ravine::lab
