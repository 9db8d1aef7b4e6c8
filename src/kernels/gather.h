// Copies rows out of a data set.
#pragma once
#include <cstddef>
#include <cstdint>

namespace ravine {

// out[i] = float(in[i]) / 255, correctly rounded: the same bits on every instruction set.
void bytes_to_unit(const uint8_t* in, float* out, size_t count);

}  // namespace ravine
