// What the engine promises for every rule: bits, skipping, groups, state, and what it refuses.
#include <gtest/gtest.h>

#include <numeric>

#include "optim/ieee.h"
#include "optim/testing.h"
#include "ravine/error.h"
#include "ravine/optimizer.h"

namespace ravine {
namespace {

using namespace testing;

// Parameters of several sizes with their gradients, and an optimizer over them.
template <class T>
struct Training {
  explicit Training(const OptimizerSpec& spec, std::vector<size_t> tensor_sizes = kSizes)
      : sizes(std::move(tensor_sizes)), optimizer(spec) {
    for (const size_t n : sizes) {
      values.push_back(random_values<T>(n, n + 1));
      gradients.emplace_back(n);
    }
  }
  Training& add() {
    for (size_t k = 0; k < sizes.size(); ++k) add(k);
    return *this;
  }
  void add(size_t k) { optimizer.add(std::to_string(k), values[k], gradients[k]); }
  void run(int64_t steps) {
    for (int64_t i = 0; i < steps; ++i) {
      ++t;
      for (size_t k = 0; k < sizes.size(); ++k) {
        const auto fresh = random_values<T>(sizes[k], uint64_t(100 * t) + k);
        std::copy(fresh.begin(), fresh.end(), gradients[k].begin());
      }
      optimizer.step();
    }
  }
  // Parameters, then slots.
  std::vector<T> all() {
    std::vector<T> list;
    for (const auto& v : values) list.insert(list.end(), v.begin(), v.end());
    for (const StateEntry& e : optimizer.state().entries) {
      const auto* data = static_cast<const T*>(e.data);
      list.insert(list.end(), data, data + e.size);
    }
    return list;
  }

