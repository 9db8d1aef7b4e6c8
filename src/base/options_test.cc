#include <gtest/gtest.h>

#include <limits>

#include "ravine/error.h"
#include "ravine/option.h"

namespace ravine {
namespace {

struct Sample {
  double alpha = 0.9;
  double eps = 1e-8;
  int64_t steps = 10;
  bool centered = false;
  std::string nonfinite = "ignore";
  template <class F>
  void options(F f) {
    f(Option{"alpha", "decay of the averages", kBelowOne, nullptr, "0.9 to 0.99 is usual"}, alpha);
    f(Option{"eps", "added to the root", kNotNegative}, eps);
    f(Option{"steps", "how many", kPositive}, steps);
    f(Option{"centered", "subtract the mean"}, centered);
    f(Option{"nonfinite", "what to do", kAny, "ignore|skip"}, nonfinite);
  }
};

std::string error_of(std::string_view name, std::string_view text) {
  Sample sample;
  try {
    set_option("sample", list_options(sample), name, text);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(Options, AreSetByName) {
  Sample sample;
  const auto options = list_options(sample);
  set_option("sample", options, "alpha", "0.5");
  set_option("sample", options, "steps", "7");
  set_option("sample", options, "centered", "true");
  set_option("sample", options, "nonfinite", "skip");
  EXPECT_EQ(sample.alpha, 0.5);
  EXPECT_EQ(sample.steps, 7);
  EXPECT_TRUE(sample.centered);
  EXPECT_EQ(sample.nonfinite, "skip");
}

TEST(Options, ABadValueIsNamedWithItsRangeAndAdvice) {
  EXPECT_EQ(error_of("alpha", "1.5"),
            "sample: alpha must be in [0, 1), got 1.5; 0.9 to 0.99 is usual");
  EXPECT_EQ(error_of("eps", "-1"), "sample: eps must be >= 0 and finite, got -1");
  EXPECT_EQ(error_of("steps", "1.5"), "sample: steps must be a whole number > 0, got 1.5");
  EXPECT_EQ(error_of("steps", "0"), "sample: steps must be a whole number > 0, got 0");
  EXPECT_EQ(error_of("centered", "maybe"), "sample: centered must be true or false, got maybe");
  EXPECT_EQ(error_of("nonfinite", "stop"), "sample: nonfinite must be ignore or skip, got stop");
  for (const char* bad : {"nan", "inf", "-inf", "", "1", "abc", "0.5 "}) {
    EXPECT_NE(error_of("alpha", bad), "") << bad;
  }
}

TEST(Options, AnUnknownNameGetsTheNearest) {
  EXPECT_EQ(error_of("alhpa", "0.5"),
            "sample: no option 'alhpa'; did you mean 'alpha'? (it has alpha, eps, steps, centered, "
            "nonfinite)");
}

TEST(Options, ValuesPrintAsTheyAreRead) {
  Sample sample;
  const auto options = list_options(sample);
  EXPECT_EQ(value_text(options[0]), "0.9");
  EXPECT_EQ(value_text(options[1]), "1e-08");
  EXPECT_EQ(value_text(options[3]), "false");
  sample.eps = std::numeric_limits<double>::infinity();
  EXPECT_THROW(check_options("sample", options), UsageError);
}

}  // namespace
}  // namespace ravine
