// Tensors: values, and the gradients that flow back through them.
#pragma once
#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ravine/parameter.h"

namespace ravine {

// Up to six dimensions, row-major, the last one contiguous. {} is a scalar of one element.
class Shape {
 public:
  static constexpr size_t kMaxRank = 6;
  Shape() = default;
  // Throws Error: more than 6, or a negative one; but -1 may stand for what reshape() infers.
  Shape(std::initializer_list<int64_t> dims);
  explicit Shape(std::span<const int64_t> dims);

  size_t rank() const { return rank_; }
  int64_t operator[](size_t i) const { return dims_[i]; }
  int64_t size() const;  // the product; throws Error on overflow, or a -1
  const int64_t* begin() const { return dims_.data(); }
  const int64_t* end() const { return dims_.data() + rank_; }
  std::vector<int64_t> vector() const { return {begin(), end()}; }
  std::string text() const;  // "[64, 784]"
  friend bool operator==(const Shape& a, const Shape& b);

 private:
  std::array<int64_t, kMaxRank> dims_{};
  uint8_t rank_ = 0;
};

struct TensorBody;  // memory, shape and gradient; src/tensor/body.h

// A handle on shared memory: a copy of a Tensor is the same values, clone() copies them.
// Operations are in ravine/ops.h; each returns a new Tensor and, while a gradient is asked for,
// remembers how to go back:
//
//   Tensor theta = Tensor::zeros({3}).requires_grad();
//   Tensor loss = sum(square(theta - 1));
//   loss.backward();                          // theta.grad() is now 2 (theta - 1)
//
// Distinct tensors may be used from distinct threads.
class Tensor {
 public:
  Tensor() = default;  // no memory: defined() is false
  static Tensor empty(const Shape& shape, DType dtype = DType::kFloat32);  // not initialised
  static Tensor zeros(const Shape& shape, DType dtype = DType::kFloat32);
  static Tensor full(const Shape& shape, double value, DType dtype = DType::kFloat32);
  // Copies. Throws Error if the number of values is not the shape's.
  static Tensor from(std::span<const float> values, const Shape& shape);
  static Tensor from(std::span<const double> values, const Shape& shape);
  static Tensor from(std::span<const int32_t> values, const Shape& shape);
  static Tensor from(std::initializer_list<float> values, const Shape& shape);

  bool defined() const { return body_ != nullptr; }
  const Shape& shape() const;
  int64_t size() const;
  DType dtype() const;
  double item() const;  // of a tensor with one element; throws Error on any other

  // The values. T is float, double or int32_t and must be the dtype's; throws Error otherwise.
  template <class T>
  std::span<T> values() const;
  std::vector<double> to_vector() const;

  Tensor clone() const;                      // its own memory, no history
  Tensor detach() const;                     // the same memory, no history
  Tensor reshape(const Shape& shape) const;  // the same memory; differentiable; one -1 is inferred

  // Asks for the gradient of this tensor, a leaf. Returns *this.
  Tensor& requires_grad(bool wanted = true);
  bool needs_grad() const;  // whether it, or anything it was computed from, asks for a gradient
  Tensor grad() const;      // same shape; undefined before backward()
  void zero_grad();         // sets the gradient to zero, where there is one
  // What an optimizer sees of this leaf; the gradient is zero until backward(). The memory lives as
  // long as the tensor. Throws Error unless it asked for its gradient.
  //   Optimizer optimizer("rmsprop,lr=1e-2");
  //   optimizer.add(theta.as_parameter("theta"));
  Parameter as_parameter(std::string name) const;
  // Adds d this / d leaf to the gradient of every leaf that asked for one, then forgets how this
  // was computed. Throws Error unless this is a scalar that needs a gradient, or if a part of how
  // it was computed has been forgotten already.
  void backward();

  TensorBody* body() const { return body_.get(); }
  explicit Tensor(std::shared_ptr<TensorBody> body) : body_(std::move(body)) {}

 private:
  std::shared_ptr<TensorBody> body_;
};

// While one lives, operations of this thread remember nothing.
class NoGrad {
 public:
  NoGrad();
  ~NoGrad();
  NoGrad(const NoGrad&) = delete;
  NoGrad& operator=(const NoGrad&) = delete;

 private:
  bool before_;
};

}  // namespace ravine
