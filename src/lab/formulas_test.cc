#include "lab/formulas.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cctype>
#include <cmath>
#include <random>
#include <regex>

#include "lab/expression.h"
#include "optim/engine.h"
#include "optim/rule.h"
#include "optim/spec.h"
#include "ravine/error.h"
#include "ravine/rule.h"

namespace ravine::lab {
namespace {

using Values = std::map<std::string, double>;

// "lr (momentum velocity + rate)" as "lr * (momentum * velocity + rate)"; max(a, b) as a sum.
std::string in_full(const std::string& text) {
  std::string full, word;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool starts = std::isalnum(uint8_t(text[i])) || text[i] == '(';
    const bool follows =
        i > 1 && text[i - 1] == ' ' && (std::isalnum(uint8_t(text[i - 2])) || text[i - 2] == ')');
    full += starts && follows ? std::string("* ") + text[i] : std::string(1, text[i]);
  }
  const size_t at = full.find("max(");
  if (at == full.npos) return full;
  EXPECT_EQ(at, full.rfind("max(")) << text;
  int depth = 0;
  size_t comma = at, end = at;
  for (size_t i = at + 3; i < full.size() && end == at; ++i) {
    depth += (full[i] == '(') - (full[i] == ')');
    if (depth == 1 && full[i] == ',') comma = i;
    if (depth == 0) end = i;
  }
  const std::string a = full.substr(at + 4, comma - at - 4),
                    b = full.substr(comma + 1, end - comma - 1);
  return fmt::format("{}({} + relu({} - ({}))){}", full.substr(0, at), a, b, a,
                     full.substr(end + 1));
}

double value_of(const std::string& text, const Values& values) {
  std::vector<std::string> names;
  std::vector<Tensor> at;
  for (const auto& [name, value] : values) {
    names.push_back(name == "square" ? "squared" : name);  // square() is a function there
    at.push_back(Tensor::full({1}, value, DType::kFloat64));
  }
  const std::string full = std::regex_replace(in_full(text), std::regex("\\bsquare\\b"), "squared");
  return Expression(full, names)(at).to_vector()[0];
}

Values numbers_of(const OptimizerSpec& spec) {
  Values values;
  const auto rule = spec.rule->clone();
  for (const OptionRef& option : rule->options()) {
    if (const auto* number = std::get_if<double*>(&option.value))
      values[option.option.name] = **number;
  }
  return values;
}

Values slots_of(Optimizer& optimizer) {
  Values slots;
  for (const StateEntry& entry : optimizer.state().entries) {
    if (entry.parameter == "p") slots[entry.slot] = *static_cast<const double*>(entry.data);
  }
  return slots;
}

// Each formula, evaluated as it is written, against what stands beside it: the number that
// formulas() computes, or what the optimizer has left in slot and parameter. Returns how many.
int check_step(const OptimizerSpec& spec, const Moment& moment, const Values& slots_before) {
  int checked = 0;
  Values known = numbers_of(spec);
  known["lr"] = moment.lr, known["t"] = double(moment.step);
  if (spec.engine.weight_decay > 0) known["weight_decay"] = spec.engine.weight_decay;
  known["p"] = moment.before;
  for (const auto& [name, value] : slots_before) known[name] = value;
  for (const Formula& f : formulas(spec, "p", moment)) {
    if (!f.text.empty() && f.name != "gradient" && f.text != "before - after") {
      ++checked;
      const double written = value_of(f.text, known);
      const double size = f.name == "update" ? std::abs(moment.before) : 0;
      EXPECT_NEAR(written, f.value, 1e-9 * std::abs(f.value) + 1e-15 * size)
          << f.name << " = " << f.text << " in step " << moment.step << " of " << spec.text();
    }
    if (f.name != "p") known[f.name] = f.value;
  }
  return checked;
}

// Six steps of one parameter under gradients of all sizes and signs, and some that are 0.
int check_line(const std::string& line, std::mt19937_64& random) {
  const OptimizerSpec spec(line);
  Optimizer optimizer(spec);
  std::normal_distribution<double> normal;
  double value = normal(random), gradient = 0;
  optimizer.add("p", std::span(&value, 1), std::span<const double>(&gradient, 1));
  Group group("", spec);
  const Schedule schedule(group.rounded.engine.schedule);
  // The corrected variance of one gradient is 0, and what is left of it after rounding is anything.
  const bool nothing_varies = spec.text().find("centered=true") != std::string::npos &&
                              spec.text().find("bias_correction=true") != std::string::npos;
  int checked = 0;
  for (int64_t t = 1; t <= 6; ++t) {
    gradient = t == 4 ? 0 : normal(random) * std::pow(10, normal(random));
    const Values before = slots_of(optimizer);
    Moment moment{.step = t, .before = value, .gradient = gradient};
    group.begin(schedule(t - 1));
    optimizer.step();
    moment.lr = group.rate, moment.after = value, moment.slots = slots_of(optimizer);
    if (t == 1 && nothing_varies) continue;
    checked += check_step(group.rounded, moment, before);
  }
  return checked;
}

// A line of the rule: every flag by chance, every number at its default or somewhere in its range.
std::string random_line(const std::string& rule, std::mt19937_64& random) {
  const OptimizerSpec usual(rule);
  const auto clone = usual.rule->clone();
  const auto chance = [&] { return std::uniform_real_distribution<double>()(random); };
  std::string line = rule;
  for (const OptionRef& option : clone->options()) {
    const std::string name = option.option.name;
    if (std::holds_alternative<bool*>(option.value)) {
      line += fmt::format(",{}={}", name, chance() < 0.4);
    } else if (std::holds_alternative<double*>(option.value) && chance() < 0.6) {
      line += fmt::format(",{}={:.3g}", name, name == "eps" ? 0.01 * chance() : 0.9 * chance());
    }
  }
  if (chance() < 0.3) line += ",schedule=cosine(total=9)";
  if (chance() < 0.3 && !find_option(clone->options(), "weight_decay")) line += ",weight_decay=0.1";
  return line;
}

TEST(Formulas, AsTheyAreWrittenGiveWhatTheOptimizerComputes) {
  std::mt19937_64 random(7);
  for (const RuleHelp& rule : rule_help()) {
    int checked = check_line(rule.name, random), lines = 1;
    for (const auto& dialect : rule.dialects) checked += check_line(dialect.plain, random);
    while (lines < 200) {
      try {
        checked += check_line(random_line(rule.name, random), random), ++lines;
      } catch (const UsageError&) {
        continue;  // options that do not go together
      }
    }
    EXPECT_GT(checked, 200 * 6 * 2) << rule.name;
  }
}

}  // namespace
}  // namespace ravine::lab
