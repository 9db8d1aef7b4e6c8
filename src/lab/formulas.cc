#include "lab/formulas.h"

#include <fmt/format.h>

#include <cmath>

#include "base/math.h"
#include "optim/rule.h"
#include "optim/spec.h"
#include "ravine/option.h"

namespace ravine::lab {
namespace {

// A rule's options by name.
class Numbers {
 public:
  explicit Numbers(const OptimizerSpec& spec)
      : rule_(spec.rule->clone()), list_(rule_->options()) {}
  double number(const char* name) const {
    const OptionRef* ref = find_option(list_, name);
    return ref ? **std::get_if<double*>(&ref->value) : 0;
  }
  bool flag(const char* name) const {
    const OptionRef* ref = find_option(list_, name);
    return ref && **std::get_if<bool*>(&ref->value);
  }

 private:
  std::unique_ptr<Rule> rule_;
  std::vector<OptionRef> list_;
};

using Formulas = std::vector<Formula>;

// sqrt(v) + eps, or sqrt(v + eps).
Formula root_of(const std::string& v, double value, const Numbers& o) {
  const double eps = o.number("eps");
  if (o.flag("eps_inside")) {
    return {"root", fmt::format("sqrt({} + eps)", v), std::sqrt(value + eps)};
  }
  return {"root", fmt::format("sqrt({}) + eps", v), std::sqrt(value) + eps};
}

Formula slot(const Moment& m, const char* name, std::string text) {
  return {name, std::move(text), m.slots.at(name)};
}

// "alpha v + (1 - alpha) x", as the rule computes it.
std::string average(const Numbers& o, const char* decay, const char* v, const char* x) {
  return o.flag("lerp") ? fmt::format("{1} + (1 - {0}) ({2} - {1})", decay, v, x)
                        : fmt::format("{0} {1} + (1 - {0}) {2}", decay, v, x);
}

Formula square(const Moment& m) { return {"square", "gradient^2", m.gradient * m.gradient}; }

double unbias(double beta, int64_t step) { return 1 - math::power(beta, uint64_t(step)); }

std::string rmsprop(Formulas& list, const Numbers& o, const Moment& m) {
  list.push_back(square(m));
  list.push_back(slot(m, "square_avg", average(o, "alpha", "square_avg", "square")));
  std::string v = "square_avg";
  double value = m.slots.at("square_avg");
  const double correction = o.flag("bias_correction") ? unbias(o.number("alpha"), m.step) : 1;
  if (o.flag("bias_correction")) v += " / (1 - alpha^t)", value /= correction;
  if (o.flag("centered")) {
    list.push_back(slot(m, "grad_avg", average(o, "alpha", "grad_avg", "gradient")));
    const double mean = m.slots.at("grad_avg") / correction;
    v += o.flag("bias_correction") ? " - (grad_avg / (1 - alpha^t))^2" : " - grad_avg^2";
    value -= mean * mean;
    if (o.flag("clamp")) v = "max(" + v + ", 0)", value = std::max(value, 0.0);
  }
  const Formula root = root_of(v, value, o);
  list.push_back(root);
  list.push_back({"rate", "lr / root", m.lr / root.value});
  if (o.number("momentum") == 0) return "rate gradient";
  const bool inside = o.flag("lr_in_momentum");
  const std::string term = inside ? "rate gradient" : "gradient / root";
  list.push_back(slot(m, "velocity", "momentum velocity + " + term));
  const std::string ahead =
      o.flag("nesterov") ? fmt::format("momentum velocity + {}", term) : "velocity";
  return inside ? ahead : o.flag("nesterov") ? fmt::format("lr ({})", ahead) : "lr " + ahead;
}

std::string adagrad(Formulas& list, const Numbers& o, const Moment& m) {
  list.push_back(square(m));
  list.push_back(slot(m, "sum", "sum + square"));
  const Formula root = root_of("sum", m.slots.at("sum"), o);
  list.push_back(root);
  const double decay = o.number("lr_decay");
  list.push_back({"rate", decay > 0 ? "lr / (1 + lr_decay (t - 1)) / root" : "lr / root",
                  m.lr / (1 + double(m.step - 1) * decay) / root.value});
  return "rate gradient";
}

// Where powers are rounded to float32 on the way, there is no formula for the update.
std::string adam(Formulas& list, const Numbers& o, const Moment& m) {
  list.push_back(slot(m, "exp_avg", average(o, "beta1", "exp_avg", "gradient")));
  list.push_back(square(m));
  list.push_back(slot(m, "exp_avg_sq", average(o, "beta2", "exp_avg_sq", "square")));
  if (o.flag("float32_powers") || o.flag("float32_product")) return "";
  std::string v = "exp_avg_sq";
  if (o.flag("amsgrad")) {
    v = "max_exp_avg_sq";
    list.push_back(slot(m, "max_exp_avg_sq", "max(max_exp_avg_sq, exp_avg_sq)"));
  }
  const double second = unbias(o.number("beta2"), m.step), eps = o.number("eps");
  Formula root{"root", fmt::format("sqrt({} / (1 - beta2^t)) + eps", v),
               std::sqrt(m.slots.at(v) / second) + eps};
  if (o.flag("eps_hat")) {
    root.text = fmt::format("(sqrt({}) + eps) / sqrt(1 - beta2^t)", v);
    root.value = (std::sqrt(m.slots.at(v)) + eps) / std::sqrt(second);
  }
  list.push_back(root);
  list.push_back(
      {"rate", "lr / (1 - beta1^t) / root", m.lr / unbias(o.number("beta1"), m.step) / root.value});
  return "rate exp_avg";
}

std::string sgd(Formulas& list, const Numbers& o, const Moment& m) {
  list.push_back({"rate", "lr", m.lr});
  if (o.number("momentum") == 0) return "lr gradient";
  if (o.number("dampening") > 0) {  // its first step leaves out nothing
    list.push_back(slot(m, "velocity", ""));
    return "";
  }
  const bool inside = o.flag("lr_in_momentum");
  const std::string term = inside ? "lr gradient" : "gradient";
  list.push_back(slot(m, "velocity", "momentum velocity + " + term));
  const std::string ahead =
      o.flag("nesterov") ? fmt::format("momentum velocity + {}", term) : "velocity";
  return inside ? ahead : o.flag("nesterov") ? fmt::format("lr ({})", ahead) : "lr " + ahead;
}

// Whether the engine does more than the rule and decoupled decay by lr.
bool engine_is_plain(const OptimizerSpec& spec) {
  EngineOptions own = spec.engine, usual;
  const auto a = list_options(own), b = list_options(usual);
  for (size_t i = 0; i < a.size(); ++i) {
    const std::string_view name = a[i].option.name;
    const bool harmless = name == "schedule" || name == "weight_decay" || name == "nonfinite" ||
                          name == "round_to_float32";
    if (!harmless && value_text(a[i]) != value_text(b[i])) return false;
  }
  return true;
}

}  // namespace

Formulas formulas(const OptimizerSpec& spec, const std::string& parameter, const Moment& m) {
  Formulas list = {{"gradient", "d loss / d " + parameter, m.gradient}};
  const Numbers o(spec);
  const std::string rule = spec.rule_name();
  std::string update;
  if (!engine_is_plain(spec)) {
    for (const auto& [name, value] : m.slots) list.push_back({name, "", value});
  } else if (rule == "rmsprop") {
    update = rmsprop(list, o, m);
  } else if (rule == "adagrad") {
    update = adagrad(list, o, m);
  } else if (rule == "adam" || rule == "adamw") {
    update = adam(list, o, m);
  } else if (rule == "sgd") {
    update = sgd(list, o, m);
  } else {
    for (const auto& [name, value] : m.slots) list.push_back({name, "", value});
  }
  const double decay = spec.engine.weight_decay + o.number("weight_decay");
  if (update.empty()) {
    update = "before - after";
  } else if (decay > 0) {
    update += fmt::format(" + lr weight_decay {}", parameter);
  }
  list.push_back({"update", update, m.before - m.after});
  list.push_back({parameter, fmt::format("{} - update", parameter), m.after});
  return list;
}

}  // namespace ravine::lab
