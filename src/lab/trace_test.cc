#include "ravine/trace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "lab/expression.h"
#include "ravine/optimizer.h"
#include "train/testing.h"

namespace ravine {
namespace {

using testing::expect_error;

double value_at(const std::string& text, std::vector<double> at = {}) {
  std::vector<Tensor> values;
  for (const double x : at) values.push_back(Tensor::full({}, x, DType::kFloat64));
  return lab::Expression(text)(values).item();
}

TEST(Expression, ReadsAsMathematicsDoes) {
  EXPECT_EQ(value_at("1 + 2 * 3 - 4 / 8"), 6.5);
  EXPECT_EQ(value_at("2 ^ 3 ^ 2"), 512);
  EXPECT_EQ(value_at("-2 ^ 2"), -4);
  EXPECT_EQ(value_at("2 ^ -2"), 0.25);
  EXPECT_EQ(value_at("8 / 4 / 2"), 1);
  EXPECT_EQ(value_at("1 - 2 - 3"), -4);
  EXPECT_EQ(value_at("1.5e1 + .5"), 15.5);
  EXPECT_EQ(value_at("(theta - 1)^2", {3}), 4);
  EXPECT_EQ(value_at("x * y - y", {2, 5}), 5);
  EXPECT_NEAR(value_at("exp(log(2)) + sqrt(9) + abs(-1) + square(2) + tanh(0) + relu(-1)"), 10,
              1e-12);
  EXPECT_NEAR(value_at("x ^ 0.5", {9}), 3, 1e-12);
  EXPECT_NEAR(value_at("pi"), 3.14159265358979, 1e-14);
  EXPECT_EQ(lab::Expression("y + x * y").variables(), (std::vector<std::string>{"y", "x"}));
}

TEST(Expression, TellsWhereItIsWrong) {
  const auto refused = [](const char* text, const char* what) {
    expect_error<UsageError>([&] { lab::Expression e(text); }, {what});
  };
  refused("", "something is missing at position 1");
  refused("x +", "something is missing at position 4");
  refused("(x - 1", "a ')' is missing at position 7");
  refused("x - 1)", "an operator is missing before ')' at position 6");
  refused("2 x", "an operator is missing before 'x' at position 3");
  refused("x * * 2", "'*' is not expected at position 5");
  refused("1 + sqr(x)",
          "no function 'sqr'; did you mean 'sqrt'? (there are sqrt, exp, log, abs, "
          "tanh, square, sigmoid, relu) at position 5");
  refused("log x", "'(' is missing after log at position 5");
  refused("1.2.3", "'1.2.3' is no number at position 1");
  refused("x $ 2", "an operator is missing before '$ 2' at position 3");
  refused(std::string(100'000, '(').c_str(), "too many parentheses");
}

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

// What stands there as the formula of the update gives the update of the engine.
TEST(Trace, TheFormulasGiveWhatTheEngineDoes) {
  int checked = 0;
  for (const RuleHelp& rule : rule_help()) {
    std::vector<std::string> lines = {rule.name};
    for (const auto& dialect : rule.dialects) lines.push_back(dialect.plain);
    lines.push_back("rmsprop,centered=true,bias_correction=true,eps_inside=true");
    lines.push_back("rmsprop,momentum=0.9,lr_in_momentum=true");
    lines.push_back("adam,amsgrad=true,eps_hat=true");
    for (const std::string& line : lines) {
      const Trace t =
          trace({.optimizers = {line}, .function = "(x - 3)^2 * x", .start = "0.5", .steps = 4})[0];
      const auto update =
          std::ranges::find_if(t.rows, [](auto& row) { return row.name == "update"; });
      double expected = NAN;
      if (update->formula == "rate gradient") expected = last(t, "rate") * last(t, "gradient");
      if (update->formula == "rate exp_avg") expected = last(t, "rate") * last(t, "exp_avg");
      if (update->formula == "velocity") expected = last(t, "velocity");
      if (std::isnan(expected)) continue;
      ++checked;
      EXPECT_NEAR(update->values.back() / expected, 1, 1e-6) << line;
    }
  }
  EXPECT_GT(checked, 20);
}

TEST(Trace, SeveralStandSideBySideAndMarkWhatDiffers) {
  const auto traces = trace(
      {.optimizers = {"rmsprop", "rmsprop,alpha=0.99"}, .function = "(theta - 1)^2", .steps = 2});
  const std::string text = trace_text(traces);
  EXPECT_NE(text.find("square_avg     0.400000         0.[0400000]"), text.npos) << text;
  EXPECT_NE(text.find("gradient"), text.npos);
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

TEST(Trace, RefusesWhatHasNoValue) {
  const auto refused = [](const TraceOptions& options, std::initializer_list<std::string_view> w) {
    expect_error<UsageError>([&] { (void)trace(options); }, w);
  };
  refused({.function = "x"}, {"no optimizer"});
  refused({.optimizers = {"adam"}}, {"either --function or --fit"});
  refused({.optimizers = {"adam"}, .function = "2"}, {"has no variable"});
  refused({.optimizers = {"adam"}, .function = "x+y", .start = "x=1"}, {"'y' has no start"});
  refused({.optimizers = {"adam"}, .function = "x", .start = "z=1"}, {"there is no 'z'"});
  refused({.optimizers = {"adam"}, .function = "x", .start = "one"}, {"not name=value"});
  refused({.optimizers = {"adm"}, .function = "x"}, {"no rule 'adm'"});
  refused({.optimizers = {"adam"}, .function = "x", .steps = 0}, {"steps must be"});
  expect_error<Error>([] { (void)trace({.optimizers = {"adam"}, .function = "log(x)"}); },
                      {"the function is -inf in step 1, at x = 0"});
  expect_error<Error>([] { (void)trace({.optimizers = {"adam"}, .function = "sqrt(x)"}); },
                      {"a gradient is inf in step 1, at x = 0"});
  expect_error<Error>(
      [] { (void)trace({.optimizers = {"adam"}, .function = "log(x)", .start = "-1"}); },
      {"the function is nan in step 1, at x = -1"});
}

}  // namespace
}  // namespace ravine
