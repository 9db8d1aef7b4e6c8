// What the cases of a step go over.
#pragma once
#include <vector>

#include "base/pool.h"
#include "bench/harness.h"
#include "ravine/optimizer.h"

namespace ravine::bench {

// Parameters, which several optimizers can share: in one buffer, each from a multiple of 64 bytes,
// and their gradients in a second, as a model's are.
class Tensors {
 public:
  explicit Tensors(const std::vector<size_t>& sizes);
  void add_to(Optimizer& optimizer) const { optimizer.add(views_); }
  // With the slots of an optimizer that they were added to.
  std::vector<Segment> segments(Optimizer& optimizer) const;
  void fill_gradients(float x);

 private:
  Buffer<float> values_, gradients_;
  std::vector<Parameter> views_;
};

// RMSprop with the hardware's division.
Optimizer rmsprop_by_hardware();

}  // namespace ravine::bench
