#include "ravine/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "base/text.h"
#include "lab/expression.h"
#include "lab/formulas.h"
#include "ravine/error.h"
#include "ravine/ops.h"
#include "ravine/optimizer.h"
#include "ravine/rule.h"
#include "ravine/table.h"

namespace ravine {
namespace {

using namespace lab;

// What is minimised: its parameters, and the loss of their values.
struct Problem {
  std::vector<std::string> names;
  std::function<Tensor(std::span<const Tensor>)> loss;
};

Problem line_through(const std::string& file) {
  const TrainTest data = read_csv(file, {.task = "regression", .scale = "none"});
  if (data.preparation->inputs() != 1) {
    throw UsageError(fmt::format("trace: {} has {} inputs; --fit takes two columns, x and y", file,
                                 data.preparation->inputs()));
  }
  std::vector<uint32_t> all(data.train.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = uint32_t(i);
  Tensor x, y;
  data.train.gather(all, x, y);
  const PreparedColumn& label = data.preparation->label();
  std::vector<double> xs = x.to_vector(), ys = y.to_vector();
  for (double& value : ys) value = value * label.scale + label.offset;
  const int64_t n = int64_t(all.size());
  const Tensor tx = Tensor::from(std::span<const double>(xs), {n});
  const Tensor ty = Tensor::from(std::span<const double>(ys), {n});
  return {{"w", "b"},
          [tx, ty](std::span<const Tensor> p) { return mean(square(p[0] * tx + p[1] - ty)); }};
}

Problem problem_of(const TraceOptions& options) {
  if (options.function.empty() == options.fit.empty()) {
    throw UsageError("trace: give either --function or --fit");
  }
  if (!options.fit.empty()) return line_through(options.fit);
  const Expression f(options.function);
  if (f.variables().empty()) {
    throw UsageError(fmt::format("trace: '{}' has no variable", options.function));
  }
  return {f.variables(), [f](std::span<const Tensor> p) { return f(p); }};
}

// "0", or "x=-1,y=2".
std::vector<double> start_of(const std::string& text, const std::vector<std::string>& names) {
  if (const auto all = parse_double(text)) return std::vector<double>(names.size(), *all);
  std::map<std::string, double> given;
  for (const std::string_view part : split(text, ',')) {
    const size_t equals = part.find('=');
    const std::string name(trim(part.substr(0, equals)));
    const auto value =
        equals == part.npos ? std::nullopt : parse_double(trim(part.substr(equals + 1)));
    if (!value) throw UsageError(fmt::format("trace: start: '{}' is not name=value", part));
    if (std::ranges::count(names, name) == 0) {
      throw UsageError(fmt::format("trace: start: there is no '{}'{} (there are {})", name,
                                   suggestion(name, names), join(names, ", ")));
    }
    given[name] = *value;
  }
  std::vector<double> start;
  for (const std::string& name : names) {
    if (!given.contains(name)) throw UsageError(fmt::format("trace: '{}' has no start", name));
    start.push_back(given[name]);
  }
  return start;
}

void check_finite(double value, const char* what, int64_t step, const Problem& problem,
                  std::span<const Tensor> at) {
  if (std::isfinite(value)) return;
  std::string where;
  for (size_t i = 0; i < at.size(); ++i) {
    where += fmt::format("{}{} = {}", i == 0 ? "" : ", ", problem.names[i], at[i].item());
  }
  throw Error(fmt::format("trace: {} is {} in step {}, at {}; take another start or a smaller lr",
                          what, value, step, where));
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

Trace trace_one(const std::string& line, const Problem& problem, const std::vector<double>& start,
                int64_t steps) {
  const OptimizerSpec spec(line);
  Trace result{.optimizer = line, .plain = in_words(spec), .rows = {}};
  Optimizer optimizer(spec);
  std::vector<Tensor> parameters;
  for (size_t i = 0; i < start.size(); ++i) {
    parameters.push_back(Tensor::full({}, start[i], DType::kFloat64).requires_grad());
    optimizer.add(parameters[i].as_parameter(problem.names[i]));
  }
  for (int64_t t = 1; t <= steps; ++t) {
    for (Tensor& p : parameters) p.zero_grad();
    Tensor loss = problem.loss(parameters);
    check_finite(loss.item(), "the function", t, problem, parameters);
    loss.backward();
    append(result.rows, "", "loss", "", loss.item());
    std::vector<double> before, gradients;
    for (const Tensor& p : parameters) {
      before.push_back(p.item()), gradients.push_back(p.grad().item());
      check_finite(gradients.back(), "a gradient", t, problem, parameters);
    }
    const double lr = optimizer.lr();
    optimizer.step();
    for (size_t i = 0; i < parameters.size(); ++i) {
      Moment moment{.step = t,
                    .lr = lr,
                    .before = before[i],
                    .gradient = gradients[i],
                    .after = parameters[i].item()};
      for (const StateEntry& entry : optimizer.state().entries) {
        if (entry.parameter != problem.names[i]) continue;
        moment.slots[entry.slot] = *static_cast<const double*>(entry.data);
      }
      for (const Formula& f : formulas(spec, problem.names[i], moment)) {
        append(result.rows, problem.names[i], f.name, f.text, f.value);
      }
    }
  }
  return result;
}

}  // namespace

std::vector<Trace> trace(const TraceOptions& options) {
  TraceOptions checked = options;
  check_options("trace", list_options(checked));
  if (options.optimizers.empty()) throw UsageError("trace: no optimizer is given; try rmsprop");
  for (const std::string& line : options.optimizers) (void)OptimizerSpec(line);
  const Problem problem = problem_of(options);
  const std::vector<double> start = start_of(options.start, problem.names);
  std::vector<Trace> traces;
  for (const std::string& line : options.optimizers) {
    traces.push_back(trace_one(line, problem, start, options.steps));
  }
  return traces;
}

}  // namespace ravine
