// Matrix products: float32 by oneDNN, float64 by a plain loop, the reference.
#pragma once
#include <cstddef>

namespace ravine::kernels {

// c = (add ? c : 0) + op(a) op(b) + bias: op(a) is [m, k], op(b) [k, n], c [m, n], row-major; a
// transposed operand lies in memory the other way round. `bias` [n] is added to each row.
template <class T>
struct Product {
  size_t m, n, k;
  const T* a;
  bool transpose_a;
  const T* b;
  bool transpose_b;
  T* c;
  bool add = false;
  const T* bias = nullptr;
};

// The bits do not depend on the number of threads.
void multiply(const Product<float>& p);
void multiply(const Product<double>& p);

}  // namespace ravine::kernels
