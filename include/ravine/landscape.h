// The paths of optimizers over a surface, to look at.
//
//   const std::vector<std::string> two = {"rmsprop", "adam"};
//   const Landscape seen = landscape({.function = "rosenbrock", .optimizers = two});
//   write_page("land.html", landscape_page(seen));  // ravine/report.h
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "ravine/option.h"

namespace ravine {

struct LandscapeOptions {
  std::string function = "rosenbrock";  // a name of surfaces(), or an expression in x and y
  std::vector<std::string> optimizers;  // NAME[:DIALECT][,option=value...]
  std::string start;
  std::string view;
  int64_t steps = 4000;
  double condition = 20;
  double noise = 0;
  int64_t seed = 1;

  template <class F>
  void options(F f) {
    f(Option{"start", "x=X,y=Y; the function's own if not given, 1 and 1 of an expression"}, start);
    f(Option{"view",
             "what is shown, x=LOW..HIGH,y=LOW..HIGH; the function's own if not given, of an "
             "expression where the paths go"},
      view);
    f(Option{"steps", "updates", {.low = 1, .high = 1'000'000}}, steps);
    f(Option{"condition",
             "of quadratic and noisy: how much steeper y is than x",
             {.low = 1, .high = 1e12}},
      condition);
    f(Option{"noise",
             "deviation of what is added to each element of each gradient, the same for every "
             "optimizer; 1 for noisy if not given",
             kNotNegative},
      noise);
    f(Option{"seed", "of the noise", kNotNegative}, seed);
  }
};

// Of a classical surface.
struct Surface {
  std::string name, formula, about;
  std::array<double, 2> start;
  std::array<double, 4> view;  // low x, high x, low y, high y
  std::vector<std::array<double, 2>> minima;
};
std::vector<Surface> surfaces(double condition = 20);

struct LandscapePath {
  std::string optimizer;           // as asked
  std::vector<double> x, y, loss;  // from the start on, one an update
  std::string ended;               // why there are fewer updates: the surface is undefined there
};

struct Landscape {
  Surface surface;
  LandscapeOptions options;  // as in effect
  std::vector<LandscapePath> paths;
};

// By Optimizer on float64 x and y. Throws UsageError: an optimizer, the function (with the
// position, and the nearest name), start or view is not valid; Error: the surface is undefined at
// the start.
Landscape landscape(const LandscapeOptions& options);

std::string landscape_svg(const Landscape& seen);   // a picture, whole in itself
std::string landscape_page(const Landscape& seen);  // one that plays

}  // namespace ravine
