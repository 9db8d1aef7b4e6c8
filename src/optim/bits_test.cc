// The bits of every rule are the same whatever runs them, and its state resumes them.
#include "optim/engine_testing.h"

namespace ravine {
namespace {

using namespace testing;

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
      set_isa(supported_isas().front());
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
    set_isa(supported_isas().front());
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

// In float64, where a sum of norms in another order would show.
TEST(Bits, DoNotDependOnTheOrderOfTheTensors) {
  for (const std::string& line : rule_cases()) {
    for (const std::string& around : engine_cases()) {
      if (has_two_decays(line + around)) continue;
      Training<double> forward(line + around), backward(line + around);
      forward.add();
      for (size_t k = backward.sizes.size(); k-- > 0;) backward.add(k);
      forward.run(3), backward.run(3);
      EXPECT_EQ(differing(forward.all(), backward.all()), 0u) << line << around;
    }
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
  const std::string text = error_of([&] { to.optimizer.load(state); });
  for (const char* part : {"missing", "0/exp_avg,", "2/exp_avg,", "2/exp_avg_sq", "step", "unknown",
                           "0/momentum", "another shape", "float32 1/exp_avg [7]", "[5]"}) {
    EXPECT_TRUE(contains(text, part)) << part << " in: " << text;
  }
  EXPECT_EQ(differing(to.all(), before), 0u);
  EXPECT_EQ(to.optimizer.steps(), 3);
  auto half = to.optimizer.state();
  half.scalars[0].value = 2.5;
  EXPECT_TRUE(contains(error_of([&] { to.optimizer.load(half); }), "must be a count"));
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

}  // namespace
}  // namespace ravine
