// The float32 matrix product on every instruction set, computed a tile at a time.
#pragma once
#include <cstddef>

namespace ravine::kernels {

// Element (i, j) of a matrix is data[i * row + j * column]; one of the two steps is 1.
struct Strided {
  const float* data;
  size_t row, column;
  const float* at(size_t i, size_t j) const { return data + i * row + j * column; }
  Strided turned() const { return {data, column, row}; }
};

// c [m, n] = (add ? c : 0) + a b; c is row-major, or column-major with `turned` (then not `add`).
// Each element is one sum in the order of k, of fused multiply-adds where the instruction set has
// them: its bits depend on nothing else, be it lanes, tiles or threads.
struct Tiles {
  size_t m, n, k;
  Strided a, b;
  float* c;
  bool turned = false, add = false;
};

void multiply_tiles(const Tiles& t);  // m, n, k > 0

}  // namespace ravine::kernels
