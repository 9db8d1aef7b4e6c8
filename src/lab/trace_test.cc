#include "ravine/trace.h"

#include <gtest/gtest.h>

#include <cmath>

#include "train/testing.h"

namespace ravine {
namespace {

using testing::expect_error;

TEST(Trace, IsWhatOneComputesByHand) {
  const auto traces =
      trace({.optimizers = {"rmsprop,lr=0.1"}, .function = "(theta - 1)^2", .steps = 2});
  ASSERT_EQ(traces.size(), 1u);
  const struct {
    const char* name;
    double first;
  } known[] = {{"loss", 1},
               {"gradient", -2},
               {"square", 4},
               {"square_avg", 0.4},
               {"root", std::sqrt(0.4) + 1e-8},
               {"rate", 0.1 / (std::sqrt(0.4) + 1e-8)},
               {"update", -0.2 / (std::sqrt(0.4) + 1e-8)},
               {"theta", 0.2 / (std::sqrt(0.4) + 1e-8)}};
  ASSERT_EQ(traces[0].rows.size(), std::size(known));
  for (size_t i = 0; i < std::size(known); ++i) {
    EXPECT_EQ(traces[0].rows[i].name, known[i].name);
    EXPECT_NEAR(traces[0].rows[i].values[0], known[i].first, 1e-15) << known[i].name;
  }
  // The second gradient is that of the first parameter: 2 (theta - 1).
  const double theta = traces[0].rows[7].values[0];
  EXPECT_NEAR(traces[0].rows[1].values[1], 2 * (theta - 1), 1e-15);
  EXPECT_EQ(traces[0].rows[3].formula, "alpha square_avg + (1 - alpha) square");
}

double last(const Trace& trace, const char* name) {
  for (const TraceRow& row : trace.rows) {
    if (row.name == name) return row.values.back();
  }
  ADD_FAILURE() << "no row " << name;
  return NAN;
}

TEST(Trace, SeveralStandSideBySideAndMarkWhatDiffers) {
  const auto traces = trace(
      {.optimizers = {"rmsprop", "rmsprop,alpha=0.99"}, .function = "(theta - 1)^2", .steps = 2});
  const std::string text = trace_text(traces);
  EXPECT_NE(text.find("square_avg     0.400000         0.[0400000]"), text.npos) << text;
  EXPECT_NE(text.find("root        = sqrt(square_avg) + eps"), text.npos) << text;
  EXPECT_NE(text.find("step 2"), text.npos);
  const std::string page = trace_text({traces.data(), 1}, {.markdown = true});
  EXPECT_NE(page.find("| step | 1 | 2 |"), page.npos) << page;
  EXPECT_NE(page.find("`= sqrt(square_avg) + eps`"), page.npos) << page;
}

TEST(Trace, FitsALine) {
  testing::TempFolder temp;
  testing::put(temp.path / "line.csv", "x,y\n0,1\n1,3\n2,5\n");
  const Trace t = trace(
      {.optimizers = {"sgd,lr=0.1"}, .fit = (temp.path / "line.csv").string(), .steps = 1})[0];
  EXPECT_NEAR(t.rows[0].values[0], 35.0 / 3, 1e-12);  // loss at w = b = 0
  EXPECT_NEAR(last(t, "w"), 0.1 * 2 * 13 / 3, 1e-7);
  EXPECT_NEAR(last(t, "b"), 0.1 * 2 * 9 / 3, 1e-7);
}

TEST(Trace, FitsAPlaneInFloat64) {
  testing::TempFolder temp;
  testing::put(temp.path / "plane.csv", "0.1;2;3\n4;5;7\n");
  const Trace t = trace({.optimizers = {"adam"},
                         .fit = (temp.path / "plane.csv").string(),
                         .start = "w1=1,b=0,w2=2",
                         .steps = 1})[0];
  const double first = 0.1 + 2 * 2 - 3, second = 4 + 2 * 5 - 7;
  EXPECT_NEAR(t.rows[0].values[0], (first * first + second * second) / 2, 1e-14);
  EXPECT_EQ(t.rows[0].formula, "mean of (w1 x1 + w2 x2 + b - y)^2");
}

TEST(Trace, EndsWhereTheLossIsUndefined) {
  const auto traces =
      trace({.optimizers = {"sgd,lr=0.1", "sgd,lr=1e200"}, .function = "(theta-1)^2", .steps = 5});
  EXPECT_EQ(traces[0].ended, "");
  EXPECT_EQ(traces[0].rows[0].values.size(), 5u);
  EXPECT_EQ(traces[1].rows[0].values.size(), 1u);
  EXPECT_EQ(traces[1].ended,
            "'(theta-1)^2', position 1, is too large where theta = 2e+200: 2e+200 ^ 2");
  const std::string text = trace_text(traces);
  EXPECT_NE(text.find("step 5"), text.npos) << text;
  EXPECT_NE(trace_text(std::vector{traces[1], traces[0]}).find("step 5"), text.npos);
}

TEST(Trace, RefusesWhatHasNoValue) {
  testing::TempFolder temp;
  const auto file = [&](const char* name, const char* text) {
    testing::put(temp.path / name, text);
    return (temp.path / name).string();
  };
  const auto refused = [](const TraceOptions& options, std::initializer_list<std::string_view> w) {
    expect_error<UsageError>([&] { (void)trace(options); }, w);
  };
  const auto failed = [](const TraceOptions& options, std::string_view what) {
    expect_error<Error>([&] { (void)trace(options); }, {what});
  };
  refused({.function = "x"}, {"no optimizer"});
  refused({.optimizers = {"adam"}}, {"either --function or --fit"});
  refused({.optimizers = {"adam"}, .function = "2"}, {"has no variable"});
  refused({.optimizers = {"adam"}, .function = "x+y", .start = "x=1"}, {"start: y is missing"});
  refused({.optimizers = {"adam"}, .function = "theta", .start = "tetha=1"},
          {"start: no variable 'tetha'; did you mean 'theta'?"});
  refused({.optimizers = {"adam"}, .function = "x", .start = "one"}, {"'one' is no number"});
  refused({.optimizers = {"adam"}, .function = "x", .start = "nan"}, {"'nan' is no number"});
  refused({.optimizers = {"adam"}, .function = "x", .start = "x=1,x=2"}, {"x"});
  refused({.optimizers = {"adm"}, .function = "x"}, {"no rule 'adm'"});
  refused({.optimizers = {"adam"}, .function = "x", .steps = 0}, {"steps must be"});
  refused({.optimizers = {"adam,storage=8bit"}, .function = "x"}, {"leave storage=8bit out"});
  failed({.optimizers = {"adam"}, .function = "1 + log(x)"},
         "'log(x)', position 5, is undefined where x = 0: log(0)");
  failed({.optimizers = {"adam"}, .function = "sqrt(x)"},
         "the slope of 'sqrt(x)' along x is not finite where x = 0");
  failed({.optimizers = {"adam"}, .fit = "none.csv"}, "none.csv");
  failed({.optimizers = {"adam"}, .fit = file("text.csv", "x,y\n1,2\n3,four\n")},
         "row 3, column 2 ('y'): 'four' is no number");
  failed({.optimizers = {"adam"}, .fit = file("narrow.csv", "x\n1\n")}, "2 to 21 columns");
  failed({.optimizers = {"adam"}, .fit = file("empty.csv", "x,y\n")}, "no row");
}

}  // namespace
}  // namespace ravine
