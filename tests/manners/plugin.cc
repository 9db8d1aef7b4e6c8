// A shared object of somebody else's, with Ravine inside.
#include <cstddef>

#include "ravine/optimizer.h"

extern "C" __attribute__((visibility("default"))) double plugin_step(float* w, const float* dw,
                                                                     size_t n) {
  ravine::Optimizer optimizer("rmsprop,lr=1e-3");
  optimizer.add("w", {w, n}, {dw, n});
  optimizer.step();
  return optimizer.lr();
}
