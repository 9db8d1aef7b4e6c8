#include "kernels/dropout.h"

#include <fmt/format.h>

#include "autograd/tape.h"
#include "ravine/error.h"
#include "ravine/ops.h"

namespace ravine {

// The mask is drawn again on the way back: that costs less than keeping it.
Tensor dropout(const Tensor& x, double rate, uint64_t seed, uint64_t stream) {
  if (!(rate >= 0 && rate < 1)) {
    throw UsageError(
        fmt::format("dropout: rate must be in [0, 1), got {}; 0.2 to 0.5 is usual", rate));
  }
  const kernels::Dropout drop = kernels::dropout_of(rate, seed, stream);
  Tensor y = like(x);
  with_floating(x.dtype(), [&]<class T>(T) {
    kernels::dropout(drop, x.body()->as<T>(), y.body()->as<T>(), x.body()->size(), false);
  });
  return record(std::move(y), {x}, [drop](TensorBody& out, Inputs in) {
    with_floating(out.dtype, [&]<class T>(T) {
      const Gradient<T> dx(*in[0], out);
      kernels::dropout(drop, out.grad->as<T>(), dx.data, out.size(), dx.add);
    });
  });
}

}  // namespace ravine
