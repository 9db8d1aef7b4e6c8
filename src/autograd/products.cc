// Matrix products, and the transpose.
#include <fmt/format.h>

#include "autograd/tape.h"
#include "kernels/matmul.h"
#include "kernels/reduce.h"
#include "ravine/error.h"
#include "ravine/ops.h"

namespace ravine {
namespace {

template <class T>
void transpose_into(const T* x, size_t rows, size_t columns, T* y, bool add) {
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < columns; ++j) {
      T& target = y[j * rows + i];
      target = (add ? target : 0) + x[i * columns + j];
    }
  }
}

// x [n, ...] as a matrix [n, in].
size_t rows_of(const TensorBody& x) { return x.shape.rank() == 0 ? 1 : size_t(x.shape[0]); }

void check_linear(const Tensor& x, const Tensor& w, const Tensor& b) {
  check_same_dtype("linear", x, w);
  const Shape &xs = x.shape(), &ws = w.shape();
  const bool fits = xs.rank() >= 2 && ws.rank() == 2 &&
                    Shape(std::span(xs.begin() + 1, xs.end())).size() == ws[1];
  if (!fits) {
    throw Error(fmt::format("linear: x {} does not fit w {}; they are [n, in] and [out, in]",
                            xs.text(), ws.text()));
  }
  if (!b.defined()) return;
  check_same_dtype("linear", x, b);
  if (b.shape() != Shape{ws[0]}) {
    throw Error(fmt::format("linear: b {} does not fit w {}; they are [out] and [out, in]",
                            b.shape().text(), ws.text()));
  }
}

}  // namespace

Tensor matmul(const Tensor& a, const Tensor& b) {
  check_same_dtype("matmul", a, b);
  if (a.shape().rank() != 2 || b.shape().rank() != 2 || a.shape()[1] != b.shape()[0]) {
    throw Error(fmt::format("matmul: {} does not fit {}; they are [m, k] and [k, n]",
                            a.shape().text(), b.shape().text()));
  }
  const size_t m = size_t(a.shape()[0]), k = size_t(a.shape()[1]), n = size_t(b.shape()[1]);
  Tensor c = Tensor::empty({int64_t(m), int64_t(n)}, a.dtype());
  with_floating(a.dtype(), [&]<class T>(T) {
    kernels::multiply(
        {m, n, k, a.body()->as<T>(), false, b.body()->as<T>(), false, c.body()->as<T>()});
  });
  return record(std::move(c), {a, b}, [m, n, k](TensorBody& out, Inputs in) {
    with_floating(out.dtype, [&]<class T>(T) {
      const T* const dc = out.grad->as<T>();
      if (wants(in[0])) {  // dA = dC B^T
        const Gradient<T> da(*in[0]);
        kernels::multiply({m, k, n, dc, false, in[1]->as<T>(), true, da.data, da.add});
      }
      if (wants(in[1])) {  // dB = A^T dC
        const Gradient<T> db(*in[1]);
        kernels::multiply({k, n, m, in[0]->as<T>(), true, dc, false, db.data, db.add});
      }
    });
  });
}

Tensor transpose(const Tensor& x) {
  if (x.shape().rank() != 2) {
    throw Error(fmt::format("transpose: {} is not a matrix", x.shape().text()));
  }
  const size_t rows = size_t(x.shape()[0]), columns = size_t(x.shape()[1]);
  Tensor y = Tensor::empty({x.shape()[1], x.shape()[0]}, x.dtype());
  with_floating(x.dtype(), [&]<class T>(T) {
    transpose_into(x.body()->as<T>(), rows, columns, y.body()->as<T>(), false);
  });
  return record(std::move(y), {x}, [rows, columns](TensorBody& out, Inputs in) {
    with_floating(out.dtype, [&]<class T>(T) {
      const Gradient<T> dx(*in[0]);
      transpose_into(out.grad->as<T>(), columns, rows, dx.data, dx.add);
    });
  });
}

Tensor linear(const Tensor& x, const Tensor& w, const Tensor& b) {
  check_linear(x, w, b);
  const size_t rows = rows_of(*x.body());
  const size_t width = size_t(w.shape()[0]), depth = size_t(w.shape()[1]);
  Tensor y = Tensor::empty({int64_t(rows), int64_t(width)}, x.dtype());
  with_floating(x.dtype(), [&]<class T>(T) {
    const T* const bias = b.defined() ? b.body()->as<T>() : nullptr;
    kernels::multiply({rows, width, depth, x.body()->as<T>(), false, w.body()->as<T>(), true,
                       y.body()->as<T>(), false, bias});
  });
  return record(std::move(y), {x, w, b}, [rows, width, depth](TensorBody& out, Inputs in) {
    with_floating(out.dtype, [&]<class T>(T) {
      const T* const dy = out.grad->as<T>();
      if (wants(in[1])) {  // dW = dY^T X
        const Gradient<T> dw(*in[1]);
        kernels::multiply({width, depth, rows, dy, true, in[0]->as<T>(), false, dw.data, dw.add});
      }
      if (wants(in[2])) {  // db = the sum of dY's rows
        const Gradient<T> db(*in[2]);
        kernels::sum_rows(dy, rows, width, db.data, db.add);
      }
      if (wants(in[0])) {  // dX = dY W
        const Gradient<T> dx(*in[0]);
        kernels::multiply({rows, depth, width, dy, false, in[1]->as<T>(), false, dx.data, dx.add});
      }
    });
  });
}

}  // namespace ravine
