// a + b, a - b, a * b, a / b with NumPy's broadcasting.
#include <fmt/format.h>

#include <algorithm>

#include "autograd/tape.h"
#include "kernels/elementwise.h"
#include "kernels/reduce.h"
#include "ravine/error.h"
#include "ravine/ops.h"

namespace ravine {
namespace {

using kernels::Binary;
using kernels::Operand;

// Two shapes side by side: dimensions of the result, and how far each operand moves in them (0: it
// is repeated). Neighbours that both operands walk alike are one dimension.
struct Broadcast {
  static constexpr size_t kMost = Shape::kMaxRank;
  Shape shape;
  size_t rank = 0;
  std::array<size_t, kMost> size{}, a{}, b{};

  bool a_is_whole() const { return rank == 0 || (rank == 1 && a[0] == 1); }
  bool b_is_whole() const { return rank == 0 || (rank == 1 && b[0] == 1); }
};

int64_t dim_from_right(const Shape& shape, size_t i) {
  return i < shape.rank() ? shape[shape.rank() - 1 - i] : 1;
}

Broadcast broadcast_of(const char* what, const Shape& a, const Shape& b) {
  Broadcast result;
  std::array<int64_t, Shape::kMaxRank> dims{};
  const size_t rank = std::max(a.rank(), b.rank());
  size_t a_step = 1, b_step = 1, n = 0;  // n: dimensions so far, from the right
  for (size_t i = 0; i < rank; ++i) {
    const int64_t da = dim_from_right(a, i), db = dim_from_right(b, i);
    if (da != db && da != 1 && db != 1) {
      throw Error(fmt::format("{}: shapes {} and {} do not fit", what, a.text(), b.text()));
    }
    const int64_t size = da == 1 ? db : da;
    dims[rank - 1 - i] = size;
    if (size == 1) continue;
    const size_t sa = da == 1 ? 0 : a_step, sb = db == 1 ? 0 : b_step;
    a_step *= size_t(da), b_step *= size_t(db);
    const bool joins = n > 0 && sa == result.a[n - 1] * result.size[n - 1] &&
                       sb == result.b[n - 1] * result.size[n - 1];
    if (joins) {
      result.size[n - 1] *= size_t(size);
    } else {
      result.size[n] = size_t(size), result.a[n] = sa, result.b[n] = sb, ++n;
    }
  }
  std::reverse(result.size.begin(), result.size.begin() + n);
  std::reverse(result.a.begin(), result.a.begin() + n);
  std::reverse(result.b.begin(), result.b.begin() + n);
  result.rank = n;
  result.shape = Shape(std::span<const int64_t>(dims.data(), rank));
  return result;
}

// Calls f(y, a, b, count) for each run along the last dimension: where it starts in the result and
// in each operand.
template <class F>
void for_runs(const Broadcast& w, const F& f) {
  const size_t count = w.rank == 0 ? size_t(w.shape.size()) : w.size[w.rank - 1];
  const size_t total = size_t(w.shape.size());
  std::array<size_t, Broadcast::kMost> at{};
  size_t a = 0, b = 0;
  for (size_t y = 0; y < total; y += count) {
    f(y, a, b, count);
    for (size_t i = w.rank; i-- > 1;) {  // the next index of the outer dimensions
      a += w.a[i - 1], b += w.b[i - 1];
      if (++at[i - 1] < w.size[i - 1]) break;
      a -= at[i - 1] * w.a[i - 1], b -= at[i - 1] * w.b[i - 1];
      at[i - 1] = 0;
    }
  }
}

bool repeats(const Broadcast& w, const std::array<size_t, Broadcast::kMost>& step) {
  return w.rank > 0 && step[w.rank - 1] == 0;
}

template <class T>
void compute(Binary f, const Broadcast& w, const T* a, const T* b, T* y) {
  const bool one_a = repeats(w, w.a), one_b = repeats(w, w.b);
  for_runs(w, [&](size_t iy, size_t ia, size_t ib, size_t n) {
    kernels::binary(f, Operand<T>{a + ia, one_a}, Operand<T>{b + ib, one_b}, y + iy, n);
  });
}

// Adds factor * g, of the result's shape, to the gradient of operand a (or b): where it was
// repeated, the sum over the repetitions, in their order.
template <class T>
void add_back(const Broadcast& w, bool to_a, T factor, const T* g, TensorBody& x) {
  const Gradient<T> dx(x);
  if (to_a ? w.a_is_whole() : w.b_is_whole()) {
    return kernels::axpy(factor, g, dx.data, x.size(), dx.add);
  }
  if (!dx.add) std::fill_n(dx.data, x.size(), T{0});
  const bool repeated = repeats(w, to_a ? w.a : w.b);
  for_runs(w, [&](size_t iy, size_t ia, size_t ib, size_t n) {
    T* const target = dx.data + (to_a ? ia : ib);
    if (repeated) {
      *target += factor * T(kernels::sum(g + iy, n));
    } else {
      kernels::axpy(factor, g + iy, target, n, true);
    }
  });
}

template <class T>
void go_back(Binary f, const Broadcast& w, const TensorBody& out, Inputs in) {
  const T* const dy = out.grad->as<T>();
  const T *const a = in[0]->as<T>(), *const b = in[1]->as<T>();
  const bool linear = f == Binary::kAdd || f == Binary::kSubtract;
  const Buffer<T> g(linear ? 0 : out.size());
  // g = dy (*, /) b, repeated as b is.
  const auto with_b = [&](Binary operation, const T* x) {
    const bool one = repeats(w, w.b);
    for_runs(w, [&](size_t iy, size_t, size_t ib, size_t n) {
      kernels::binary(operation, Operand<T>{x + iy}, Operand<T>{b + ib, one}, g.data() + iy, n);
    });
  };
  if (wants(in[0])) {
    if (!linear) with_b(f, dy);  // d(a b) = da b, d(a / b) = da / b
    add_back(w, true, T{1}, linear ? dy : g.data(), *in[0]);
  }
  if (!wants(in[1])) return;
  if (linear) return add_back(w, false, T(f == Binary::kAdd ? 1 : -1), dy, *in[1]);
  if (f == Binary::kMultiply) {
    const bool one = repeats(w, w.a);
    for_runs(w, [&](size_t iy, size_t ia, size_t, size_t n) {
      kernels::binary(f, Operand<T>{dy + iy}, Operand<T>{a + ia, one}, g.data() + iy, n);
    });
    return add_back(w, false, T{1}, g.data(), *in[1]);
  }
  // d(a / b) / db = -y / b.
  kernels::binary(Binary::kMultiply, Operand<T>{dy}, Operand<T>{out.as<T>()}, g.data(), out.size());
  with_b(Binary::kDivide, g.data());
  add_back(w, false, T{-1}, g.data(), *in[1]);
}

Tensor apply(Binary f, const char* what, const Tensor& a, const Tensor& b) {
  check_same_dtype(what, a, b);
  const Broadcast w = broadcast_of(what, a.shape(), b.shape());
  Tensor y = Tensor::empty(w.shape, a.dtype());
  with_floating(a.dtype(), [&]<class T>(T) {
    compute(f, w, a.body()->as<T>(), b.body()->as<T>(), y.body()->as<T>());
  });
  return record(std::move(y), {a, b}, [f, w](TensorBody& out, Inputs in) {
    with_floating(out.dtype, [&]<class T>(T) { go_back<T>(f, w, out, in); });
  });
}

Tensor scalar(double value, const Tensor& like_this) {
  return Tensor::full({}, value, like_this.dtype());
}

}  // namespace

Tensor operator+(const Tensor& a, const Tensor& b) { return apply(Binary::kAdd, "+", a, b); }
Tensor operator-(const Tensor& a, const Tensor& b) { return apply(Binary::kSubtract, "-", a, b); }
Tensor operator*(const Tensor& a, const Tensor& b) { return apply(Binary::kMultiply, "*", a, b); }
Tensor operator/(const Tensor& a, const Tensor& b) { return apply(Binary::kDivide, "/", a, b); }
Tensor operator+(const Tensor& a, double b) { return a + scalar(b, a); }
Tensor operator-(const Tensor& a, double b) { return a - scalar(b, a); }
Tensor operator*(const Tensor& a, double b) { return a * scalar(b, a); }
Tensor operator/(const Tensor& a, double b) { return a / scalar(b, a); }
Tensor operator+(double a, const Tensor& b) { return scalar(a, b) + b; }
Tensor operator-(double a, const Tensor& b) { return scalar(a, b) - b; }
Tensor operator*(double a, const Tensor& b) { return scalar(a, b) * b; }
Tensor operator/(double a, const Tensor& b) { return scalar(a, b) / b; }

}  // namespace ravine
