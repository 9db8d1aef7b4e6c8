#include "ravine/landscape.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "lab/objective.h"
#include "optim/assignments.h"
#include "ravine/error.h"
#include "ravine/optimizer.h"
#include "ravine/random.h"

namespace ravine {
namespace {

const std::vector<std::string>& variables() {
  static const std::vector<std::string> kNames = {"x", "y"};
  return kNames;
}

std::string quadratic(double condition) {
  return fmt::format("(x^2 + {}*y^2) / 2", to_text(condition));
}

// A name among the surfaces, else an expression.
Surface surface_of(const LandscapeOptions& options) {
  std::vector<std::string> names;
  for (Surface& surface : surfaces(options.condition)) {
    if (surface.name == trim(options.function)) return surface;
    names.push_back(surface.name);
  }
  try {
    (void)lab::Expression(options.function, variables());
  } catch (const UsageError& error) {
    const std::string near = suggestion(options.function, names);
    if (near.empty()) throw;
    throw UsageError(fmt::format("no function '{}'{}", options.function, near));
  }
  return {.name = "",
          .formula = options.function,
          .about = "",
          .start = {1, 1},
          .view = {},
          .minima = {}};
}

std::array<double, 4> view_of(const std::string& text) {
  std::array<double, 4> view{};
  std::array<bool, 2> given{};
  for (const Assignment& written : parse_assignments("view", text)) {
    const size_t axis = written.name == "x" ? 0 : 1;
    const size_t dots = written.value.find("..");
    const std::string_view high_text =
        dots == written.value.npos ? "" : written.value.substr(dots + 2);
    const double low = parse_double(trim(written.value.substr(0, dots))).value_or(NAN);
    const double high = parse_double(trim(high_text)).value_or(NAN);
    if ((written.name != "x" && written.name != "y") || !(low < high) ||
        !std::isfinite(high - low)) {
      throw UsageError(fmt::format("view: '{}={}' is not x=LOW..HIGH or y=LOW..HIGH", written.name,
                                   written.value));
    }
    view[2 * axis] = low, view[2 * axis + 1] = high, given[axis] = true;
  }
  if (!given[0] || !given[1]) {
    throw UsageError("view: write both, x=LOW..HIGH,y=LOW..HIGH");
  }
  return view;
}

// Where the paths go, with a margin; what is far from the start does not count.
std::array<double, 4> view_around(const std::vector<LandscapePath>& paths) {
  constexpr double kFar = 10, kMargin = 0.15;
  std::array<double, 4> view{};
  for (const size_t axis : {0, 1}) {
    double low = INFINITY, high = -INFINITY;
    for (const LandscapePath& path : paths) {
      const std::vector<double>& values = axis == 0 ? path.x : path.y;
      for (const double value : values) {
        if (std::fabs(value - values[0]) > kFar) continue;
        low = std::min(low, value), high = std::max(high, value);
      }
    }
    const double margin = std::max(0.5, kMargin * (high - low));
    view[2 * axis] = low - margin, view[2 * axis + 1] = high + margin;
  }
  return view;
}

LandscapePath walk(const std::string& line, const lab::Objective& surface,
                   std::array<double, 2> start, const LandscapeOptions& options) {
  LandscapePath path{.optimizer = line, .x = {}, .y = {}, .loss = {}, .ended = ""};
  std::array<double, 2> values = start, gradients{};
  Optimizer optimizer(line);
  for (const size_t i : {0, 1}) {
    optimizer.add(variables()[i], std::span(&values[i], 1),
                  std::span<const double>(&gradients[i], 1));
  }
  Random random(uint64_t(options.seed));
  lab::Expression::Value at = surface.at(values);
  for (int64_t t = 0;; ++t) {
    path.x.push_back(values[0]), path.y.push_back(values[1]), path.loss.push_back(at.value);
    if (t == options.steps) return path;
    for (const size_t i : {0, 1}) gradients[i] = at.gradient[i] + options.noise * random.normal();
    optimizer.step();
    try {
      at = surface.at(values);
    } catch (const Error& error) {
      path.ended = error.what();
      return path;
    }
  }
}

}  // namespace

std::vector<Surface> surfaces(double condition) {
  return {{"quadratic",
           quadratic(condition),
           "a bowl, --condition times as steep along y",
           {-2.5, 1.5},
           {-3, 3, -2, 2},
           {{0, 0}}},
          {"rosenbrock",
           "(1-x)^2 + 100*(y-x^2)^2",
           "a bent valley with a nearly flat floor",
           {-1.2, 1},
           {-2, 2, -1, 3},
           {{1, 1}}},
          {"beale",
           "(1.5-x+x*y)^2 + (2.25-x+x*y^2)^2 + (2.625-x+x*y^3)^2",
           "flat, with steep walls at its corners",
           {1, 1},
           {-0.5, 4.5, -1.5, 1.5},
           {{3, 0.5}}},
          {"himmelblau",
           "(x^2+y-11)^2 + (x+y^2-7)^2",
           "four minima",
           {0, 0},
           {-5, 5, -5, 5},
           {{3, 2}, {-2.805118, 3.131312}, {-3.779310, -3.283186}, {3.584428, -1.848126}}},
          {"saddle",
           "x^2 - y^2",
           "a minimum along x, and a maximum along y",
           {-1.5, 0.01},
           {-2, 2, -2, 2},
           {}},
          {"ravine",
           "0.05*x^2 + 4*(y-sin(x))^2",
           "a narrow valley that winds down gently",
           {-4, 1.5},
           {-5, 2, -2.5, 2.5},
           {{0, 0}}},
          {"noisy",
           quadratic(condition),
           "quadratic, with noise on its gradients",
           {-2.5, 1.5},
           {-3, 3, -2, 2},
           {{0, 0}}}};
}

Landscape landscape(const LandscapeOptions& options) {
  Landscape seen{.surface = {}, .options = options, .paths = {}};
  check_options("landscape", list_options(seen.options));
  if (options.optimizers.empty()) {
    throw UsageError("landscape: name an optimizer after the function, as rmsprop");
  }
  seen.surface = surface_of(options);
  if (seen.surface.name == "noisy" && options.noise == 0) seen.options.noise = 1;
  if (!options.start.empty()) {
    const std::vector<double> start = lab::start_values(variables(), options.start);
    seen.surface.start = {start[0], start[1]};
  }
  for (const std::string& line : options.optimizers) (void)OptimizerSpec(line);
  const lab::Expression f(seen.surface.formula, variables());
  const lab::Objective objective{variables(), seen.surface.formula,
                                 [f](std::span<const double> at) { return f.at(at); }};
  const bool own_view = seen.surface.name.empty() && options.view.empty();
  if (!options.view.empty()) seen.surface.view = view_of(options.view);
  for (const std::string& line : options.optimizers) {
    seen.paths.push_back(walk(line, objective, seen.surface.start, seen.options));
  }
  if (own_view) seen.surface.view = view_around(seen.paths);
  return seen;
}

}  // namespace ravine
