// What a step does for every rule: skipping, maximizing, schedules, rounding, groups, minimizing.
#include <map>

#include "optim/engine_testing.h"
#include "ravine/schedule.h"

namespace ravine {
namespace {

using namespace testing;

TEST(Step, NeverWritesAGradient) {
  for (const std::string& line : rule_cases()) {
    for (const std::string& around : engine_cases()) {
      if (has_two_decays(line + around)) continue;
      Training<float> training(line + around);
      training.add().run(2);
      const auto before = training.gradients;
      training.optimizer.step();
      for (size_t k = 0; k < before.size(); ++k) {
        EXPECT_EQ(differing(training.gradients[k], before[k]), 0u) << line << around;
      }
    }
  }
}

TEST(Step, ThatIsSkippedChangesNothingAndIsCounted) {
  for (const std::string& line : rule_cases()) {
    Training<float> skipping(line + ",nonfinite=skip,schedule=inverse_time(decay=0.1)");
    Training<float> plain(line + ",schedule=inverse_time(decay=0.1)");
    skipping.add().run(2), plain.add().run(2);
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), -INFINITY}) {
      const auto before = skipping.all();
      skipping.gradients[7][19'999] = bad;
      EXPECT_FALSE(skipping.optimizer.step());
      EXPECT_EQ(differing(skipping.all(), before), 0u) << line;
    }
    EXPECT_EQ(skipping.optimizer.skipped(), 2);
    EXPECT_EQ(skipping.optimizer.steps(), 2);
    EXPECT_EQ(skipping.optimizer.lr(), plain.optimizer.lr());
    skipping.run(2), plain.run(2);
    EXPECT_EQ(differing(skipping.all(), plain.all()), 0u) << line;
  }
}

TEST(Step, IgnoresNonFiniteGradientsUnlessAsked) {
  Training<float> training("rmsprop");
  training.add();
  training.gradients[0][0] = NAN;
  EXPECT_TRUE(training.optimizer.step());
  EXPECT_TRUE(std::isnan(training.values[0][0]));
  EXPECT_EQ(training.optimizer.skipped(), 0);
}

TEST(Step, ThatMaximizesIsTheMirrorOfOneThatMinimizes) {
  for (const std::string& line : rule_cases()) {
    Training<double> down(line), up(line + ",maximize=true");
    down.add(), up.add();
    for (int64_t t = 1; t <= 5; ++t) {
      for (size_t k = 0; k < down.sizes.size(); ++k) {
        const auto g = random_values<double>(down.sizes[k], uint64_t(t) * 100 + k);
        for (size_t i = 0; i < g.size(); ++i) {
          down.gradients[k][i] = g[i], up.gradients[k][i] = -g[i];
        }
      }
      down.optimizer.step(), up.optimizer.step();
    }
    EXPECT_EQ(differing(down.values[7], up.values[7]), 0u) << line;
  }
}

TEST(Step, FollowsItsSchedule) {
  std::vector<double> p = {0}, g = {1};
  Optimizer optimizer("sgd,lr=8,schedule=step(every=2,factor=0.5)");
  optimizer.add("p", p, g);
  std::vector<double> moves;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(optimizer.lr(), 8 * std::pow(0.5, i / 2));
    const double before = p[0];
    optimizer.step();
    moves.push_back(before - p[0]);
  }
  EXPECT_EQ(moves, (std::vector<double>{8, 8, 4, 4, 2}));
}

// What a first step at lr 0.5 and a second one at 0.25 leave of a parameter without a gradient.
double left_by_decay(const std::string& line) {
  std::vector<double> p = {1}, g = {0};
  Optimizer optimizer("sgd,lr=0.5,weight_decay=0.1" + line);
  optimizer.add("p", p, g);
  optimizer.step();
  optimizer.set_lr(0.25);
  optimizer.step();
  return p[0];
}

