#include "ravine/landscape.h"

#include <gtest/gtest.h>

#include <cmath>

#include "lab/contours.h"
#include "lab/expression.h"
#include "ravine/error.h"
#include "ravine/optimizer.h"
#include "train/testing.h"

namespace ravine {
namespace {

using testing::expect_error;

TEST(Surfaces, HaveTheirMinimaWhereTheySay) {
  for (const Surface& surface : surfaces(7)) {
    const lab::Expression f(surface.formula, {"x", "y"});
    for (const auto& at : surface.minima) {
      const auto [value, gradient] = f.at(at);
      EXPECT_NEAR(value, 0, 1e-9) << surface.name;
      EXPECT_NEAR(gradient[0], 0, 1e-4) << surface.name;
      EXPECT_NEAR(gradient[1], 0, 1e-4) << surface.name;
    }
    EXPECT_GT(f.at(surface.start).value, surface.name == "saddle" ? 2 : 0.5) << surface.name;
    EXPECT_TRUE(surface.start[0] > surface.view[0] && surface.start[0] < surface.view[1] &&
                surface.start[1] > surface.view[2] && surface.start[1] < surface.view[3])
        << surface.name;
  }
  EXPECT_EQ(surfaces(50)[0].formula, "(x^2 + 50*y^2) / 2");
}

TEST(Landscape, APathIsTheOptimizersOwn) {
  const Landscape seen = landscape(
      {.function = "rosenbrock", .optimizers = {"rmsprop:tf1,lr=0.01", "adam"}, .steps = 300});
  ASSERT_EQ(seen.paths.size(), 2u);
  double at[] = {-1.2, 1}, slope[] = {0, 0};
  Optimizer optimizer("rmsprop:tf1,lr=0.01");
  optimizer.add("p", at, std::span<const double>(slope));
  for (size_t t = 0; t <= 300; ++t) {
    EXPECT_EQ(seen.paths[0].x[t], at[0]);
    EXPECT_EQ(seen.paths[0].y[t], at[1]);
    slope[0] = 0;
    const lab::Expression f(seen.surface.formula, {"x", "y"});
    const auto [value, gradient] = f.at(at);
    EXPECT_EQ(seen.paths[0].loss[t], value);
    slope[0] = gradient[0], slope[1] = gradient[1];
    optimizer.step();
  }
}

TEST(Landscape, RMSpropAndAdamComeDownEverySurface) {
  for (const char* surface : {"quadratic", "rosenbrock", "beale", "himmelblau", "ravine"}) {
    const Landscape seen = landscape({.function = surface, .optimizers = {"rmsprop", "adam"}});
    for (const LandscapePath& path : seen.paths) {
      EXPECT_LT(path.loss.back(), 0.3 * path.loss[0]) << surface << " " << path.optimizer;
    }
  }
}

TEST(Landscape, NoiseIsTheSameForEveryOptimizerAndOfItsSeed) {
  const LandscapeOptions options{
      .function = "noisy", .optimizers = {"sgd", "sgd,lr=0.01", "adam"}, .steps = 50};
  const Landscape seen = landscape(options), again = landscape(options);
  EXPECT_EQ(seen.options.noise, 1);
  EXPECT_EQ(seen.paths[0].x, seen.paths[1].x);
  EXPECT_EQ(seen.paths[2].x, again.paths[2].x);
  LandscapeOptions other = options;
  other.seed = 2;
  EXPECT_NE(landscape(other).paths[0].x, seen.paths[0].x);
  const Landscape smooth = landscape({.function = "quadratic", .optimizers = {"sgd"}, .steps = 50});
  EXPECT_NE(smooth.paths[0].x, seen.paths[0].x);
}

TEST(Landscape, OfAnExpressionShowsWhereThePathsGo) {
  const Landscape seen = landscape({.function = "x^2 + 3*sin(y)^2",
                                    .optimizers = {"sgd,lr=0.1"},
                                    .start = "y=2,x=1",
                                    .steps = 100});
  EXPECT_EQ(seen.surface.start, (std::array<double, 2>{1, 2}));
  EXPECT_LT(seen.surface.view[0], 0);
  EXPECT_GT(seen.surface.view[1], 1);
  EXPECT_LT(seen.surface.view[2], 2);
  EXPECT_GT(seen.surface.view[3], 3.2);
}

TEST(Landscape, SaysWhereAPathEnds) {
  const Landscape seen =
      landscape({.function = "rosenbrock", .optimizers = {"sgd,lr=1", "adam"}, .steps = 100});
  EXPECT_LT(seen.paths[0].x.size(), 101u);
  EXPECT_NE(seen.paths[0].ended.find("is too large where x ="), std::string::npos);
  EXPECT_EQ(seen.paths[1].x.size(), 101u);
  EXPECT_NE(landscape_page(seen).find("sgd,lr=1 ends early"), std::string::npos);
}

TEST(Landscape, RefusesBadInput) {
  const auto refused = [](const LandscapeOptions& options, std::string_view what) {
    expect_error<UsageError>([&] { landscape(options); }, {what});
  };
  refused({.function = "beale"}, "name an optimizer");
  refused({.function = "rosenbrok", .optimizers = {"adam"}}, "did you mean 'rosenbrock'?");
  refused({.function = "x^2 + z", .optimizers = {"adam"}}, "position 7: no name 'z'");
  refused({.function = "x^2 +", .optimizers = {"adam"}}, "position 6");
  refused({.function = "", .optimizers = {"adam"}}, "the expression is empty");
  refused({.function = "beale", .optimizers = {"adm"}}, "did you mean 'adam'?");
  refused({.function = "beale", .optimizers = {"adam"}, .start = "x=1"}, "start: y is missing");
  refused({.function = "beale", .optimizers = {"adam"}, .view = "x=1..0,y=0..1"}, "view: 'x=1..0'");
  refused({.function = "beale", .optimizers = {"adam"}, .view = "x=0..1"}, "view: write both");
  refused({.function = "beale", .optimizers = {"adam"}, .view = "x=0..1,z=0..1"}, "view: 'z=0..1'");
  refused({.function = "beale", .optimizers = {"adam"}, .steps = 0}, "steps must be");
  refused({.function = "quadratic", .optimizers = {"adam"}, .condition = 0.5}, "condition must be");
  refused({.function = "beale", .optimizers = {"adam"}, .noise = -1}, "noise must be");
  expect_error<Error>([] { landscape({.function = "1/(x-1)", .optimizers = {"adam"}}); },
                      {"is undefined where x = 1, y = 1: 1 / 0"});
}

lab::Heights cone(size_t n) {
  lab::Heights heights{n, n, {-2, 2, -2, 2}, {}};
  for (size_t r = 0; r < n; ++r) {
    for (size_t c = 0; c < n; ++c) {
      const double x = -2 + 4 * double(c) / double(n - 1), y = -2 + 4 * double(r) / double(n - 1);
      heights.values.push_back(std::sqrt(x * x + y * y));
    }
  }
  return heights;
}

TEST(Contours, OfAConeAreCircles) {
  const auto lines = lab::contours(cone(101), 1.5);
  ASSERT_EQ(lines.size(), 1u);
  double length = 0;
  for (size_t i = 0; i < lines[0].size(); ++i) {
    const auto& p = lines[0][i];
    EXPECT_NEAR(std::hypot(p.x, p.y), 1.5, 1e-3);
    if (i > 0) length += std::hypot(p.x - lines[0][i - 1].x, p.y - lines[0][i - 1].y);
  }
  EXPECT_NEAR(length, 2 * M_PI * 1.5, 0.01);            // it closes
  EXPECT_EQ(lab::contours(cone(101), 2.5).size(), 4u);  // cut by the rectangle
  EXPECT_TRUE(lab::contours(cone(101), 9).empty());
}

TEST(Contours, AvoidWhatIsNotFinite) {
  lab::Heights heights = cone(101);
  for (size_t i = 0; i < heights.values.size() / 2; ++i) heights.values[i] = NAN;
  const auto lines = lab::contours(heights, 1.5);
  ASSERT_EQ(lines.size(), 1u);
  for (const auto& p : lines[0]) EXPECT_GE(p.y, 0);
  EXPECT_FALSE(lab::levels_of(heights).empty());
  for (double& value : heights.values) value = NAN;
  EXPECT_TRUE(lab::levels_of(heights).empty());
}

TEST(LandscapePicture, HasItsContoursPathsAndAColourEach) {
  const Landscape seen =
      landscape({.function = "rosenbrock", .optimizers = {"rmsprop", "adam"}, .steps = 5000});
  const std::string svg = landscape_svg(seen);
  EXPECT_TRUE(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"")) << svg.substr(0, 80);
  EXPECT_NE(svg.find("class=\"contour\""), svg.npos);
  EXPECT_NE(svg.find("data-name=\"rmsprop\""), svg.npos);
  EXPECT_NE(svg.find("data-name=\"adam\""), svg.npos);
  EXPECT_EQ(svg.find("data-values"), svg.npos);
  EXPECT_EQ(svg.find("nan"), svg.npos);
  EXPECT_LT(svg.size(), 300'000u);
  const std::string page = landscape_page(seen);
  EXPECT_NE(page.find("id=\"play\""), page.npos);
  EXPECT_NE(page.find("max=\"5000\""), page.npos);
  EXPECT_EQ(page.find("http://", page.find("http://www.w3.org") + 10),
            page.find("http://www.w3.org", page.find("http://www.w3.org") + 10));
}

}  // namespace
}  // namespace ravine
