// What a trace or a path minimises: a function of a few named numbers.
#pragma once
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lab/expression.h"

namespace ravine::lab {

struct Objective {
  std::vector<std::string> names;
  std::string formula;
  // Throws Error where the value or its gradient is undefined.
  std::function<Expression::Value(std::span<const double>)> at;
};

// Throws UsageError: not an expression, or one without variables.
Objective function_objective(const std::string& text);

// The mean squared error of w x + b on a table whose last column is y. Throws Error that names the
// file: it is missing, or row and column hold no number.
Objective line_objective(const std::filesystem::path& table);

// "0" for every name, or "x=1,y=-2". Throws UsageError: no number, a name that is missing, unknown
// (with the nearest one), or there twice.
std::vector<double> start_values(std::span<const std::string> names, std::string_view text);

}  // namespace ravine::lab
