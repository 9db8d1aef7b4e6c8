// The worked example: what an optimizer computes in its first steps, number by number.
//
//   for (const Trace& t : trace({.optimizers = {"rmsprop"}, .function = "(theta - 1)^2"}))
//     for (const TraceRow& row : t.rows) std::printf("%s: %s\n", row.name.c_str(),
//     row.formula.c_str());
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ravine/option.h"

namespace ravine {

struct TraceOptions {
  std::vector<std::string> optimizers;
  std::string function;
  std::string fit;
  std::string start = "0";
  int64_t steps = 5;

  template <class F>
  void options(F f) {
    f(Option{"function",
             "what is minimised, of any variables: (theta - 1)^2; with + - * / ^, pi, and abs cos "
             "exp log relu sigmoid sin sqrt square tanh"},
      function);
    f(Option{"fit",
             "in its place a CSV file of numbers, the last column y: the mean squared error of "
             "w x + b, or of w1 x1 + w2 x2 + b"},
      fit);
    f(Option{"start", "a number for all variables, or name=value,name=value"}, start);
    f(Option{"steps", "updates", {.low = 1, .high = 10'000}}, steps);
  }
};

struct TraceRow {
  std::string parameter;       // whose; empty: the loss
  std::string name, formula;   // "square_avg", "alpha square_avg + (1 - alpha) square"
  std::vector<double> values;  // one a step; as an update says, from the state after it
};

struct Trace {
  std::string optimizer;  // as asked
  std::string plain;      // what it means: "rmsprop: lr=0.001 alpha=0.9 eps=1e-08"
  std::vector<TraceRow> rows;
  std::string ended;  // why there are fewer steps: where the last one ended the loss is undefined
};

// All in float64. Throws UsageError: an expression that is wrong (with the position), a variable
// without start, both or none of function and fit, slots stored otherwise; Error: the function or a
// gradient is undefined or too large at the start (and which part of it), the file cannot be read.
std::vector<Trace> trace(const TraceOptions& options);

struct TraceTextOptions {
  bool markdown = false;
  int digits = 6;  // of each number
};
// A table: the steps of one optimizer side by side; or of several each step, where what differs
// from the first stands in brackets from its first differing digit on.
std::string trace_text(std::span<const Trace> traces, const TraceTextOptions& options = {});

}  // namespace ravine
