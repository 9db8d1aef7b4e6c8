#include "optim/rule.h"

#include <array>

#include "base/math.h"
#include "optim/built_in.h"

namespace ravine {
namespace {

template <class... R>
std::array<const Rule*, sizeof...(R)> with_defaults(std::tuple<R...>*) {
  return {new BuiltIn<R>...};
}

template <class R>
OptimizerSpec spec_of(const R& rule, const EngineOptions& engine) {
  return {std::make_shared<BuiltIn<R>>(rule), engine};
}

}  // namespace

double power(double base, uint64_t exponent) { return math::power(base, exponent); }

std::span<const Rule* const> rules() {
  static const auto list = with_defaults(static_cast<BuiltInRules*>(nullptr));
  return list;
}

const Rule* find_rule(std::string_view name) {
  for (const Rule* rule : rules()) {
    if (name == rule->name()) return rule;
  }
  return nullptr;
}

OptimizerSpec sgd(const Sgd& rule, const EngineOptions& engine) { return spec_of(rule, engine); }
OptimizerSpec adagrad(const Adagrad& rule, const EngineOptions& engine) {
  return spec_of(rule, engine);
}
OptimizerSpec rmsprop(const RmsProp& rule, const EngineOptions& engine) {
  return spec_of(rule, engine);
}
OptimizerSpec adam(const Adam& rule, const EngineOptions& engine) { return spec_of(rule, engine); }
OptimizerSpec adamw(const AdamW& rule, const EngineOptions& engine) {
  return spec_of(rule, engine);
}

}  // namespace ravine
