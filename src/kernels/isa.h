// The instruction set in use, among those that kernels are compiled for.
#pragma once
#include <cstddef>

namespace ravine {

// Its place in RAVINE_CHOOSE's tables (kernels/choose.h), which start with the worst.
size_t isa_index();

}  // namespace ravine
