// Lines of equal height.
#pragma once
#include <array>
#include <span>
#include <vector>

#include "report/chart.h"

namespace ravine::lab {

// Heights [rows x columns] over a rectangle, the rows along y from its low end.
struct Heights {
  size_t columns = 0, rows = 0;
  std::array<double, 4> view{};  // low x, high x, low y, high y
  std::vector<double> values;
};

// Levels between which equal shares of the area lie, closer together at the lowest.
std::vector<double> levels_of(const Heights& heights);

// The lines at one height, each in order; they end at the rectangle, and at heights that are not
// finite. Marching squares; a saddle is cut by the mean of its corners.
std::vector<std::vector<report::Point>> contours(const Heights& heights, double level);

}  // namespace ravine::lab
