// Penalties on the size of weights.
#pragma once
#include <span>

#include "ravine/tensor.h"

namespace ravine {

// l2/2 sum w^2 + l1 sum |w| over all elements of `weights`, a scalar; the gradient of |w| is 0 at
// 0. One pass over each weight and one more going back. Undefined when both are 0. Throws
// UsageError unless both are finite and not negative.
Tensor penalty(std::span<const Tensor> weights, double l1, double l2);

}  // namespace ravine