  static inline const std::vector<size_t> kSizes = {1, 3, 4095, 0, 4096, 4097, 64, 20'000};
  std::vector<size_t> sizes;
  std::vector<std::vector<T>> values, gradients;
  Optimizer optimizer;
  int64_t t = 0;
};

template <class T>
std::vector<T> trained(const std::string& line, int64_t steps = 3) {
  Training<T> training(line);
  training.add().run(steps);
  return training.all();
}

bool has_two_decays(const std::string& line) {  // adamw's own, and the engine's
  return line.starts_with("adamw") && line.rfind("weight_decay") > line.find("weight_decay");
}

std::string text_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

TEST(Registry, EveryOptionOfEveryRuleIsVariedByACase) {
  for (const Rule* rule : rules()) {
    const auto standard = rule->clone();
    EXPECT_STREQ(standard->options().front().option.name, "lr") << rule->name();
    for (const OptionRef& option : standard->options()) {
      bool varied = false;
      for (const std::string& line : rule_cases()) {
        const OptimizerSpec spec = line;
        if (spec.rule_name() != rule->name()) continue;
        const auto other = spec.rule->clone();
        const auto list = other->options();
        varied |= value_text(*find_option(list, option.option.name)) != value_text(option);
      }
      EXPECT_TRUE(varied) << rule->name() << ": " << option.option.name;
    }
  }
}

TEST(Bits, AreTheSameForEveryInstructionSetAndNumberOfThreads) {
  const RuntimeScope scope;
  for (const std::string& line : rule_cases()) {
    for (const std::string& around : engine_cases()) {
      if (has_two_decays(line + around)) continue;
      set_threads(1);
      set_isa("scalar");
      const auto expected = trained<float>(line + around);
      for (const std::string& name : supported_isas()) {
        set_isa(name);
        // All numbers of threads on the best instruction set, one on each.
        for (int n = 1; n <= (name == supported_isas().back() ? 4 : 1); ++n) {
          set_threads(n);
          EXPECT_EQ(differing(trained<float>(line + around), expected), 0u)
              << line << around << " on " << name << " with " << n << " threads";
        }
      }
    }
  }
}

TEST(Bits, OfFloat64AreTheSameForEveryInstructionSetAndNumberOfThreads) {
  const RuntimeScope scope;
  for (const std::string& line : rule_cases()) {
    set_threads(1);
    set_isa("scalar");
    const std::string whole = line + ",clip_norm=3,clip_value=2";
    const auto expected = trained<double>(whole);
    set_isa(supported_isas().back());
    set_threads(3);
    EXPECT_EQ(differing(trained<double>(whole), expected), 0u) << line;
  }
}

TEST(Bits, OfATensorDoNotDependOnItsNeighbours) {
  for (const std::string& line : rule_cases()) {
    Training<float> together(line), alone(line, {20'000});
    for (size_t k = together.sizes.size(); k-- > 0;) together.add(k);  // in reverse
    alone.add();
    for (int64_t t = 1; t <= 3; ++t) {
      const auto g = random_values<float>(20'000, uint64_t(t));
      std::copy(g.begin(), g.end(), together.gradients.back().begin());
      std::copy(g.begin(), g.end(), alone.gradients.back().begin());
      together.optimizer.step();
      alone.optimizer.step();
    }
    EXPECT_EQ(differing(together.values.back(), alone.values.back()), 0u) << line;
  }
}

TEST(Bits, OfATensorAreThoseOfItsPartsCutAtBlocks) {
  constexpr size_t kSize = 20'000, kCut = 3 * 4096;
  for (const std::string& line : rule_cases()) {
    Training<float> whole(line, {kSize}), parts(line, {kSize});
    whole.add();
    const auto add = [&](const char* name, size_t begin, size_t size) {
      parts.optimizer.add(name, std::span(parts.values[0]).subspan(begin, size),
                          std::span<const float>(parts.gradients[0]).subspan(begin, size));
    };
    add("end", kCut, kSize - kCut), add("begin", 0, kCut);
    whole.run(3), parts.run(3);
    EXPECT_EQ(differing(whole.values[0], parts.values[0]), 0u) << line;
  }
}

TEST(State, HasTheDTypeOfItsParameter) {
  for (const std::string& line : rule_cases()) {
    Training<float> single(line, {5});
    Training<double> twice(line, {5});
    single.add().run(2), twice.add().run(2);
    for (const StateEntry& e : single.optimizer.state().entries) {
      EXPECT_EQ(e.dtype, DType::kFloat32) << line << " " << e.slot;
    }
    for (const StateEntry& e : twice.optimizer.state().entries) {
      EXPECT_EQ(e.dtype, DType::kFloat64) << line << " " << e.slot;
    }
  }
}

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

TEST(Groups, RefuseWhatHoldsForAll) {
  Optimizer optimizer("rmsprop");
  for (const char* option : {"clip_global_norm=1", "nonfinite=skip", "schedule=constant"}) {
    EXPECT_TRUE(contains(text_of([&] { optimizer.group("*", option); }), "holds for all"))
        << option;
  }
  EXPECT_THROW(optimizer.group("*", "alpha=2"), UsageError);
  EXPECT_THROW(optimizer.group("*", "no=2"), UsageError);
}

TEST(State, RoundTripResumesBitForBit) {
  for (const std::string& line : rule_cases()) {
    const std::string whole = line + ",schedule=exponential(rate=0.9),nonfinite=skip";
    Training<float> through(whole), before(whole), after(whole);
    through.add().run(10);
    before.add().run(5);
    after.add();
    after.optimizer.load(before.optimizer.state());
    after.values = before.values;  // same sizes: the memory stays where it is
    after.t = before.t;
    EXPECT_EQ(after.optimizer.steps(), 5);
    after.run(5);
    EXPECT_EQ(differing(after.all(), through.all()), 0u) << line;
  }
}

TEST(State, NamesParametersSlotsAndShapes) {
  Training<float> training("rmsprop,centered=true", {6});
  training.optimizer.add(
      {"w", {2, 3}, DType::kFloat32, 6, training.values[0].data(), training.gradients[0].data()});
  const auto state = training.optimizer.state();
  ASSERT_EQ(state.entries.size(), 2u);
  EXPECT_EQ(state.entries[0].parameter, "w");
  EXPECT_EQ(state.entries[0].slot, "square_avg");
  EXPECT_EQ(state.entries[1].slot, "grad_avg");
  EXPECT_EQ(state.entries[0].shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(uintptr_t(state.entries[0].data) % 64, 0u);
  EXPECT_EQ(training.optimizer.state_bytes(), 48u);
}

TEST(State, LoadNamesAllThatDoesNotFitAndChangesNothing) {
  Training<float> to("adam", {4, 5, 6});
  to.add().run(3);
  Training<float> from("adam", {4, 7});
  from.add(0), from.add(1);
  auto state = from.optimizer.state();
  state.entries[0].slot = "momentum";
  state.scalars.erase(state.scalars.begin());
  const auto before = to.all();
  const std::string text = text_of([&] { to.optimizer.load(state); });
  for (const char* part : {"missing", "0/exp_avg,", "2/exp_avg,", "2/exp_avg_sq", "step", "unknown",
                           "0/momentum", "another shape", "float32 1/exp_avg [7]", "[5]"}) {
    EXPECT_TRUE(contains(text, part)) << part << " in: " << text;
  }
  EXPECT_EQ(differing(to.all(), before), 0u);
  EXPECT_EQ(to.optimizer.steps(), 3);
  auto half = to.optimizer.state();
  half.scalars[0].value = 2.5;
  EXPECT_TRUE(contains(text_of([&] { to.optimizer.load(half); }), "must be a count"));
  EXPECT_EQ(to.optimizer.steps(), 3);
}

TEST(State, RemembersAnLrThatWasSet) {
  Training<float> from("sgd,lr=1"), to("sgd,lr=1");
  from.add(), to.add();
  from.optimizer.set_lr(0.25);
  to.optimizer.load(from.optimizer.state());
  EXPECT_EQ(to.optimizer.lr(), 0.25);
  from.optimizer.load(Training<float>("sgd,lr=1").add().optimizer.state());
  EXPECT_EQ(from.optimizer.lr(), 1);
}

TEST(Add, RefusesWhatCannotBeTrained) {
  std::vector<float> w(10), dw(10), short_gradient(9);
  std::vector<double> wide(10);
  Optimizer optimizer("rmsprop");
  const auto refusal = [&](const Parameter& p) { return text_of([&] { optimizer.add(p); }); };
  const auto parameter = [&](std::string name, float* value, float* gradient) {
    return Parameter{std::move(name), {10}, DType::kFloat32, 10, value, gradient};
  };
  EXPECT_TRUE(contains(text_of([&] { optimizer.step(); }), "no parameters"));
  EXPECT_TRUE(contains(text_of([&] { optimizer.add("w", w, short_gradient); }), "its gradient 9"));
  EXPECT_TRUE(contains(refusal(parameter("w", w.data(), nullptr)), "no gradient"));
  EXPECT_TRUE(contains(refusal(parameter("w", nullptr, dw.data())), "no memory"));
  EXPECT_TRUE(contains(refusal(parameter("w", w.data(), w.data())), "shares memory"));
  EXPECT_TRUE(contains(refusal({"w", {3, 3}, DType::kFloat32, 10, w.data(), dw.data()}), "has 9"));
  EXPECT_TRUE(contains(refusal({"w", {10}, DType::kInt32, 10, w.data(), dw.data()}), "int32"));
  optimizer.add("w", w, dw);
  std::vector<float> v(10), dv(10);
  EXPECT_TRUE(contains(text_of([&] { optimizer.add("w", v, dv); }), "two parameters 'w'"));
  EXPECT_TRUE(contains(refusal(parameter("v", w.data() + 9, dv.data())), "shares memory with"));
  EXPECT_TRUE(contains(refusal(parameter("v", v.data(), w.data() - 9)), "shares memory with"));
  EXPECT_TRUE(contains(refusal(parameter("v", dw.data(), dv.data())), "the gradient of 'w'"));
  EXPECT_TRUE(contains(text_of([&] { optimizer.group("*", "lr=1"); }), "before the parameters"));
  EXPECT_TRUE(optimizer.step());
  EXPECT_TRUE(contains(text_of([&] { optimizer.add("v", v, dv); }), "before the first step"));
  EXPECT_THROW(optimizer.set_lr(-1), UsageError);
  EXPECT_THROW(optimizer.set_lr(NAN), UsageError);
}

TEST(Add, IsAllOrNothing) {
  std::vector<float> a(4), da(4), b(4), db(4);
  Optimizer optimizer("adam");
  const Parameter list[] = {{"a", {4}, DType::kFloat32, 4, a.data(), da.data()},
                            {"b", {4}, DType::kFloat32, 4, a.data(), db.data()}};
  EXPECT_THROW(optimizer.add(list), UsageError);
  EXPECT_TRUE(optimizer.state().entries.empty());
  optimizer.add("a", a, da);
  optimizer.add("b", b, db);
  EXPECT_EQ(optimizer.state().entries.size(), 4u);
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

// A quadratic with curvatures from 1 to 10, and Rosenbrock's valley.
TEST(Step, SolvesAQuadratic) {
  for (const char* line : {"sgd,lr=0.05", "sgd,lr=0.05,momentum=0.9,nesterov=true", "adagrad,lr=1",
                           "rmsprop,lr=0.05,schedule=cosine(total=2000)", "adam,lr=0.05",
                           "adamw,lr=0.05,weight_decay=0", "adam,lr=0.05,amsgrad=true",
                           "rmsprop,lr=0.01,centered=true,momentum=0.5,schedule=cosine(total=2000)",
                           "sgd,lr=0.05,maximize=true,scale=1"}) {
    const bool up = contains(line, "maximize");
    std::vector<double> p = {3, -2, 5}, g(3);
    Optimizer optimizer(line);
    optimizer.add("p", p, g);
    for (int t = 0; t < 2000; ++t) {
      for (size_t i = 0; i < 3; ++i) g[i] = (up ? -1 : 1) * (1 + 4.5 * double(i)) * (p[i] - 1);
      optimizer.step();
    }
    for (const double x : p) EXPECT_NEAR(x, 1, 1e-3) << line;
  }
}

TEST(Step, SolvesRosenbrock) {
  for (const char* line :
       {"rmsprop,lr=0.01,alpha=0.99,schedule=cosine(total=10000)", "adam,lr=0.02",
        "sgd,lr=0.0005,momentum=0.95", "adagrad,lr=0.5", "adamw,lr=0.02,weight_decay=0"}) {
    std::vector<double> p = {-1.2, 1}, g(2);
    Optimizer optimizer(line);
    optimizer.add("p", p, g);
    for (int t = 0; t < 10'000; ++t) {
      const double bend = p[1] - p[0] * p[0];
      g[0] = -2 * (1 - p[0]) - 400 * p[0] * bend, g[1] = 200 * bend;
      optimizer.step();
    }
    EXPECT_NEAR(p[0], 1, 3e-2) << line;
    EXPECT_NEAR(p[1], 1, 3e-2) << line;
  }
}

}  // namespace
}  // namespace ravine
