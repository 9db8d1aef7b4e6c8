#include "kernels/elementwise.h"

#include "base/math.h"
#include "base/team.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/elementwise.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/choose.h"
#include "kernels/vector_math.h"

HWY_BEFORE_NAMESPACE();
namespace ravine::HWY_NAMESPACE {

using kernels::Binary;
using kernels::Operand;
using kernels::Unary;

// Calls f(d, i) for whole vectors at i, then for single elements: the same arithmetic.
template <class F>
HWY_INLINE void for_vectors(size_t n, const F& f) {
  const hn::ScalableTag<float> d;
  const hn::CappedTag<float, 1> d1;
  size_t i = 0;
  for (; i + hn::Lanes(d) <= n; i += hn::Lanes(d)) f(d, i);
  for (; i < n; ++i) f(d1, i);
}

template <class F>
HWY_INLINE void map(const float* x, float* y, size_t n, const F& f) {
  for_vectors(n, [&](auto d, size_t i) { hn::StoreU(f(d, hn::LoadU(d, x + i)), d, y + i); });
}

// For functions that no layer asks for: one element after another, in double.
template <class F>
void map_each(const float* x, float* y, size_t n, const F& f) {
  for (size_t i = 0; i < n; ++i) y[i] = float(f(double(x[i])));
}

void run_unary(Unary op, const float* x, float* y, size_t n) {
  switch (op) {
    case Unary::kNegate:
      return map(x, y, n, [](auto, auto v) { return hn::Neg(v); });
    case Unary::kSquare:
      return map(x, y, n, [](auto, auto v) { return hn::Mul(v, v); });
    case Unary::kSqrt:
      return map(x, y, n, [](auto, auto v) { return hn::Sqrt(v); });
    case Unary::kExp:
      return map(x, y, n, [](auto d, auto v) { return exp(d, v); });
    case Unary::kLog:
      return map(x, y, n, [](auto d, auto v) { return log(d, v); });
    case Unary::kAbs:
      return map(x, y, n, [](auto, auto v) { return hn::Abs(v); });
    case Unary::kRelu:  // NaN stays
      return map(x, y, n,
                 [](auto d, auto v) { return hn::IfThenZeroElse(hn::Lt(v, hn::Zero(d)), v); });
    case Unary::kSigmoid:
      return map(x, y, n, [](auto d, auto v) { return sigmoid(d, v); });
    case Unary::kTanh:
      return map(x, y, n, [](auto d, auto v) { return tanh(d, v); });
    case Unary::kSin:
      return map_each(x, y, n, math::sin);
    case Unary::kCos:
      return map_each(x, y, n, math::cos);
  }
}

// dx = (add ? dx : 0) + f(dy, value).
template <class F>
HWY_INLINE void map_back(const float* value, const float* dy, float* dx, size_t n, bool add,
                         const F& f) {
  for_vectors(n, [&](auto d, size_t i) {
    const auto change = f(d, hn::LoadU(d, dy + i), hn::LoadU(d, value + i));
    hn::StoreU(add ? hn::Add(hn::LoadU(d, dx + i), change) : change, d, dx + i);
  });
}

template <class F>
void map_back_each(const float* x, const float* dy, float* dx, size_t n, bool add, const F& f) {
  for (size_t i = 0; i < n; ++i) {
    const float change = dy[i] * float(f(double(x[i])));
    dx[i] = add ? dx[i] + change : change;
  }
}

void run_unary_back(Unary op, const float* x, const float* y, const float* dy, float* dx, size_t n,
                    bool add) {
  switch (op) {
    case Unary::kNegate:
      return map_back(y, dy, dx, n, add, [](auto, auto g, auto) { return hn::Neg(g); });
    case Unary::kSquare:
      return map_back(x, dy, dx, n, add,
                      [](auto, auto g, auto v) { return hn::Mul(g, hn::Add(v, v)); });
    case Unary::kSqrt:
      return map_back(y, dy, dx, n, add,
                      [](auto, auto g, auto v) { return hn::Div(g, hn::Add(v, v)); });
    case Unary::kExp:
      return map_back(y, dy, dx, n, add, [](auto, auto g, auto v) { return hn::Mul(g, v); });
    case Unary::kLog:
      return map_back(x, dy, dx, n, add, [](auto, auto g, auto v) { return hn::Div(g, v); });
    case Unary::kAbs:
      return map_back(x, dy, dx, n, add, [](auto d, auto g, auto v) {
        const auto zero = hn::Zero(d);
        return hn::IfThenElse(hn::Lt(v, zero), hn::Neg(g), hn::IfThenElseZero(hn::Gt(v, zero), g));
      });
    case Unary::kRelu:
      return map_back(y, dy, dx, n, add, [](auto d, auto g, auto v) {
        return hn::IfThenZeroElse(hn::Le(v, hn::Zero(d)), g);
      });
    case Unary::kSigmoid:
      return map_back(y, dy, dx, n, add, [](auto d, auto g, auto v) {
        return hn::Mul(g, hn::Mul(v, hn::Sub(hn::Set(d, 1), v)));
      });
    case Unary::kTanh:
      return map_back(y, dy, dx, n, add, [](auto d, auto g, auto v) {
        return hn::Mul(g, hn::Sub(hn::Set(d, 1), hn::Mul(v, v)));
      });
    case Unary::kSin:
      return map_back_each(x, dy, dx, n, add, math::cos);
    case Unary::kCos:
      return map_back_each(x, dy, dx, n, add, [](double v) { return -math::sin(v); });
  }
}

template <class F>
HWY_INLINE void map_pair(Operand<float> a, Operand<float> b, float* y, size_t n, const F& f) {
  for_vectors(n, [&](auto d, size_t i) {
    const auto va = a.one ? hn::Set(d, *a.data) : hn::LoadU(d, a.data + i);
    const auto vb = b.one ? hn::Set(d, *b.data) : hn::LoadU(d, b.data + i);
    hn::StoreU(f(va, vb), d, y + i);
  });
}

void run_binary(Binary op, Operand<float> a, Operand<float> b, float* y, size_t n) {
  switch (op) {
    case Binary::kAdd:
      return map_pair(a, b, y, n, [](auto u, auto v) { return hn::Add(u, v); });
    case Binary::kSubtract:
      return map_pair(a, b, y, n, [](auto u, auto v) { return hn::Sub(u, v); });
    case Binary::kMultiply:
      return map_pair(a, b, y, n, [](auto u, auto v) { return hn::Mul(u, v); });
    case Binary::kDivide:
      return map_pair(a, b, y, n, [](auto u, auto v) { return hn::Div(u, v); });
  }
}

void run_axpy(float a, const float* x, float* y, size_t n, bool add) {
  for_vectors(n, [&](auto d, size_t i) {
    const auto ax = hn::Mul(hn::Set(d, a), hn::LoadU(d, x + i));
    hn::StoreU(add ? hn::Add(hn::LoadU(d, y + i), ax) : ax, d, y + i);
  });
}

void run_add_to_rows(const float* x, float* y, size_t rows, size_t columns, size_t stride) {
  for (size_t i = 0; i < rows; ++i, y += stride) {
    for_vectors(columns, [&](auto d, size_t j) {
      hn::StoreU(hn::Add(hn::LoadU(d, y + j), hn::LoadU(d, x + j)), d, y + j);
    });
  }
}

}  // namespace ravine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {

