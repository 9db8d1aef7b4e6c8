#include "ravine/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "lab/formulas.h"
#include "lab/objective.h"
#include "optim/engine.h"
#include "ravine/error.h"
#include "ravine/optimizer.h"
#include "ravine/rule.h"

namespace ravine {
namespace {

using namespace lab;

Objective objective_of(const TraceOptions& options) {
  if (options.function.empty() == options.fit.empty()) {
    throw UsageError("trace: give either --function or --fit");
  }
  return options.fit.empty() ? function_objective(options.function) : line_objective(options.fit);
}

OptimizerSpec spec_of(const std::string& line) {
  OptimizerSpec spec(line);
  if (spec.engine.storage != "same") {
    throw UsageError(fmt::format("trace: {}: a trace shows float64 slots; leave storage={} out",
                                 line, spec.engine.storage));
  }
  return spec;
}

void append(std::vector<TraceRow>& rows, const std::string& parameter, const std::string& name,
            const std::string& formula, double value) {
  const auto same = [&](const TraceRow& r) { return r.parameter == parameter && r.name == name; };
  auto row = std::ranges::find_if(rows, same);
  if (row == rows.end()) row = rows.insert(row, {parameter, name, formula, {}});
  row->values.push_back(value);
}

// "rmsprop: lr=0.001 alpha=0.9 eps=1e-08": what a pocket calculator needs, and what is unusual.
std::string in_words(const OptimizerSpec& spec) {
  const auto rule = spec.rule->clone();
  std::string text = spec.rule_name() + ":";
  for (const OptionRef& option : rule->options()) {
    const std::string value = value_text(option);
    if (value != "0" && value != "false") text += fmt::format(" {}={}", option.option.name, value);
  }
  EngineOptions engine = spec.engine, usual;
  const auto a = list_options(engine), b = list_options(usual);
  for (size_t i = 0; i < a.size(); ++i) {
    if (find_option(rule->options(), a[i].option.name)) continue;
    if (value_text(a[i]) == value_text(b[i])) continue;
    text += fmt::format(" {}={}", a[i].option.name, value_text(a[i]));
  }
  return text;
}

std::map<std::string, double> slots_of(Optimizer& optimizer, const std::string& parameter) {
  std::map<std::string, double> slots;
  for (const StateEntry& entry : optimizer.state().entries) {
    if (entry.parameter == parameter) slots[entry.slot] = *static_cast<const double*>(entry.data);
  }
  return slots;
}

// Throws Error where the objective is undefined at the start.
Trace trace_one(const std::string& line, const Objective& objective,
                const std::vector<double>& start, int64_t steps) {
  const OptimizerSpec spec = spec_of(line);
  Trace result{.optimizer = line, .plain = in_words(spec), .rows = {}};
  Optimizer optimizer(spec);
  std::vector<double> values = start, gradients(start.size());
  for (size_t i = 0; i < start.size(); ++i) {
    optimizer.add(objective.names[i], std::span(&values[i], 1),
                  std::span<const double>(&gradients[i], 1));
  }
  Group group("", spec);  // for the lr and options that the engine computes with, rounded or not
  const Schedule schedule(group.rounded.engine.schedule);
  Expression::Value at = objective.at(values);
  for (int64_t t = 1;; ++t) {
    append(result.rows, "", "loss", objective.formula, at.value);
    const std::vector<double> before = values;
    std::ranges::copy(at.gradient, gradients.begin());
    group.begin(schedule(t - 1));
    optimizer.step();
    for (size_t i = 0; i < values.size(); ++i) {
      const Moment moment{.step = t,
                          .lr = group.rate,
                          .before = before[i],
                          .gradient = gradients[i],
                          .after = values[i],
                          .slots = slots_of(optimizer, objective.names[i])};
      for (const Formula& f : formulas(group.rounded, objective.names[i], moment)) {
        append(result.rows, objective.names[i], f.name, f.text, f.value);
      }
    }
    if (t == steps) return result;
    try {
      at = objective.at(values);
    } catch (const Error& error) {
      result.ended = error.what();
      return result;
    }
  }
}

}  // namespace

std::vector<Trace> trace(const TraceOptions& options) {
  TraceOptions checked = options;
  check_options("trace", list_options(checked));
  if (options.optimizers.empty()) throw UsageError("trace: no optimizer is given; try rmsprop");
  for (const std::string& line : options.optimizers) (void)spec_of(line);
  const Objective objective = objective_of(options);
  const std::vector<double> start = start_values(objective.names, options.start);
  std::vector<Trace> traces;
  for (const std::string& line : options.optimizers) {
    traces.push_back(trace_one(line, objective, start, options.steps));
  }
  return traces;
}

}  // namespace ravine