TEST(Step, DecaysByLrByItsSquareOrByNeither) {
  EXPECT_DOUBLE_EQ(left_by_decay(""), (1 - 0.05) * (1 - 0.025));
  EXPECT_DOUBLE_EQ(left_by_decay(",weight_decay_by=lr_squared"), (1 - 0.05) * (1 - 0.0125));
  EXPECT_DOUBLE_EQ(left_by_decay(",weight_decay_by=1"), 0.9 * 0.9);
}

// The first step of SGD: lr (g + l2 p), with or without a decay of its schedule.
TEST(Step, RoundsTheHyperparametersThatAreNamed) {
  const auto first_two = [](const std::string& line) {
    std::vector<double> p = {1}, g = {0.3};
    Optimizer optimizer("sgd,lr=0.1,l2=0.7,schedule=inverse_time(decay=0.2)" + line);
    optimizer.add("p", p, g);
    optimizer.step();
    const double first = p[0];
    optimizer.step();
    return std::pair(first, p[0]);
  };
  const auto expected = [](double lr, double second_lr, double l2) {
    const double first = 1 - lr * (0.3 + l2 * 1);
    return std::pair(first, first - second_lr * (0.3 + l2 * first));
  };
  const auto f32 = [](double x) { return double(float(x)); };
  const double lr = f32(0.1), l2 = f32(0.7), later = 0.1 * (1 / 1.2);
  EXPECT_EQ(first_two(""), expected(0.1, later, 0.7));
  EXPECT_EQ(first_two(",round_to_float32=lr"), expected(lr, f32(later), 0.7));
  EXPECT_EQ(first_two(",round_to_float32=all"), expected(lr, f32(later), l2));
  EXPECT_EQ(first_two(",round_to_float32=all_but_lr"), expected(0.1, later, l2));
  EXPECT_EQ(first_two(",round_to_float32=all_but_eps"),
            expected(lr, lr * (1 / (1 + f32(0.2))), 0.7));
  const auto with_eps = [](const std::string& line) {
    std::vector<double> p = {0}, g = {1};
    Optimizer optimizer("rmsprop,lr=0.5,alpha=0,eps=0.1" + line);
    optimizer.add("p", p, g);
    optimizer.step();
    return -p[0];
  };
  EXPECT_EQ(with_eps(",round_to_float32=all_but_eps"), 0.5 * (1 / (1 + 0.1)));
  EXPECT_EQ(with_eps(",round_to_float32=all"), 0.5 * (1 / (1 + f32(0.1))));
}

TEST(Groups, AreLikeSeparateOptimizers) {
  for (const std::string& line : rule_cases()) {
    if (contains(line, "lr=")) continue;  // a name given twice
    const std::string own = "lr=0.5,l2=0.1,clip_value=0.3";
    Training<float> grouped(line);
    grouped.optimizer.group("?", "lr=7");
    grouped.optimizer.group("[12]", "lr=9");  // brackets mean themselves
    grouped.optimizer.group("*", own);        // the last match holds
    grouped.optimizer.group("7", "lr=0.25");
    Training<float> first(line + "," + own), last(line + ",lr=0.25");
    grouped.add().run(3), first.add().run(3), last.add().run(3);
    for (size_t k = 0; k < 7; ++k) {
      EXPECT_EQ(differing(grouped.values[k], first.values[k]), 0u) << line;
    }
    EXPECT_EQ(differing(grouped.values[7], last.values[7]), 0u) << line;
  }
}

TEST(Groups, HaveHyperparametersOfTheirOwn) {
  Training<float> grouped("rmsprop,lr=0.01"), other("rmsprop,lr=0.01,momentum=0.9,centered=true");
  grouped.optimizer.group("7", "momentum=0.9,centered=true");
  grouped.add().run(3), other.add().run(3);
  EXPECT_EQ(differing(grouped.values[7], other.values[7]), 0u);
  EXPECT_EQ(grouped.optimizer.state().entries.size(), grouped.sizes.size() + 2);
}

