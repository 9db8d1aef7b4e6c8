// What the tests of the optimizer share: every rule with several sets of options, and data.
#pragma once
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "base/testing.h"
#include "optim/rule.h"
#include "ravine/random.h"
#include "ravine/runtime.h"

namespace ravine::testing {

// Every rule with its defaults and with each of its options changed at least once: registry_test.
inline std::vector<std::string> rule_cases() {
  return {
      "sgd",
      "sgd,momentum=0.9,dampening=0.25",
      "sgd,momentum=0.9,nesterov=true",
      "sgd,momentum=0.9,lr_in_momentum=true",
      "sgd,momentum=0.5,nesterov=true,lr_in_momentum=true,lr=0.003",
      "adagrad",
      "adagrad,lr_decay=0.01,initial=0.1,eps=1e-6",
      "adagrad,initial=0.1,eps=1e-4,eps_inside=true,lr=0.05",
      "rmsprop",
      "rmsprop,eps=1e-60,eps_guard=true",
      "rmsprop,lerp=true,centered=true,momentum=0.5,eps=1e-3",
      "rmsprop,momentum=0.9",
      "rmsprop,centered=true,alpha=0.95",
      "rmsprop,centered=true,momentum=0.9,eps_inside=true,eps=1e-3",
      "rmsprop,lr=0.01,eps_inside=true,initial=1,momentum=0.9,lr_in_momentum=true",
      "rmsprop,momentum=0.9,nesterov=true,bias_correction=true",
      "rmsprop,centered=true,clamp=false,bias_correction=true,eps_inside=true,eps=1",
      "adam",
      "adam,amsgrad=true,beta1=0.8,beta2=0.99,eps=1e-4",
      "adam,beta1=0,lr=0.01,eps_hat=true",
      "adam,lerp=true,float32_powers=true,lr=0.01",
      "adam,float32_product=true",
      "adamw",
      "adamw,weight_decay=0.1,amsgrad=true,eps_hat=true,beta1=0.5,beta2=0.9,eps=1e-5,lr=0.002",
      "adamw,lerp=true,float32_powers=true",
      "adamw,float32_product=true,beta2=0.99",
  };
}

// What the engine is asked for around a rule; appended to a case.
inline std::vector<std::string> engine_cases() {
  return {"",
          ",scale=0.25,maximize=true",
          ",l2=0.01,weight_decay=0.1",
          ",clip_value=0.5,l2=0.1",
          ",clip_value=0.5,l2=0.1,decay_before_clip=true,scale=3",
          ",clip_norm=2",
          ",clip_global_norm=2,l2=0.1,decay_before_clip=true",
          ",clip_norm=3,clip_global_norm=2,clip_value=1.5,l2=0.05",
          ",low=-0.5,high=0.75",
          ",nonfinite=skip"};
}

template <class T>
auto bits_of(T x) {
  using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
  return std::bit_cast<Bits>(x);
}

// The same number, in all bits; NaNs count as one.
template <class T>
bool same(T a, T b) {
  return bits_of(a) == bits_of(b) || (std::isnan(a) && std::isnan(b));
}

template <class A, class B>
size_t differing(const A& a, const B& b) {
  size_t count = a.size() == b.size() ? 0 : 1;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) count += !same(a[i], b[i]);
  return count;
}

template <class T>
std::vector<T> random_values(size_t n, uint64_t seed, double scale = 1) {
  Random random(seed);
  std::vector<T> values(n);
  for (T& x : values) x = T(scale * 0x1p-30 * int32_t(random.word()));  // in [-2, 2)
  return values;
}

// Such values, and among them what arithmetic trips over.
template <class T>
std::vector<T> wild_values(size_t n, uint64_t seed) {
  using Limits = std::numeric_limits<T>;
  const T special[] = {0,
                       T(-0.0),
                       Limits::min(),
                       -Limits::denorm_min(),
                       Limits::min() / 2,
                       Limits::max(),
                       Limits::lowest(),
                       Limits::infinity(),
                       -Limits::infinity(),
                       Limits::quiet_NaN(),
                       Limits::epsilon(),
                       T(1e20),
                       T(-1e-20),
                       std::nextafter(T(2), T(1))};
  Random random(seed, 1);
  auto values = random_values<T>(n, seed);
  for (T& x : values) {
    if (random.below(3) == 0) x = special[random.below(std::size(special))];
  }
  return values;
}

// Restores threads and instruction set.
struct RuntimeScope {
  int before = threads();
  std::string isa_before = isa();
  ~RuntimeScope() {
    set_threads(before);
    set_isa(isa_before);
  }
};

// What a line means in plain words; what is said of a wrong one, or "".
inline std::string plain(const std::string& line) { return OptimizerSpec(line).text(); }
inline std::string error_of(const std::string& line) {
  return ravine::error_of<UsageError>([&] { OptimizerSpec spec(line); });
}

// The same rule and options, run by the plain loop.
template <class... R>
std::unique_ptr<Rule> plain_among(const Rule& rule, std::tuple<R...>*) {
  std::unique_ptr<Rule> plain;
  ((rule.name() == std::string_view(R::kName)
        ? void(plain = std::make_unique<RuleOf<R>>(R::kName, R{}))
        : void()),
   ...);
  const auto source = rule.clone();
  const auto to = plain->options();
  for (const OptionRef& from : source->options()) {
    set_option(rule.name(), to, from.option.name, value_text(from));
  }
  return plain;
}
inline std::unique_ptr<Rule> plain_of(const Rule& rule) {
  return plain_among(rule, static_cast<BuiltInRules*>(nullptr));
}

}  // namespace ravine::testing
