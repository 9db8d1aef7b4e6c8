#include "ravine/schedule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "base/testing.h"

namespace ravine {
namespace {

std::string error_of(const std::string& text) {
  return ravine::error_of<UsageError>([&] { Schedule schedule(text); });
}

TEST(Schedule, ConstantIsOneForEver) {
  for (const int64_t k : {int64_t{0}, int64_t{1}, int64_t{1} << 40}) {
    EXPECT_EQ(Schedule()(k), 1);
    EXPECT_EQ(constant()(k), 1);
    EXPECT_EQ(Schedule("constant")(k), 1);
  }
}

TEST(Schedule, InverseTimeCountsTheUpdatesAlreadyDone) {
  const Schedule schedule = inverse_time({.decay = 0.5});
  EXPECT_EQ(schedule(0), 1);
  EXPECT_EQ(schedule(1), 1 / 1.5);
  EXPECT_EQ(schedule(2), 0.5);
  EXPECT_EQ(schedule(6), 0.25);
}

TEST(Schedule, StepDropsAtEveryMultiple) {
  const Schedule schedule = step_decay({.every = 3, .factor = 0.5});
  const double expected[] = {1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125};
  for (int k = 0; k < 10; ++k) EXPECT_EQ(schedule(k), expected[k]) << k;
}

TEST(Schedule, ExponentialMeetsItsRateAndIsSmoothBetween) {
  const Schedule schedule = exponential({.rate = 0.25, .per = 10});
  EXPECT_EQ(schedule(0), 1);
  EXPECT_NEAR(schedule(5), 0.5, 1e-15);
  EXPECT_EQ(schedule(10), 0.25);
  EXPECT_EQ(schedule(20), 0.0625);
  for (int k = 0; k < 50; ++k) {
    EXPECT_NEAR(schedule(k), std::pow(0.25, k / 10.0), 4e-16) << k;
    EXPECT_LT(schedule(k + 1), schedule(k)) << k;
  }
}

TEST(Schedule, CosineFallsFromOneToItsFloor) {
  const Schedule schedule = cosine({.total = 100, .floor = 0.2});
  EXPECT_EQ(schedule(0), 1);
  EXPECT_NEAR(schedule(50), 0.6, 1e-15);
  for (int k = 0; k < 100; ++k) {
    const double exact = 0.2 + 0.8 * (1 + std::cos(std::acos(-1.0) * k / 100)) / 2;
    EXPECT_NEAR(schedule(k), exact, 1e-15) << k;
    EXPECT_LT(schedule(k + 1), schedule(k)) << k;
  }
  for (const int k : {100, 101, 150, 200}) EXPECT_EQ(schedule(k), 0.2) << k;
  EXPECT_EQ(schedule(1'000'000), 0.2);
}

TEST(Schedule, WarmUpIsLinearAndNeverZero) {
  const Schedule schedule = cosine({.total = 20, .warmup = 4});
  const double expected[] = {0.2, 0.4, 0.6, 0.8, 1};
  for (int k = 0; k < 5; ++k) EXPECT_EQ(schedule(k), expected[k]) << k;
  EXPECT_NEAR(schedule(12), 0.5, 1e-15);  // halfway from 4 to 20
  EXPECT_LT(schedule(5), 1);
  EXPECT_EQ(schedule(20), 0);
}

TEST(Schedule, ReadsItsTextBackBitForBit) {
  for (const Schedule& schedule :
       {constant(), inverse_time({.decay = 1.0 / 3}), step_decay({.every = 7, .factor = 0.1 + 0.2}),
        exponential({.rate = 0.96}), exponential({.rate = std::nextafter(1.0, 0.0), .per = 1000}),
        cosine({.total = 10'000, .warmup = 500, .floor = 1e-300})}) {
    const Schedule again(schedule.text());
    EXPECT_EQ(again.text(), schedule.text());
    for (const int64_t k : {0, 1, 499, 500, 9'999, 123'456}) {
      const double a = again(k), b = schedule(k);
      EXPECT_EQ(std::memcmp(&a, &b, sizeof a), 0) << schedule.text() << " at " << k;
    }
  }
  EXPECT_EQ(cosine({.total = 10'000, .warmup = 500}).text(), "cosine(total=10000,warmup=500)");
  EXPECT_EQ(Schedule(" cosine ( warmup = 500 , total = 10000, ) ").text(),
            "cosine(total=10000,warmup=500)");
  EXPECT_EQ(Schedule("inverse_time(decay=1e-6)")(500'000), 1 / 1.5);
  EXPECT_EQ(Schedule("inverse_time").text(), "inverse_time");
}

TEST(Schedule, BadTextIsRefused) {
  EXPECT_EQ(error_of("cosin(total=10)"),
            "schedule: no schedule 'cosin'; did you mean 'cosine'? (there are constant, "
            "inverse_time, step, exponential, cosine)");
  EXPECT_EQ(error_of("cosine(totl=10)"),
            "schedule cosine: no option 'totl'; did you mean 'total'? (it has total, warmup, "
            "floor)");
  EXPECT_EQ(error_of("cosine"),
            "schedule cosine: total must be a whole number > 0, got 0; must be given");
  EXPECT_EQ(error_of("cosine(total=10,warmup=10)"),
            "schedule cosine: warmup must be less than total, got 10 and 10");
  EXPECT_EQ(error_of("cosine(total=10"), "schedule: 'cosine(total=10' does not end with its ')'");
  EXPECT_EQ(error_of("cosine(10)"), "schedule cosine: options are written name=value, got '10'");
  EXPECT_EQ(error_of("step(every=2,every=3)"),
            "schedule step: every is given twice, as 2 and as 3; keep one");
  for (const char* text :
       {"", "step", "step(every=0)", "step(every=1.5)", "step(every=3,factor=0)",
        "step(every=3,factor=1.1)", "exponential", "exponential(rate=0)", "exponential(rate=nan)",
        "exponential(rate=0.5,per=0)", "inverse_time(decay=-1)", "inverse_time(decay=inf)",
        "inverse_time(decay=)", "cosine(total=-5)", "cosine(total=5,warmup=-1)",
        "cosine(total=5,floor=2)", "constant(x=1)", "step(every=(3)", "step(every=3))"}) {
    EXPECT_NE(error_of(text), "") << text;
  }
  EXPECT_THROW(step_decay({}), UsageError);
  EXPECT_THROW(inverse_time({.decay = std::numeric_limits<double>::quiet_NaN()}), UsageError);
}

TEST(Schedule, HelpListsEveryOption) {
  const auto help = schedule_help();
  ASSERT_EQ(help.size(), 5u);
  EXPECT_EQ(help[4].name, "cosine");
  ASSERT_EQ(help[4].options.size(), 3u);
  EXPECT_EQ(help[4].options[0].name, "total");
  EXPECT_EQ(help[2].options[1].default_value, "0.1");
}

}  // namespace
}  // namespace ravine
