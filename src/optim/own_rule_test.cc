// A program's own rules: through the public header, in the same engine.
#include <gtest/gtest.h>

#include "optim/testing.h"
#include "ravine/error.h"
#include "ravine/rule.h"

namespace mine {

using ravine::kBelowOne;
using ravine::kNotNegative;
using ravine::Option;
using ravine::Scalar;
using ravine::Slot;

// RMSprop again, as a user would write it.
struct Root {
  double lr = 1e-3, alpha = 0.9, eps = 1e-8;
  template <class F>
  void options(F f) {
    f(Option{"lr", "length of a step", kNotNegative}, lr);
    f(Option{"alpha", "decay of the average", kBelowOne}, alpha);
    f(Option{"eps", "added to the root", kNotNegative}, eps);
  }
  template <class T>
  struct State {
    T square_avg;
    auto fields() { return std::tie(square_avg); }
  };
  State<Slot> slots() const { return {{"square_avg"}}; }
  template <class T>
  struct Step {
    ravine::arithmetic::Average<T> average;
    T lr, eps;
    template <class V>
    V update(V, V g, State<V>& s) const {
      using namespace ravine::arithmetic;
      s.square_avg = average(s.square_avg, g * g);
      return lr * (g / (sqrt(s.square_avg) + eps));
    }
  };
  template <class T>
  Step<T> at(int64_t, double rate, std::span<double>) const {
    return {ravine::arithmetic::Average<T>::of(alpha), T(rate), T(eps)};
  }
};
RAVINE_RULE(root, Root);

// Momentum whose decay warms up, and the product of all decays so far; two scalars.
struct Warm {
  double lr = 0.1, most = 0.9;
  template <class F>
  void options(F f) {
    f(Option{"lr", "length of a step", kNotNegative}, lr);
    f(Option{"most", "the decay in the end", kBelowOne}, most);
  }
  const char* problem() const { return most == 0.5 ? "one half is unlucky" : nullptr; }
  std::array<Scalar, 2> scalars() const { return {{{"product", 1}, {"decay", 0}}}; }
  template <class T>
  struct State {
    T velocity;
    auto fields() { return std::tie(velocity); }
  };
  State<Slot> slots() const { return {{"velocity"}}; }
  template <class T>
  struct Step {
    T decay, rate;
    template <class V>
    V update(V, V g, State<V>& s) const {
      s.velocity = decay * s.velocity + g;
      return rate * s.velocity;
    }
  };
  template <class T>
  Step<T> at(int64_t, double rate, std::span<double> scalars) const {
    scalars[1] = (scalars[1] + most) / 2;
    scalars[0] *= scalars[1];
    return {T(scalars[1]), T(rate * (1 - scalars[0]))};
  }
};
RAVINE_RULE(warm, Warm);

// No slots at all.
struct Sign {
  double lr = 1e-3;
  template <class F>
  void options(F f) {
    f(Option{"lr", "length of a step", kNotNegative}, lr);
  }
  template <class T>
  struct State {
    auto fields() { return std::tie(); }
  };
  State<Slot> slots() const { return {}; }
  template <class T>
  struct Step {
    T lr;
    template <class V>
    V update(V, V g, State<V>&) const {
      using namespace ravine::arithmetic;
      return select(g < V(0), V(-lr), V(lr));
    }
  };
  template <class T>
  Step<T> at(int64_t, double rate, std::span<double>) const {
    return {T(rate)};
  }
};
RAVINE_RULE(sign, Sign);

}  // namespace mine

namespace ravine {
namespace {

using namespace testing;

template <class T>
std::vector<T> trained(Optimizer& optimizer, int from, int to, std::vector<T>& p) {
  std::vector<T> g(p.size());
  if (from == 1) optimizer.add("p", p, g);
  for (int t = from; t <= to; ++t) {
    const auto fresh = random_values<T>(p.size(), uint64_t(t));
    std::copy(fresh.begin(), fresh.end(), g.begin());
    optimizer.step();
  }
  return p;
}

template <class T>
void expect_same_as_built_in(const EngineOptions& engine) {
  auto a = random_values<T>(9001, 5), b = a;
  Optimizer own(mine::root({.lr = 0.01}, engine)), built_in(rmsprop({.lr = 0.01}, engine));
  EXPECT_EQ(differing(trained(own, 1, 5, a), trained(built_in, 1, 5, b)), 0u);
}

TEST(OwnRule, IsTheBuiltInOneWithTheSameText) {
  for (const EngineOptions& engine :
       {EngineOptions{}, EngineOptions{.weight_decay = 0.1, .l2 = 0.1, .clip_norm = 1},
        EngineOptions{.clip_global_norm = 2, .maximize = true, .nonfinite = "skip"}}) {
    expect_same_as_built_in<float>(engine);
    expect_same_as_built_in<double>(engine);
  }
}

TEST(OwnRule, NeedsNoSlots) {
  std::vector<float> p = {1, 1}, g = {2, -3};
  Optimizer optimizer(mine::sign({.lr = 0.5}));
  optimizer.add("p", p, g);
  optimizer.step();
  EXPECT_EQ(p, (std::vector<float>{0.5, 1.5}));
  EXPECT_TRUE(optimizer.state().entries.empty());
}

TEST(OwnRule, HasGroupsAndChecks) {
  std::vector<float> w = {1}, dw = {1}, b = {1}, db = {1};
  Optimizer optimizer(mine::sign({.lr = 0.5}));
  optimizer.group("b", "lr=0.25");
  optimizer.add("w", w, dw);
  optimizer.add("b", b, db);
  optimizer.step();
  EXPECT_EQ(w[0], 0.5f);
  EXPECT_EQ(b[0], 0.75f);
  EXPECT_THROW(mine::root({.alpha = 1}), UsageError);
  EXPECT_THROW(mine::warm({.most = 0.5}), UsageError);
}

TEST(OwnRule, CarriesScalarsThatAreSaved) {
  auto a = random_values<double>(100, 1), b = a;
  Optimizer through(mine::warm()), before(mine::warm()), after(mine::warm());
  through.group("none*", "most=0.7");
  const auto expected = trained(through, 1, 3, a);
  std::vector<double> gradient(100);
  const auto run = [&](Optimizer& optimizer, int from, int to) {
    for (int t = from; t <= to; ++t) {
      const auto fresh = random_values<double>(100, uint64_t(t));
      std::copy(fresh.begin(), fresh.end(), gradient.begin());
      optimizer.step();
    }
  };
  before.add("p", b, gradient);
  run(before, 1, 2);
  const auto state = before.state();
  ASSERT_EQ(state.scalars.size(), 4u);
  EXPECT_EQ(state.scalars[2].name, "product");
  EXPECT_EQ(state.scalars[2].value, 0.45 * 0.675);
  after.add("p", b, gradient);
  after.load(state);
  run(after, 3, 3);
  EXPECT_EQ(differing(b, expected), 0u);
  EXPECT_EQ(through.state().scalars[4].name, "none*:product");
}

}  // namespace
}  // namespace ravine
