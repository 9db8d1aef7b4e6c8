#include "lab/expression.h"

#include <fmt/format.h>

#include <cmath>

#include "lab/expression_program.h"
#include "ravine/error.h"
#include "ravine/ops.h"

namespace ravine::lab {
namespace {

Tensor constant(double value) { return Tensor::full({}, value, DType::kFloat64); }

// A power that is no number is exp(b log(a)), for a > 0.
Tensor binary(const Part& part, const Tensor& a, const Tensor& b, bool number) {
  switch (part.sign) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    default:
      return number ? pow(a, b.item()) : exp(b * log(a));
  }
}

std::string where(const Expression::Program& program, std::span<const double> values) {
  std::string text;
  for (size_t i = 0; i < values.size(); ++i) {
    text += fmt::format("{}{} = {:.6g}", i == 0 ? "" : ", ", program.variables[i], values[i]);
  }
  return text.empty() ? "" : " where " + text;
}

std::string operation_text(const Part& part, double a, double b) {
  if (part.kind == Part::Kind::kFunction) return fmt::format("{}({:.6g})", part.function->name, a);
  return fmt::format("{:.6g} {} {:.6g}", a, part.sign, b);
}

// `value` of `part`, which its parts a and b gave, is no number.
[[noreturn]] void reject(const Expression::Program& program, std::span<const double> variables,
                         const Part& part, double value, double a, double b) {
  const bool pole = (part.sign == '/' && b == 0) || (part.sign == '^' && a == 0) ||
                    (part.kind == Part::Kind::kFunction && a == 0);
  throw Error(fmt::format(
      "'{}', position {}, is {}{}: {}", program.text.substr(part.begin, part.end - part.begin),
      position_of(program.text, part.begin), std::isnan(value) || pole ? "undefined" : "too large",
      where(program, variables), operation_text(part, a, b)));
}

// Calls check(part, value, a, b) after each part.
template <class F>
Tensor evaluate(const Expression::Program& program, std::span<const Tensor> variables,
                const F& check) {
  std::vector<Tensor> values(program.parts.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const Part& part = program.parts[i];
    const Tensor &a = values[part.a], &b = values[part.b];
    switch (part.kind) {
      case Part::Kind::kNumber:
        values[i] = constant(part.number);
        continue;
      case Part::Kind::kVariable:
        values[i] = variables[part.variable];
        continue;
      case Part::Kind::kNegate:
        values[i] = -a;
        continue;
      case Part::Kind::kFunction:
        values[i] = part.function->apply(a);
        break;
      case Part::Kind::kBinary:
        values[i] = binary(part, a, b, program.parts[part.b].constant);
        break;
    }
    check(part, values[i], a, b);
  }
  return values.back();
}

void check_count(const Expression::Program& program, size_t count) {
  if (count == program.variables.size()) return;
  throw UsageError(fmt::format("'{}' has {} variables, got {} values", program.text,
                               program.variables.size(), count));
}

}  // namespace

Expression::Expression(std::string_view text)
    : program_(std::make_shared<Program>(parse_expression(text, {}, true))) {}

Expression::Expression(std::string_view text, std::vector<std::string> variables)
    : program_(std::make_shared<Program>(parse_expression(text, std::move(variables), false))) {}

const std::string& Expression::text() const { return program_->text; }
const std::vector<std::string>& Expression::variables() const { return program_->variables; }

Expression::Value Expression::at(std::span<const double> variables) const {
  check_count(*program_, variables.size());
  std::vector<Tensor> leaves;
  for (const double value : variables) leaves.push_back(constant(value).requires_grad());
  Tensor y = evaluate(*program_, leaves,
                      [&](const Part& part, const Tensor& value, const Tensor& a, const Tensor& b) {
                        if (std::isfinite(value.item())) return;
                        reject(*program_, variables, part, value.item(), a.item(),
                               part.kind == Part::Kind::kBinary ? b.item() : 0);
                      });
  Value result{y.item(), {}};
  if (y.needs_grad()) y.backward();
  for (size_t i = 0; i < leaves.size(); ++i) {
    const Tensor grad = leaves[i].grad();
    result.gradient.push_back(grad.defined() ? grad.item() : 0);
    if (std::isfinite(result.gradient.back())) continue;
    throw Error(fmt::format("the slope of '{}' along {} is not finite{}", program_->text,
                            program_->variables[i], where(*program_, variables)));
  }
  return result;
}

Tensor Expression::operator()(std::span<const Tensor> variables) const {
  check_count(*program_, variables.size());
  return evaluate(*program_, variables, [](auto&&...) {});
}

}  // namespace ravine::lab
