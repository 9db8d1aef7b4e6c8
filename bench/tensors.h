// What the cases of a step go over.
#pragma once
#include <vector>

#include "base/pool.h"
#include "bench/harness.h"
#include "ravine/optimizer.h"

namespace ravine::bench {

// Parameters and their gradients, which several optimizers can share.
class Tensors {
 public:
  explicit Tensors(const std::vector<size_t>& sizes);
  void add_to(Optimizer& optimizer) const;
  // With the slots of an optimizer that they were added to.
  std::vector<Segment> segments(Optimizer& optimizer) const;
  void fill_gradients(float x);

 private:
  std::vector<Buffer<float>> values_, gradients_;
};

// RMSprop with the hardware's division.
Optimizer rmsprop_by_hardware();

}  // namespace ravine::bench
