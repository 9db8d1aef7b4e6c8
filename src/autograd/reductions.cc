// Sums over all elements.
#include "autograd/tape.h"
#include "kernels/elementwise.h"
#include "kernels/reduce.h"
#include "ravine/ops.h"

namespace ravine {
namespace {

// factor * sum(x).
Tensor scaled_sum(const Tensor& x, double factor) {
  Tensor y = Tensor::empty({}, x.dtype());
  with_floating(x.dtype(), [&]<class T>(T) {
    *y.body()->as<T>() = T(factor * kernels::sum(x.body()->as<T>(), x.body()->size()));
  });
  return record(std::move(y), {x}, [factor](TensorBody& out, Inputs in) {
    with_floating(out.dtype, [&]<class T>(T) {
      const T each = T(factor * double(*out.grad->as<T>()));
      const Gradient<T> dx(*in[0]);
      const kernels::Operand<T> one{&each, true};
      if (dx.add) {
        kernels::binary(kernels::Binary::kAdd, {dx.data}, one, dx.data, in[0]->size());
      } else {
        const T zero = 0;
        kernels::binary(kernels::Binary::kAdd, {&zero, true}, one, dx.data, in[0]->size());
      }
    });
  });
}

}  // namespace

Tensor sum(const Tensor& x) { return scaled_sum(x, 1); }
Tensor mean(const Tensor& x) { return scaled_sum(x, 1 / double(x.size())); }

}  // namespace ravine
