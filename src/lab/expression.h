// Functions of named variables as text, on autograd's operations.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ravine/tensor.h"

namespace ravine::lab {

// + - * / ^, parentheses, numbers, pi, and sqrt exp log abs square sigmoid tanh relu of one
// argument; every other name is a variable.
//   Expression f("(1 - x)^2 + 100 * (y - x^2)^2");
//   Tensor value = f(std::vector{x, y});            // in the order of f.variables()
class Expression {
 public:
  // Throws UsageError that names what is wrong and the position, from 1.
  explicit Expression(std::string_view text);

  const std::vector<std::string>& variables() const { return variables_; }  // as they appear
  // Of scalars in float64; a scalar.
  Tensor operator()(std::span<const Tensor> values) const;

  struct Node;

 private:
  std::vector<std::string> variables_;
  std::shared_ptr<const Node> root_;
};

}  // namespace ravine::lab
