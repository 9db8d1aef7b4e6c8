// The effective learning rates of a step that is about to come.
#pragma once
#include <vector>

#include "ravine/optimizer.h"

namespace ravine::lab {

struct Rates {
  double low, median, high;  // the 5, 50 and 95 % points; NaN where there are none
  double eps;                // share of elements that would move more than twice as far without eps
};

// By layer, over at most some 500 elements of each that have a gradient. NaN where the slots are
// stored in another type than the parameters.
std::vector<Rates> effective_rates(Optimizer& optimizer, const std::vector<Parameter>& parameters,
                                   size_t layers);

}  // namespace ravine::lab
