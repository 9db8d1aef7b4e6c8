// y = f(x) of each element.
#include "kernels/elementwise.h"

#include "autograd/tape.h"
#include "base/math.h"
#include "ravine/ops.h"

namespace ravine {
namespace {

using kernels::Unary;

Tensor apply(Unary f, const Tensor& x) {
  Tensor y = like(x);
  with_floating(x.dtype(), [&]<class T>(T) {
    kernels::unary(f, x.body()->as<T>(), y.body()->as<T>(), x.body()->size());
  });
  return record(std::move(y), {x}, [f](TensorBody& out, Inputs in) {
    with_floating(out.dtype, [&]<class T>(T) {
      const Gradient<T> dx(*in[0], out);
      kernels::unary_back(f, in[0]->as<T>(), out.as<T>(), out.grad->as<T>(), dx.data, out.size(),
                          dx.add);
    });
  });
}

}  // namespace

Tensor operator-(const Tensor& x) { return apply(Unary::kNegate, x); }
Tensor square(const Tensor& x) { return apply(Unary::kSquare, x); }
Tensor sqrt(const Tensor& x) { return apply(Unary::kSqrt, x); }
Tensor exp(const Tensor& x) { return apply(Unary::kExp, x); }
Tensor log(const Tensor& x) { return apply(Unary::kLog, x); }
Tensor abs(const Tensor& x) { return apply(Unary::kAbs, x); }
Tensor relu(const Tensor& x) { return apply(Unary::kRelu, x); }
Tensor sigmoid(const Tensor& x) { return apply(Unary::kSigmoid, x); }
Tensor tanh(const Tensor& x) { return apply(Unary::kTanh, x); }
Tensor sin(const Tensor& x) { return apply(Unary::kSin, x); }
Tensor cos(const Tensor& x) { return apply(Unary::kCos, x); }

Tensor pow(const Tensor& x, double exponent) {
  Tensor y = like(x);
  with_floating(x.dtype(), [&]<class T>(T) {
    const T* const from = x.body()->as<T>();
    T* const to = y.body()->as<T>();
    for (size_t i = 0; i < x.body()->size(); ++i) to[i] = T(math::pow(double(from[i]), exponent));
  });
  return record(std::move(y), {x}, [exponent](TensorBody& out, Inputs in) {
    with_floating(out.dtype, [&]<class T>(T) {
      const Gradient<T> dx(*in[0], out);
      const T *const from = in[0]->as<T>(), *const dy = out.grad->as<T>();
      for (size_t i = 0; i < out.size(); ++i) {
        // The slope of x^0 is 0, at 0 too.
        const double slope =
            exponent == 0 ? 0 : exponent * math::pow(double(from[i]), exponent - 1);
        dx.data[i] = (dx.add ? dx.data[i] : 0) + dy[i] * T(slope);
      }
    });
  });
}

}  // namespace ravine
