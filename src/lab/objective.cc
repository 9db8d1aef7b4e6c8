#include "lab/objective.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "base/text.h"
#include "data/csv.h"
#include "optim/assignments.h"
#include "ravine/error.h"
#include "ravine/ops.h"

namespace ravine::lab {
namespace {

constexpr size_t kMostInputs = 20;

struct Line {
  std::vector<Tensor> inputs;  // [rows] each
  Tensor target;
};

Line read_line(const std::filesystem::path& path) {
  CsvReader reader(path, {});
  const size_t width = reader.width();
  if (width < 2 || width - 1 > kMostInputs) {
    throw Error(fmt::format("{}: a line is fitted to 2 to {} columns, the last one y; there {} {}",
                            reader.name(), kMostInputs + 1, width == 1 ? "is" : "are", width));
  }
  std::vector<std::vector<double>> columns(width);
  while (reader.next()) {
    for (size_t i = 0; i < width; ++i) {
      const auto value = parse_double(trim(reader.fields()[i]));
      if (!value || !std::isfinite(*value)) {
        throw Error(fmt::format("{}: '{}' is no number", reader.place(i), reader.fields()[i]));
      }
      columns[i].push_back(*value);
    }
  }
  const auto rows = int64_t(columns[0].size());
  if (rows == 0) throw Error(fmt::format("{}: no row of numbers", reader.name()));
  Line line;
  for (const auto& column : columns) {
    line.inputs.push_back(Tensor::from(std::span<const double>(column), {rows}));
  }
  line.target = line.inputs.back();
  line.inputs.pop_back();
  return line;
}

Expression::Value loss_of(const Line& line, std::span<const double> values) {
  std::vector<Tensor> leaves;
  for (const double value : values) {
    leaves.push_back(Tensor::full({}, value, DType::kFloat64).requires_grad());
  }
  Tensor prediction = leaves[0] * line.inputs[0];
  for (size_t i = 1; i < line.inputs.size(); ++i) {
    prediction = prediction + leaves[i] * line.inputs[i];
  }
  Tensor loss = mean(square(prediction + leaves.back() - line.target));
  Expression::Value result{loss.item(), {}};
  loss.backward();
  bool finite = std::isfinite(result.value);
  for (const Tensor& leaf : leaves) {
    result.gradient.push_back(leaf.grad().item());
    finite &= std::isfinite(result.gradient.back());
  }
  if (!finite) throw Error("the mean squared error or its slope is too large for a number");
  return result;
}

double number(std::string_view text) {
  const auto value = parse_double(trim(text));
  if (value && std::isfinite(*value)) return *value;
  throw UsageError(fmt::format("start: '{}' is no number", text));
}

}  // namespace

Objective function_objective(const std::string& text) {
  const Expression f(text);
  if (f.variables().empty()) {
    throw UsageError(fmt::format("'{}' has no variable; write a name, as theta", text));
  }
  return {f.variables(), text, [f](std::span<const double> values) { return f.at(values); }};
}

Objective line_objective(const std::filesystem::path& table) {
  const auto line = std::make_shared<const Line>(read_line(table));
  Objective objective;
  std::string formula;
  for (size_t i = 1; i <= line->inputs.size(); ++i) {
    const std::string number = line->inputs.size() == 1 ? "" : std::to_string(i);
    objective.names.push_back("w" + number);
    formula += fmt::format("w{0} x{0} + ", number);
  }
  objective.names.emplace_back("b");
  objective.formula = fmt::format("mean of ({}b - y)^2", formula);
  objective.at = [line](std::span<const double> values) { return loss_of(*line, values); };
  return objective;
}

std::vector<double> start_values(std::span<const std::string> names, std::string_view text) {
  if (text.find('=') == text.npos) return std::vector<double>(names.size(), number(text));
  std::vector<double> values(names.size(), std::numeric_limits<double>::quiet_NaN());
  for (const Assignment& written : parse_assignments("start", text)) {
    const auto place = size_t(std::ranges::find(names, written.name) - names.begin());
    if (place == names.size()) {
      throw UsageError(
          fmt::format("start: no variable '{}'{}", written.name, suggestion(written.name, names)));
    }
    values[place] = number(written.value);
  }
  for (size_t i = 0; i < names.size(); ++i) {
    if (!std::isnan(values[i])) continue;
    throw UsageError(fmt::format("start: {0} is missing; write {0}=0 too", names[i]));
  }
  return values;
}

}  // namespace ravine::lab
