// Frameworks' own algorithms, written down again in float64 from their source, one parameter
// element at a time, and the comparison with a dialect.
#pragma once
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "optim/testing.h"
#include "ravine/optimizer.h"

namespace ravine {

using testing::plain;

// One element: the parameter, and whatever the framework keeps beside it.
struct Cell {
  double p = 0, v = 0, m = 0, a = 0;  // a: average gradient
};
// Moves `cell` by gradient g; k updates have been done before.
using Framework = std::function<void(Cell &cell, double g, int k)>;

inline constexpr int kSteps = 80, kCells = 6;

// Magnitudes from 1e-4 to 10, changing signs and sizes, a dead stretch.
inline double gradient(int cell, int k) {
  const double size[kCells] = {1e-4, 1e-2, 0.1, 1, 3, 10};
  if (cell == 2 && k > 30 && k < 40) return 0;
  const double wave = ((k * 7 + cell * 3) % 11 - 4) / 5.0;  // in [-0.8, 1.2], mean 0.2
  return size[cell] * (wave + 0.01 * ((k * 13) % 7));
}

inline void expect_same(const std::string &line, const Framework &framework) {
  SCOPED_TRACE(line);
  std::vector<double> p(kCells), g(kCells);
  std::vector<Cell> cells(kCells);
  for (int i = 0; i < kCells; ++i) p[i] = cells[i].p = 0.5 - 0.3 * i;
  Optimizer optimizer(line);
  optimizer.add("p", std::span<double>(p), std::span<const double>(g));
  for (int k = 0; k < kSteps; ++k) {
    for (int i = 0; i < kCells; ++i) {
      g[i] = gradient(i, k);
      framework(cells[i], g[i], k);
    }
    optimizer.step();
    for (int i = 0; i < kCells; ++i) {
      ASSERT_NEAR(p[i], cells[i].p, 1e-11 * (1 + std::abs(cells[i].p)))
          << "element " << i << " after step " << k + 1;
    }
  }
  // The stored plain line is the same optimizer.
  EXPECT_EQ(OptimizerSpec(OptimizerSpec(line).text()).text(), OptimizerSpec(line).text());
}

struct FirstSteps {
  const char *line;
  double lr;
  std::vector<double> steps;  // |step| / lr
};

inline void expect_first_steps(const std::vector<double> &gradients,
                               const std::vector<FirstSteps> &rows) {
  for (const FirstSteps &row : rows) {
    for (size_t i = 0; i < gradients.size(); ++i) {
      double p = 0;
      Optimizer optimizer(row.line);
      optimizer.add("p", std::span<double>(&p, 1), std::span<const double>(&gradients[i], 1));
      optimizer.step();
      EXPECT_NEAR(-p / row.lr, row.steps[i], 2e-3 * row.steps[i])
          << row.line << " at " << gradients[i];
    }
  }
}

}  // namespace ravine
