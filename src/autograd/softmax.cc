#include "kernels/softmax.h"

#include <fmt/format.h>

#include "autograd/tape.h"
#include "ravine/error.h"
#include "ravine/ops.h"

namespace ravine {
namespace {

Tensor softmax_or_log(const Tensor& x, bool log) {
  const Shape& shape = x.shape();
  if (shape.rank() == 0) throw Error("softmax: a scalar has no last dimension");
  const size_t columns = size_t(shape[shape.rank() - 1]);
  const size_t rows = columns == 0 ? 0 : x.body()->size() / columns;
  Tensor y = like(x);
  with_floating(x.dtype(), [&]<class T>(T) {
    kernels::softmax(x.body()->as<T>(), y.body()->as<T>(), rows, columns, log);
  });
  return record(std::move(y), {x}, [rows, columns, log](TensorBody& out, Inputs in) {
    with_floating(out.dtype, [&]<class T>(T) {
      const Gradient<T> dx(*in[0], out);
      kernels::softmax_back(out.as<T>(), out.grad->as<T>(), dx.data, rows, columns, log, dx.add);
    });
  });
}

}  // namespace

Tensor softmax(const Tensor& x) { return softmax_or_log(x, false); }
Tensor log_softmax(const Tensor& x) { return softmax_or_log(x, true); }

}  // namespace ravine
