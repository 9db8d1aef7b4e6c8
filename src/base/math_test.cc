#include "base/math.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "ravine/random.h"

namespace ravine {
namespace {

double units_off(double got, long double exact) {
  const double near = std::fabs(double(exact));
  const double unit = std::nextafter(near, INFINITY) - near;
  return double(std::fabs(got - exact) / unit);
}

TEST(Math, IsWithinTwoUnitsOfTheTrueValue) {
  Random random(1);
  for (int i = 0; i < 200'000; ++i) {
    const double x = random.uniform(-50, 50), wide = random.uniform(-700, 700);
    const double positive = std::exp(wide), near_one = random.uniform(0.5, 2);
    ASSERT_LE(units_off(math::exp(x), expl(x)), 2) << x;
    ASSERT_LE(units_off(math::exp(wide), expl(wide)), 2) << wide;
    ASSERT_LE(units_off(math::log(positive), logl(positive)), 2) << positive;
    ASSERT_LE(units_off(math::log(near_one), logl(near_one)), 2) << near_one;
    if (std::fabs(sinl(x)) > 1e-3) {
      ASSERT_LE(units_off(math::sin(x), sinl(x)), 3) << x;
    }
    if (std::fabs(cosl(x)) > 1e-3) {
      ASSERT_LE(units_off(math::cos(x), cosl(x)), 3) << x;
    }
  }
}

TEST(Math, TheEnds) {
  EXPECT_EQ(math::exp(0), 1);
  EXPECT_EQ(math::exp(1e9), INFINITY);
  EXPECT_EQ(math::exp(-1e9), 0);
  EXPECT_TRUE(std::isnan(math::exp(NAN)));
  EXPECT_EQ(math::log(1), 0);
  EXPECT_EQ(math::log(0), -INFINITY);
  EXPECT_EQ(math::log(INFINITY), INFINITY);
  EXPECT_TRUE(std::isnan(math::log(-1)));
  EXPECT_EQ(math::sin(0), 0);
  EXPECT_EQ(math::cos(0), 1);
}

TEST(Math, PowersOfWholeExponentsAreProducts) {
  EXPECT_EQ(math::power(0.5, 10), 0x1p-10);
  EXPECT_EQ(math::power(3, 0), 1);
  EXPECT_EQ(math::pow(2, 3), 8);
  EXPECT_EQ(math::pow(2, -3), 0.125);
  EXPECT_EQ(math::pow(0, 0.5), 0);
  EXPECT_NEAR(math::power(0.999, 100'000), std::pow(0.999, 100'000), 1e-55);
  EXPECT_NEAR(math::pow(0.96, 2.5), std::pow(0.96, 2.5), 1e-15);
  EXPECT_GE(math::power(0.999, 1ull << 40), 0);  // far beyond 2^24 steps
}

}  // namespace
}  // namespace ravine
