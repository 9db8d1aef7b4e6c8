// Formulas as text, with their values and gradients in float64.
//
//   const Expression f("(1-x)^2 + 100*(y-x^2)^2");
//   const double start[] = {-1.2, 1};            // of f.variables(): x, y
//   const Expression::Value at = f.at(start);    // at.value 24.2, at.gradient {-215.6, -88}
//
// Numbers, names, + - * / ^, parentheses, pi, and the functions abs cos exp log relu sigmoid sin
// sqrt square tanh. ^ binds tighter than a sign, and from the right: -x^2 is -(x^2), 2^3^2 is 2^9.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ravine/tensor.h"

namespace ravine::lab {

class Expression {
 public:
  // Its variables are the names in it, in the order in which they come.
  // Throws UsageError that names the position, counted in characters from 1.
  explicit Expression(std::string_view text);
  // Its variables are these, whether they are in it or not. Any other name is an error, with the
  // nearest one.
  Expression(std::string_view text, std::vector<std::string> variables);

  const std::string& text() const;
  const std::vector<std::string>& variables() const;

  struct Value {
    double value;
    std::vector<double> gradient;  // by backward(), a number for each variable
  };
  // At values of the variables. Throws Error: a part of it is undefined there (a division by 0, the
  // logarithm of -1) or too large, and which; or the gradient is.
  Value at(std::span<const double> variables) const;

  // Of float64 tensors, which broadcast, and differentiable: NaN or infinite where at() throws.
  Tensor operator()(std::span<const Tensor> variables) const;

  struct Program;

 private:
  std::shared_ptr<const Program> program_;
};

}  // namespace ravine::lab
