// An expression after it has been read: its parts, each after those that it is computed from.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lab/expression.h"

namespace ravine::lab {

struct Function {
  const char* name;
  Tensor (*apply)(const Tensor&);
};

struct Part {
  enum class Kind : uint8_t { kNumber, kVariable, kFunction, kNegate, kBinary };
  Kind kind;
  size_t begin = 0, end = 0;      // in the text
  double number = 0;              // of kNumber
  size_t variable = 0;            // of kVariable
  const Function* function = {};  // of kFunction
  char sign = 0;                  // of kBinary: + - * / ^
  size_t a = 0, b = 0;            // the parts that it takes
  bool constant = false;          // no variable is in it
};

struct Expression::Program {
  std::string text;
  std::vector<std::string> variables;
  std::vector<Part> parts;  // the last one is the whole
};

// Throws UsageError. `open`: names that are not among the variables become variables.
Expression::Program parse_expression(std::string_view text, std::vector<std::string> variables,
                                     bool open);

// Characters before `at`, which is a place between bytes, and 1.
size_t position_of(std::string_view text, size_t at);

}  // namespace ravine::lab
