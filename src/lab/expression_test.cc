#include "lab/expression.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "ravine/error.h"

namespace ravine::lab {
namespace {

using Values = std::vector<double>;

double value_of(const char* text, Values at = {}) { return Expression(text).at(at).value; }

template <class E>
std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const E& e) {
    return e.what();
  }
  return "no error";
}

TEST(Expression, ReadsArithmeticAsMathematicsDoes) {
  EXPECT_EQ(value_of("1+2*3"), 7);
  EXPECT_EQ(value_of("(1+2)*3"), 9);
  EXPECT_EQ(value_of("8-4-2"), 2);
  EXPECT_EQ(value_of("8/4/2"), 1);
  EXPECT_EQ(value_of("2^3^2"), 512);
  EXPECT_EQ(value_of("-2^2"), -4);
  EXPECT_EQ(value_of("(-2)^2"), 4);
  EXPECT_EQ(value_of("2^-1"), 0.5);
  EXPECT_EQ(value_of("2*-3"), -6);
  EXPECT_EQ(value_of("--+3"), 3);
  EXPECT_EQ(value_of(" .5e1 +\t1e-3*1000"), 6);
  EXPECT_EQ(value_of("cos(pi) + abs(-2) + sqrt(9) + square(3)"), -1 + 2 + 3 + 9);
  EXPECT_EQ(value_of("relu(-1) + tanh(0) + sigmoid(0) + log(1) + exp(0) + sin(0)"), 1.5);
  EXPECT_EQ(value_of("(-8)^3"), -512);
  EXPECT_NEAR(value_of("2^0.5"), std::sqrt(2), 1e-15);
}

TEST(Expression, ItsVariablesComeInTheirOrder) {
  const Expression f("y - x*y + x_1");
  EXPECT_EQ(f.variables(), (std::vector<std::string>{"y", "x", "x_1"}));
  EXPECT_EQ(f.at(Values{2, 3, 5}).value, 1);
  EXPECT_EQ(Expression("y", {"x", "y"}).at(Values{2, 3}).gradient, (Values{0, 1}));
  EXPECT_EQ(Expression("7", {"x"}).at(Values{2}).gradient, Values{0});
  EXPECT_EQ(Expression("x^0 + x^1").at(Values{0}).gradient, Values{1});
}

TEST(Expression, GradientsAreThoseOfCentralDifferences) {
  for (const char* text :
       {"(x-1)^2", "x^3*y - y/x", "exp(x*y) + log(x) * sin(y)", "x^y + 2^x", "sqrt(x^2 + y^2)",
        "cos(x) - tanh(y)^2", "abs(x - 3) / (1 + sigmoid(y))", "-x^-2 + y^0", "x", "y*pi"}) {
    const Expression f(text, {"x", "y"});
    const Values at = {1.3, 0.7};
    const Expression::Value exact = f.at(at);
    for (size_t i = 0; i < 2; ++i) {
      Values above = at, below = at;
      above[i] += 1e-6, below[i] -= 1e-6;
      EXPECT_NEAR(exact.gradient[i], (f.at(above).value - f.at(below).value) / 2e-6, 1e-8) << text;
    }
  }
}

TEST(Expression, SquaresAndTheirSlopesAreExact) {
  const auto [value, gradient] = Expression("(theta-1)^2").at(Values{0.1});
  EXPECT_EQ(value, (0.1 - 1) * (0.1 - 1));
  EXPECT_EQ(gradient[0], 2 * (0.1 - 1));
}

TEST(Expression, OfManyPointsAtOnce) {
  const Expression f("log(x) + y");
  const Tensor x = Tensor::from(std::span<const double>(Values{1, -1, 0}), {3});
  const Tensor y = Tensor::from(std::span<const double>(Values{2}), {});
  const Values values = f(std::vector{x, y}).to_vector();
  EXPECT_EQ(values[0], 2);
  EXPECT_TRUE(std::isnan(values[1]));
  EXPECT_EQ(values[2], -INFINITY);
}

