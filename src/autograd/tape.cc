#include "autograd/tape.h"

#include <fmt/format.h>

#include <cstring>
#include <exception>
#include <utility>

#include "kernels/elementwise.h"
#include "ravine/error.h"

namespace ravine {
namespace {

thread_local bool remembers = true;

// An intrusive list of computed tensors, last in, first out. It keeps them.
class Stack {
 public:
  void push(std::shared_ptr<TensorBody> body) {
    Node& node = *body->node;
    node.next = top_;
    node.kept = std::move(body);
    top_ = &node;
  }
  std::shared_ptr<TensorBody> pop() {
    Node& node = *top_;
    top_ = node.next;
    return std::move(node.kept);
  }
  bool empty() const { return top_ == nullptr; }

 private:
  Node* top_ = nullptr;
};

// Counts, for every tensor that `root` was computed from, the nodes that add to its gradient.
// False: one of them has been forgotten by an earlier backward().
bool count_uses(const std::shared_ptr<TensorBody>& root) {
  bool whole = true;
  Stack stack;
  stack.push(root);
  while (!stack.empty()) {
    const auto body = stack.pop();
    for (const auto& input : body->node->inputs) {
      if (input == nullptr) continue;
      whole &= !input->spent;
      if (input->node != nullptr && input->node->pending++ == 0) stack.push(input);
    }
  }
  return whole;
}

// Each tensor once all that were computed from it are done; then how it was computed is forgotten,
// and what only that kept is free. Without `compute`, only forgets.
void walk_back(const std::shared_ptr<TensorBody>& root, bool compute) {
  std::exception_ptr error;
  Stack ready;
  ready.push(root);
  while (!ready.empty()) {
    const auto body = ready.pop();
    if (compute && error == nullptr && body->grad != nullptr) {
      try {
        body->node->backward(*body);
      } catch (...) {
        error = std::current_exception();
      }
    }
    for (const auto& input : body->node->inputs) {
      if (input != nullptr && input->node != nullptr && --input->node->pending == 0) {
        ready.push(input);
      }
    }
    body->grad.reset();
    body->node.reset();
    body->spent = true;
  }
  if (error != nullptr) std::rethrow_exception(error);
}

// What `shape` stands for in x.reshape(shape): one -1 is inferred.
Shape inferred(const Shape& from, std::span<const int64_t> dims) {
  std::array<int64_t, Shape::kMaxRank> result{};
  if (dims.size() > result.size()) return Shape(dims);  // throws
  int64_t known = 1, unknown = -1;
  for (size_t i = 0; i < dims.size(); ++i) {
    result[i] = dims[i];
    if (dims[i] == -1 && unknown < 0) {
      unknown = int64_t(i);
    } else {
      known *= dims[i];
    }
  }
  if (unknown >= 0 && known > 0) result[unknown] = from.size() / known;
  return Shape(std::span<const int64_t>(result.data(), dims.size()));
}

}  // namespace

NoGrad::NoGrad() : before_(std::exchange(remembers, false)) {}
NoGrad::~NoGrad() { remembers = before_; }

bool recording() { return remembers; }

void throw_not_floating() {
  throw Error("int32 values cannot be computed with; use float32 or float64");
}

void check_same_dtype(const char* what, const Tensor& a, const Tensor& b) {
  if (a.dtype() == b.dtype()) return;
  throw Error(fmt::format("{}: dtypes must agree, got {} and {}", what, name_of(a.dtype()),
                          name_of(b.dtype())));
}

void check_same_shape(const char* what, const Tensor& a, const Tensor& b) {
  if (a.shape() == b.shape()) return;
  throw Error(fmt::format("{}: shapes must agree, got {} and {}", what, a.shape().text(),
                          b.shape().text()));
}

bool open_gradient(TensorBody& x, TensorBody* out) {
  if (x.grad != nullptr) return !std::exchange(x.overwrite_grad, false);
  if (out != nullptr && x.node != nullptr) {
    x.grad = out->grad;
    return false;
  }
  x.grad = Tensor::empty(x.shape, x.dtype).body()->shared_from_this();
  return false;
}

void Tensor::backward() {
  const TensorBody& loss = checked(*this);
  if (loss.size() != 1) {
    throw Error(
        fmt::format("backward: the loss must be a scalar, its shape is {}; take sum() or mean()",
                    loss.shape.text()));
  }
  if (loss.spent) {
    throw Error("backward: this loss has gone back already; compute it again");
  }
  if (!loss.needs_grad()) {
    throw Error("backward: nothing here needs a gradient; call requires_grad() on the parameters");
  }
  const bool leaf = loss.node == nullptr;
  const bool add = open_gradient(*body_);
  TensorBody& grad = *body_->grad;
  if (grad.dtype == DType::kFloat32) {
    *grad.as<float>() = add ? *grad.as<float>() + 1 : 1;
  } else {
    *grad.as<double>() = add ? *grad.as<double>() + 1 : 1;
  }
  if (leaf) return;
  const bool whole = count_uses(body_);
  walk_back(body_, whole);
  if (!whole) {
    throw Error(
        "backward: a part of this was forgotten by an earlier backward(); add the losses and "
        "go back once, or compute again");
  }
}

Tensor Tensor::reshape(const Shape& shape) const {
  const TensorBody& x = checked(*this);
  const Shape whole = inferred(x.shape, {shape.begin(), shape.rank()});
  if (whole.size() != x.shape.size()) {
    throw Error(fmt::format("reshape: {} has {} elements, {} has {}", x.shape.text(),
                            x.shape.size(), whole.text(), whole.size()));
  }
  return record(view(whole, x.dtype, x.data, x.memory), {*this}, [](TensorBody& out, Inputs in) {
    with_floating(out.dtype, [&]<class T>(T) {
      const Gradient<T> dx(*in[0]);
      kernels::axpy(T{1}, out.grad->as<T>(), dx.data, out.size(), dx.add);
    });
  });
}

}  // namespace ravine
