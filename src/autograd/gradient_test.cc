// The gradient of every operation, in every argument, against central differences in float64.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "ravine/ops.h"
#include "ravine/random.h"

namespace ravine {
namespace {

using Arguments = std::vector<Tensor>;

struct Case {
  std::string name;
  std::vector<Shape> shapes;  // of the arguments
  std::function<Tensor(const Arguments&)> operation;
  double low = -2, high = 2;  // values are drawn from here
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

Tensor labels(std::vector<int32_t> values) {
  return Tensor::from(std::span<const int32_t>(values), {int64_t(values.size())});
}

Tensor reshaped(const Tensor& x) { return x.reshape({-1, 2}); }

std::vector<Case> cases() {
  std::vector<Case> all = {
      {"negate", {{5}}, [](auto& x) { return -x[0]; }},
      {"square", {{5}}, [](auto& x) { return square(x[0]); }},
      {"sqrt", {{5}}, [](auto& x) { return sqrt(x[0]); }, 0.5, 3},
      {"exp", {{5}}, [](auto& x) { return exp(x[0]); }},
      {"log", {{5}}, [](auto& x) { return log(x[0]); }, 0.5, 3},
      {"abs", {{9}}, [](auto& x) { return abs(x[0]); }},
      {"relu", {{9}}, [](auto& x) { return relu(x[0]); }},
      {"sigmoid", {{9}}, [](auto& x) { return sigmoid(x[0]); }},
      {"tanh", {{9}}, [](auto& x) { return tanh(x[0]); }},
      {"sin", {{9}}, [](auto& x) { return sin(x[0]); }},
      {"cos", {{9}}, [](auto& x) { return cos(x[0]); }},
      {"x^3", {{9}}, [](auto& x) { return pow(x[0], 3); }},
      {"x^0", {{9}}, [](auto& x) { return pow(x[0], 0); }},
      {"x^-2", {{9}}, [](auto& x) { return pow(x[0], -2); }, 0.5, 3},
      {"x^1.5", {{9}}, [](auto& x) { return pow(x[0], 1.5); }, 0.5, 3},
      {"sum", {{3, 4}}, [](auto& x) { return sum(x[0]); }},
      {"mean", {{3, 4}}, [](auto& x) { return mean(x[0]); }},
      {"matmul", {{3, 4}, {4, 5}}, [](auto& x) { return matmul(x[0], x[1]); }},
      {"transpose", {{3, 4}}, [](auto& x) { return transpose(x[0]); }},
      {"reshape", {{3, 4}}, [](auto& x) { return reshaped(x[0]); }},
      {"linear", {{3, 4}, {5, 4}, {5}}, [](auto& x) { return linear(x[0], x[1], x[2]); }},
      {"linear without bias", {{3, 4}, {5, 4}}, [](auto& x) { return linear(x[0], x[1], {}); }},
      {"linear of images",
       {{3, 2, 2}, {5, 4}, {5}},
       [](auto& x) { return linear(x[0], x[1], x[2]); }},
      {"softmax", {{3, 5}}, [](auto& x) { return softmax(x[0]); }},
      {"log_softmax", {{3, 2, 5}}, [](auto& x) { return log_softmax(x[0]); }},
      {"dropout", {{300}}, [](auto& x) { return dropout(x[0], 0.3, 7, 8); }},
      {"cross_entropy",
       {{4, 3}},
       [](auto& x) {
         return cross_entropy(x[0], labels({0, 2, 1, 2}));
       }},
      {"cross_entropy of shares",
       {{4, 3}, {4, 3}},
       [](auto& x) { return cross_entropy(x[0], x[1]); },
       0.1,
       2},
      {"mean_squared_error",
       {{4, 3}, {4, 3}},
       [](auto& x) { return mean_squared_error(x[0], x[1]); }},
      {"binary_cross_entropy",
       {{4, 3}, {4, 3}},
       [](auto& x) { return binary_cross_entropy(x[0], x[1]); },
       0.1,
       0.9},
      {"the same twice", {{4}}, [](auto& x) { return x[0] * x[0] + x[0]; }},
      {"a diamond",
       {{4}},
       [](auto& x) {
         const Tensor y = tanh(x[0]);
         return exp(y) * sigmoid(y) + y;
       }},
  };
  const std::vector<std::pair<Shape, Shape>> pairs = {{{3, 4}, {3, 4}},
                                                      {{3, 4}, {4}},
                                                      {{4}, {3, 4}},
                                                      {{3, 4}, {3, 1}},
                                                      {{3, 1}, {1, 4}},
                                                      {{3, 4}, {}},
                                                      {{}, {3, 4}},
                                                      {{2, 3, 4}, {3, 1}},
                                                      {{2, 1, 4}, {3, 1}},
                                                      {{1, 3, 1, 2}, {2, 1, 4, 1}},
                                                      {{}, {}}};
  const std::vector<std::pair<std::string, Tensor (*)(const Tensor&, const Tensor&)>> operators = {
      {"+", operator+ }, {"-", operator- }, {"*", operator* }, {"/", operator/ } };
  for (const auto& [sign, function] : operators) {
    for (const auto& [a, b] : pairs) {
      const auto f = function;
      all.push_back({a.text() + sign + b.text(),
                     {a, b},
                     [f](const Arguments& x) { return f(x[0], x[1]); },
                     0.5,
                     2});
    }
  }
  const std::vector<std::pair<std::string, std::function<Tensor(const Tensor&)>>> with_number = {
      {"x+2", [](const Tensor& x) { return x + 2.0; }},
      {"x-2", [](const Tensor& x) { return x - 2.0; }},
      {"x*2", [](const Tensor& x) { return x * 2.0; }},
      {"x/2", [](const Tensor& x) { return x / 2.0; }},
      {"2+x", [](const Tensor& x) { return 2.0 + x; }},
      {"2-x", [](const Tensor& x) { return 2.0 - x; }},
      {"2*x", [](const Tensor& x) { return 2.0 * x; }},
      {"2/x", [](const Tensor& x) { return 2.0 / x; }}};
  for (const auto& [name, f] : with_number) {
    all.push_back({name, {{3, 2}}, [f = f](const Arguments& x) { return f(x[0]); }, 0.5, 2});
  }
  return all;
}

class Gradient : public testing::TestWithParam<Case> {};

Arguments drawn(const Case& c) {
  Random random(1);
  Arguments arguments;
  for (const Shape& shape : c.shapes) {
    arguments.push_back(Tensor::empty(shape, DType::kFloat64));
    for (double& value : arguments.back().values<double>()) value = random.uniform(c.low, c.high);
  }
  return arguments;
}

// A scalar that depends on each element differently.
Tensor weighted(const Tensor& y) {
  Tensor weights = Tensor::empty(y.shape(), DType::kFloat64);
  double next = 0.3;
  for (double& weight : weights.values<double>())
    weight = next, next = next > 2 ? 0.4 : next * 1.37;
  return sum(y * weights);
}

TEST_P(Gradient, IsThatOfCentralDifferences) {
  const Case& c = GetParam();
  Arguments arguments = drawn(c);
  for (Tensor& x : arguments) x.requires_grad();
  weighted(c.operation(arguments)).backward();
  const NoGrad no_grad;
  constexpr double kStep = 1e-5;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const auto values = arguments[i].values<double>(), grad = arguments[i].grad().values<double>();
    for (size_t j = 0; j < values.size(); ++j) {
      const double before = values[j];
      values[j] = before + kStep;
      const double above = weighted(c.operation(arguments)).item();
      values[j] = before - kStep;
      const double below = weighted(c.operation(arguments)).item();
      values[j] = before;
      const double expected = (above - below) / (2 * kStep);
      EXPECT_NEAR(grad[j], expected, 1e-7 * (1 + std::fabs(expected)))
          << "argument " << i << " [" << j << "]";
    }
  }
}

// Each argument alone asks for a gradient, and a second pass adds to the first.
TEST_P(Gradient, OfEachArgumentAloneAddsUp) {
  const Case& c = GetParam();
  Arguments all = drawn(c);
  for (Tensor& x : all) x.requires_grad();
  weighted(c.operation(all)).backward();
  for (size_t i = 0; i < all.size(); ++i) {
    Arguments arguments = drawn(c);
    arguments[i].requires_grad();
    for (int pass = 1; pass <= 2; ++pass) {
      weighted(c.operation(arguments)).backward();
      for (size_t j = 0; j < size_t(all[i].size()); ++j) {
        const double once = all[i].grad().values<double>()[j];
        EXPECT_NEAR(arguments[i].grad().values<double>()[j], pass * once,
                    1e-13 * (1 + std::fabs(once)));
      }
    }
    for (size_t j = 0; j < all.size(); ++j) EXPECT_EQ(arguments[j].grad().defined(), i == j);
  }
}

Tensor as_float32(const Tensor& x) {
  const auto doubles = x.to_vector();
  return Tensor::from(std::span<const float>(std::vector<float>(doubles.begin(), doubles.end())),
                      x.shape());
}

// float32 runs on the kernels: the same values and gradients to its precision.
TEST_P(Gradient, AgreesInFloat32) {
  const Case& c = GetParam();
  Arguments singles, doubles;
  for (const Tensor& x : drawn(c)) {
    singles.push_back(as_float32(x).requires_grad());
    const auto rounded = singles.back().to_vector();
    doubles.push_back(Tensor::from(std::span<const double>(rounded), x.shape()).requires_grad());
  }
  const auto expect_near = [](const Tensor& actual, const Tensor& expected) {
    ASSERT_EQ(actual.shape(), expected.shape());
    const auto a = actual.to_vector(), e = expected.to_vector();
    for (size_t i = 0; i < e.size(); ++i) EXPECT_NEAR(a[i], e[i], 4e-6 * (1 + std::fabs(e[i])));
  };
  const Tensor y = c.operation(singles), expected = c.operation(doubles);
  expect_near(y, expected);
  sum(y * y).backward();
  sum(expected * expected).backward();
  for (size_t i = 0; i < singles.size(); ++i) expect_near(singles[i].grad(), doubles[i].grad());
}

INSTANTIATE_TEST_SUITE_P(Every, Gradient, testing::ValuesIn(cases()));

}  // namespace
}  // namespace ravine