TEST(Expression, ErrorsNameThePosition) {
  const std::pair<const char*, const char*> kBad[] = {
      {"", "the expression is empty"},
      {"   ", "the expression is empty"},
      {"(theta-1", "position 9: ')' is expected for the '(' at position 1, got the end"},
      {"(theta-1))^2", "position 10: ')' has no '(' before it"},
      {"1 + ", "position 5: a value is expected, got the end"},
      {"1 + * 2", "position 5: a value is expected, got '*'"},
      {"x**2", "position 3: a value is expected, got '*'; a power is written ^"},
      {"x 2", "position 3: an operator is expected, got '2'"},
      {"2x", "position 2: an operator is expected, got 'x'; a product is written 2*x"},
      {"2(x+1)", "a product is written 2*("},
      {"x(x+1)", "position 1: no function 'x'"},
      {"sinn(x)", "position 1: no function 'sinn'; did you mean 'sin'?"},
      {"1+ sqr(x)", "position 4: no function 'sqr'; did you mean 'sqrt'?"},
      {"sin x", "position 4: sin is a function; write sin(...)"},
      {"x + \xc3\x97", "position 5: a value is expected, got '\xc3\x97'"},
      {"\xc3\x97 2", "position 1: a value"},
      {"x \xc3\x97 \xc3\x97 2", "position 3: an operator"},
      {".", "position 1: a number is expected"},
      {"1e999", "position 1: this number is too large"},
      {"()", "position 2: a value is expected, got ')'"},
      {"x, y", "position 2: an operator is expected, got ','"},
      {"sin()", "position 5: a value"}};
  for (const auto& [text, part] : kBad) {
    const std::string error = error_of<UsageError>([&] { Expression e(text); });
    EXPECT_NE(error.find(part), error.npos) << text << ": " << error;
  }
  const std::string unknown = error_of<UsageError>([] {
    Expression e("(1-x)^2 + tetha", {"x", "theta"});
  });
  EXPECT_EQ(unknown, "'(1-x)^2 + tetha', position 11: no name 'tetha'; did you mean 'theta'?");
}

TEST(Expression, RefusesWhatIsTooDeepOrTooLong) {
  const std::string deep(100'000, '('), long_one(200'000, '1');
  EXPECT_NE(error_of<UsageError>([&] { Expression e(deep.substr(0, 9000)); }).find("levels deep"),
            std::string::npos);
  EXPECT_NE(
      error_of<UsageError>([&] { Expression e(std::string(9000, '-') + "1"); }).find("levels deep"),
      std::string::npos);
  EXPECT_NE(error_of<UsageError>([&] { Expression e(long_one); }).find("200000 characters"),
            std::string::npos);
  std::string sum = "x";
  for (int i = 0; i < 4000; ++i) sum += "+x";
  EXPECT_EQ(Expression(sum).at(Values{1}).gradient[0], 4001);
}

TEST(Expression, SaysWhichPartIsUndefinedAndWhere) {
  const std::tuple<const char*, double, const char*> kBad[] = {
      {"1 + log(x-1)", 0, "'log(x-1)', position 5, is undefined where x = 0: log(-1)"},
      {"1/x", 0, "'1/x', position 1, is undefined where x = 0: 1 / 0"},
      {"0/(x*0)", 2, "'0/(x*0)', position 1, is undefined where x = 2: 0 / 0"},
      {"sqrt(x)", -2, "is undefined where x = -2: sqrt(-2)"},
      {"x^0.5", -2, "is undefined where x = -2: -2 ^ 0.5"},
      {"x^-1", 0, "is undefined where x = 0: 0 ^ -1"},
      {"log(x)", 0, "is undefined where x = 0: log(0)"},
      {"exp(x)", 1000, "is too large where x = 1000: exp(1000)"},
      {"x*1e200*1e200", 1, "is too large where x = 1: 1e+200 * 1e+200"},
      {"sqrt(x)", 0, "the slope of 'sqrt(x)' along x is not finite where x = 0"}};
  for (const auto& [text, x, part] : kBad) {
    const double at = x;
    const std::string error = error_of<Error>([&, t = text] { Expression(t).at(Values{at}); });
    EXPECT_NE(error.find(part), error.npos) << error;
  }
  EXPECT_NE(error_of<UsageError>([] {
              Expression("x+y").at(Values{1});
            }).find("has 2 variables, got 1 values"),
            std::string::npos);
}

}  // namespace
}  // namespace ravine::lab
