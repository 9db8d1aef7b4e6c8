#include <hwy/highway.h>

#include "kernels/isa.h"

namespace ravine {

int64_t kernel_targets() { return HWY_TARGETS; }

}  // namespace ravine