namespace kernels {
namespace {

constexpr size_t kGrain = 16384;  // elements that are worth another thread

template <class T>
Operand<T> from(Operand<T> operand, size_t begin) {
  return operand.one ? operand : Operand<T>{operand.data + begin};
}

}  // namespace

void unary(Unary f, const float* x, float* y, size_t n) {
  parallel_ranges(n, kGrain, [&](size_t begin, size_t end) {
    RAVINE_CHOOSE(run_unary)(f, x + begin, y + begin, end - begin);
  });
}

void unary_back(Unary f, const float* x, const float* y, const float* dy, float* dx, size_t n,
                bool add) {
  parallel_ranges(n, kGrain, [&](size_t begin, size_t end) {
    RAVINE_CHOOSE(run_unary_back)
    (f, x + begin, y + begin, dy + begin, dx + begin, end - begin, add);
  });
}

void binary(Binary f, Operand<float> a, Operand<float> b, float* y, size_t n) {
  parallel_ranges(n, kGrain, [&](size_t begin, size_t end) {
    RAVINE_CHOOSE(run_binary)(f, from(a, begin), from(b, begin), y + begin, end - begin);
  });
}

void axpy(float a, const float* x, float* y, size_t n, bool add) {
  parallel_ranges(n, kGrain, [&](size_t begin, size_t end) {
    RAVINE_CHOOSE(run_axpy)(a, x + begin, y + begin, end - begin, add);
  });
}

void add_to_rows(const float* x, float* y, size_t rows, size_t columns, size_t stride) {
  RAVINE_CHOOSE(run_add_to_rows)(x, y, rows, columns, stride);
}

}  // namespace kernels
}  // namespace ravine
#endif
