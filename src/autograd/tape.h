// The tape: an operation computes its result and records how to go back, in one place.
//
//   Tensor square(const Tensor& x) {
//     Tensor y = like(x);
//     kernels::square(...);
//     return record(std::move(y), {x}, [](TensorBody& out, Inputs in) {
//       const Gradient<float> dx(*in[0]);  // where to put it, and whether to add
//     });
//   }
#pragma once
#include <initializer_list>
#include <span>
#include <utility>

#include "tensor/body.h"

namespace ravine {

using Inputs = std::span<const std::shared_ptr<TensorBody>>;

[[noreturn]] void throw_not_floating();

// Calls f(float{}) or f(double{}); throws Error on int32.
template <class F>
void with_floating(DType dtype, F f) {
  if (dtype == DType::kFloat32) return f(float{});
  if (dtype == DType::kFloat64) return f(double{});
  throw_not_floating();
}

bool recording();  // false while this thread has a NoGrad

inline bool wants(const std::shared_ptr<TensorBody>& input) {
  return input != nullptr && input->needs_grad();
}

// Memory for the gradient of `x`, made if there is none. True: something is there, add to it.
// With `out`, computed from `x` alone, it may lie where the gradient of `out` does: for
// operations that read each element before they write it.
bool open_gradient(TensorBody& x, TensorBody* out = nullptr);

inline Tensor like(const Tensor& x) { return Tensor::empty(x.shape(), x.dtype()); }

// Throws Error that starts with `what`.
void check_same_dtype(const char* what, const Tensor& a, const Tensor& b);
void check_same_shape(const char* what, const Tensor& a, const Tensor& b);

// Where d loss / d x goes: data[i] = (add ? data[i] : 0) + ...
template <class T>
struct Gradient {
  explicit Gradient(TensorBody& x) : add(open_gradient(x)), data(x.grad->as<T>()) {}
  Gradient(TensorBody& x, TensorBody& out) : add(open_gradient(x, &out)), data(x.grad->as<T>()) {}
  bool add;
  T* data;
};

template <class Backward>
struct NodeOf final : Node {
  explicit NodeOf(Backward b) : go_back(std::move(b)) {}
  void backward(TensorBody& output) override { go_back(output, Inputs(inputs)); }
  Backward go_back;
};

// `result` with its history: `backward(output, inputs)` must add to the gradient of each input that
// wants() one. Where none does, or under NoGrad, `result` as it is. What is captured is kept too.
template <class Backward>
Tensor record(Tensor result, std::initializer_list<Tensor> inputs, Backward backward) {
  bool wanted = false;
  for (const Tensor& x : inputs) wanted |= x.defined() && x.needs_grad();
  if (!wanted || !recording()) return result;
  auto* const node = new NodeOf<Backward>(std::move(backward));
  result.body()->node.reset(node);
  size_t i = 0;
  for (const Tensor& x : inputs) {
    if (x.defined()) node->inputs[i] = x.body()->shared_from_this();
    ++i;
  }
  return result;
}

}  // namespace ravine