TEST(Groups, KeepTheirOwnLrWhenTheOptimizersIsSet) {
  Training<float> grouped("sgd,lr=1"), expected("sgd,lr=0.5"), own("sgd,lr=0.1");
  grouped.optimizer.group("6", "lr=0.1");
  grouped.optimizer.group("5", "l2=0");
  grouped.optimizer.set_lr(0.5);
  grouped.add().run(2), expected.add().run(2), own.add().run(2);
  EXPECT_EQ(differing(grouped.values[5], expected.values[5]), 0u);
  EXPECT_EQ(differing(grouped.values[6], own.values[6]), 0u);
  EXPECT_EQ(grouped.optimizer.lr(), 0.5);
}

TEST(Step, MixesFloat32AndFloat64) {
  std::vector<float> single = {1}, single_gradient = {2};
  std::vector<double> twice = {1}, twice_gradient = {2};
  Optimizer optimizer("sgd,lr=0.1,momentum=0.9");
  optimizer.add("single", single, single_gradient);
  optimizer.add("twice", twice, twice_gradient);
  for (int i = 0; i < 3; ++i) optimizer.step();
  EXPECT_FLOAT_EQ(single[0], float(twice[0]));
  EXPECT_EQ(optimizer.state().entries[1].dtype, DType::kFloat64);
}

// Where gradient(p) leads from p in so many steps, at an lr that ends at 0.
template <class F>
std::vector<double> minimized(OptimizerSpec spec, double lr, int64_t steps, std::vector<double> p,
                              F gradient) {
  const auto rule = spec.rule->clone();
  rule->lr() = lr;
  spec.engine.schedule = cosine({.total = steps}).text();
  std::vector<double> g(p.size());
  Optimizer optimizer(OptimizerSpec(std::shared_ptr<const Rule>(rule->clone()), spec.engine));
  optimizer.add("p", p, g);
  for (int64_t t = 0; t < steps; ++t) {
    gradient(p, g);
    optimizer.step();
  }
  return p;
}

// Both minima are at 0, where no decay pulls away from them.
const std::map<std::string, double> kQuadraticLr = {
    {"sgd", 0.05}, {"adagrad", 1}, {"rmsprop", 0.05}, {"adam", 0.05}, {"adamw", 0.05}};
const std::map<std::string, double> kRosenbrockLr = {
    {"sgd", 0.001}, {"adagrad", 2}, {"rmsprop", 0.01}, {"adam", 0.05}, {"adamw", 0.05}};

TEST(Step, SolvesAQuadratic) {
  for (const std::string& line : rule_cases()) {
    for (const std::string around : {"", ",maximize=true"}) {
      const double sign = around.empty() ? 1 : -1;
      const OptimizerSpec spec = line + around;
      const auto p = minimized(spec, kQuadraticLr.at(spec.rule_name()), 2000, {3, -2, 5},
                               [&](const auto& p, auto& g) {
                                 for (size_t i = 0; i < 3; ++i)
                                   g[i] = sign * (1 + 4.5 * double(i)) * p[i];
                               });
      for (const double x : p) EXPECT_NEAR(x, 0, 1e-2) << line << around;
    }
  }
}

// (1 - x)^2 + 100 (y - x^2)^2 with x = 1 + p[0], y = 1 + p[1], from its usual start (-1.2, 1).
TEST(Step, SolvesRosenbrock) {
  for (const std::string& line : rule_cases()) {
    if (contains(line, "lr_decay")) continue;  // it is at rest before the valley ends
    const OptimizerSpec spec = line;
    const auto p = minimized(spec, kRosenbrockLr.at(spec.rule_name()), 30'000, {-2.2, 0},
                             [](const auto& p, auto& g) {
                               const double x = 1 + p[0], bend = 1 + p[1] - x * x;
                               g[0] = 2 * p[0] - 400 * x * bend, g[1] = 200 * bend;
                             });
    for (const double x : p) EXPECT_NEAR(x, 0, 3e-2) << line;
  }
}

}  // namespace
}  // namespace ravine
