// Which instruction sets the kernels were compiled for.
#pragma once
#include <cstdint>

namespace ravine {

int64_t kernel_targets();  // Highway's bits

}  // namespace ravine
