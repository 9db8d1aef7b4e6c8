// What a rule computes for one parameter, as formulas and their values.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ravine/optimizer.h"

namespace ravine::lab {

// One step of one parameter, as seen from outside.
struct Moment {
  int64_t step = 0;
  double lr = 0, before = 0, gradient = 0, after = 0;
  std::map<std::string, double> slots = {};  // after the step
};

struct Formula {
  std::string name, text;
  double value;
};

// From the gradient to the parameter. A rule that has no formulas here shows its slots and the
// difference that the step has made.
std::vector<Formula> formulas(const OptimizerSpec& spec, const std::string& parameter,
                              const Moment& moment);

}  // namespace ravine::lab
