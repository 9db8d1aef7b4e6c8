// What a Tensor is a handle on.
#pragma once
#include <array>
#include <cstddef>
#include <memory>

#include "base/pool.h"
#include "ravine/tensor.h"

namespace ravine {

// How a tensor was computed: the operations of src/autograd derive theirs from it. From the pool.
struct Node {
  static constexpr size_t kMaxInputs = 3;

  virtual ~Node() = default;
  // Adds d loss / d input to each input's gradient; output.grad is d loss / d output.
  virtual void backward(TensorBody& output) = 0;

  static void* operator new(size_t bytes) { return acquire(bytes); }
  static void operator delete(void* memory, size_t bytes) { release(memory, bytes); }

  std::array<std::shared_ptr<TensorBody>, kMaxInputs> inputs;
  // Of a walk over the graph:
  Node* next = nullptr;              // in the walk's list
  std::shared_ptr<TensorBody> kept;  // this node's own tensor, while in the list
  int pending = 0;                   // how many nodes still add to its gradient
};

// Frees a node and, in a loop, those that only it kept: a graph may be deeper than the stack.
struct NodeRelease {
  void operator()(Node* node) const noexcept;
};

struct TensorBody : std::enable_shared_from_this<TensorBody> {
  Shape shape;
  DType dtype = DType::kFloat32;
  bool wants_grad = false;      // a leaf that asked for its gradient
  bool overwrite_grad = false;  // the gradient is zero, or stale: the next write need not add
  bool spent = false;           // was computed, and backward() has forgotten how
  void* data = nullptr;
  std::shared_ptr<const void> memory;  // keeps `data`
  std::shared_ptr<TensorBody> grad;
  std::unique_ptr<Node, NodeRelease> node;  // none: a leaf

  bool needs_grad() const { return wants_grad || node != nullptr || spent; }
  size_t size() const { return size_t(shape.size()); }
  size_t bytes() const { return size() * size_of(dtype); }
  template <class T>
  T* as() const {
    return static_cast<T*>(data);
  }
};

// Memory that the caller keeps elsewhere, alive through `owner`.
Tensor view(const Shape& shape, DType dtype, void* data, std::shared_ptr<const void> owner);

// A leaf whose values and gradient lie in larger buffers: a model's flat parameters.
Tensor leaf_view(const Shape& shape, DType dtype, void* data, void* gradient,
                 std::shared_ptr<const void> owner);

// The next backward() replaces the gradient of this leaf instead of adding to it: zero_grad()
// without the pass over memory. Until then the memory holds the old gradient.
inline void renew_grad(const Tensor& leaf) { leaf.body()->overwrite_grad = true; }

// Throws Error unless `x` is defined.
const TensorBody& checked(const Tensor& x);

}  // namespace ravine
