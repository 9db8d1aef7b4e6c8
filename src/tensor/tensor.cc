#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

#include "ravine/error.h"
#include "tensor/body.h"

namespace ravine {
namespace {

template <class T>
constexpr DType kDTypeOf = std::is_same_v<T, float>    ? DType::kFloat32
                           : std::is_same_v<T, double> ? DType::kFloat64
                                                       : DType::kInt32;

// Calls f(T{}) with the C++ type of `dtype`.
template <class F>
decltype(auto) with_type(DType dtype, F f) {
  switch (dtype) {
    case DType::kFloat32:
      return f(float{});
    case DType::kFloat64:
      return f(double{});
    default:
      return f(int32_t{});
  }
}

template <class... Args>
std::shared_ptr<TensorBody> make_body(const Shape& shape, DType dtype, void* data,
                                      std::shared_ptr<const void> memory) {
  auto body = std::allocate_shared<TensorBody>(PoolAllocator<TensorBody>());
  body->shape = shape;
  body->dtype = dtype;
  body->data = data;
  body->memory = std::move(memory);
  return body;
}

template <class T>
Tensor copy_of(std::span<const T> values, const Shape& shape) {
  if (int64_t(values.size()) != shape.size()) {
    throw Error(fmt::format("tensor: shape {} takes {} values, got {}", shape.text(), shape.size(),
                            values.size()));
  }
  Tensor result = Tensor::empty(shape, kDTypeOf<T>);
  std::copy(values.begin(), values.end(), result.body()->as<T>());
  return result;
}

}  // namespace

void NodeRelease::operator()(Node* node) const noexcept {
  thread_local Node* waiting = nullptr;
  thread_local bool releasing = false;
  node->next = waiting;
  waiting = node;
  if (releasing) return;
  releasing = true;
  while (waiting != nullptr) {
    const Node* const first = std::exchange(waiting, waiting->next);
    delete first;  // its inputs' nodes arrive in `waiting`
  }
  releasing = false;
}

const TensorBody& checked(const Tensor& x) {
  if (!x.defined()) throw Error("tensor: this one has no memory; it was never given a value");
  return *x.body();
}

Tensor view(const Shape& shape, DType dtype, void* data, std::shared_ptr<const void> owner) {
  return Tensor(make_body(shape, dtype, data, std::move(owner)));
}

Tensor leaf_view(const Shape& shape, DType dtype, void* data, void* gradient,
                 std::shared_ptr<const void> owner) {
  Tensor leaf = view(shape, dtype, data, owner);
  leaf.requires_grad();
  leaf.body()->grad = make_body(shape, dtype, gradient, std::move(owner));
  return leaf;
}

Tensor Tensor::empty(const Shape& shape, DType dtype) {
  if (dtype > DType::kInt32) {
    throw Error(fmt::format("tensors hold float32, float64 and int32, not {}", name_of(dtype)));
  }
  size_t bytes;
  if (__builtin_mul_overflow(size_t(shape.size()), size_of(dtype), &bytes)) {
    throw Error(
        fmt::format("tensor: shape {} needs more bytes than there are addresses", shape.text()));
  }
  using Memory = Buffer<std::byte>;
  auto memory = std::allocate_shared<Memory>(PoolAllocator<Memory>(), bytes);
  void* const data = memory->data();
  return Tensor(make_body(shape, dtype, data, std::move(memory)));
}

Tensor Tensor::zeros(const Shape& shape, DType dtype) {
  Tensor result = empty(shape, dtype);
  std::memset(result.body()->data, 0, result.body()->bytes());
  return result;
}

Tensor Tensor::full(const Shape& shape, double value, DType dtype) {
  Tensor result = empty(shape, dtype);
  with_type(dtype, [&]<class T>(T) {
    std::fill_n(result.body()->as<T>(), result.body()->size(), static_cast<T>(value));
  });
  return result;
}

Tensor Tensor::from(std::span<const float> values, const Shape& shape) {
  return copy_of(values, shape);
}
Tensor Tensor::from(std::span<const double> values, const Shape& shape) {
  return copy_of(values, shape);
}
Tensor Tensor::from(std::span<const int32_t> values, const Shape& shape) {
  return copy_of(values, shape);
}
Tensor Tensor::from(std::initializer_list<float> values, const Shape& shape) {
  return copy_of(std::span<const float>(values.begin(), values.size()), shape);
}

const Shape& Tensor::shape() const { return checked(*this).shape; }
int64_t Tensor::size() const { return shape().size(); }
DType Tensor::dtype() const { return checked(*this).dtype; }

double Tensor::item() const {
  if (size() != 1) {
    throw Error(
        fmt::format("item: the tensor must have one element, its shape is {}", shape().text()));
  }
  return with_type(dtype(), [&]<class T>(T) { return double(*body_->as<T>()); });
}

template <class T>
std::span<T> Tensor::values() const {
  if (dtype() != kDTypeOf<T>) {
    throw Error(fmt::format("values: the tensor is {}, asked for as {}", name_of(dtype()),
                            name_of(kDTypeOf<T>)));
  }
  return {body_->as<T>(), body_->size()};
}
template std::span<float> Tensor::values() const;
template std::span<double> Tensor::values() const;
template std::span<int32_t> Tensor::values() const;

std::vector<double> Tensor::to_vector() const {
  return with_type(dtype(), [&]<class T>(T) {
    const auto span = values<T>();
    return std::vector<double>(span.begin(), span.end());
  });
}

Tensor Tensor::clone() const {
  Tensor result = empty(shape(), dtype());
  std::memcpy(result.body()->data, body_->data, body_->bytes());
  return result;
}

Tensor Tensor::detach() const {
  const TensorBody& body = checked(*this);
  return view(body.shape, body.dtype, body.data, body.memory);
}

Tensor& Tensor::requires_grad(bool wanted) {
  checked(*this);
  if (wanted && dtype() == DType::kInt32) {
    throw Error("requires_grad: int32 values have no gradient; use float32 or float64");
  }
  if (body_->node != nullptr) {
    throw Error("requires_grad: this tensor was computed; ask it of the leaves, or detach()");
  }
  body_->wants_grad = wanted;
  return *this;
}

bool Tensor::needs_grad() const { return checked(*this).needs_grad(); }

Tensor Tensor::grad() const { return Tensor(checked(*this).grad); }

void Tensor::zero_grad() {
  checked(*this);
  if (body_->grad == nullptr) return;
  std::memset(body_->grad->data, 0, body_->grad->bytes());
  body_->overwrite_grad = true;
}

Parameter Tensor::as_parameter(std::string name) const {
  if (!checked(*this).wants_grad) {
    throw Error(
        fmt::format("as_parameter: '{}' has no gradient; call requires_grad() first", name));
  }
  if (body_->grad == nullptr) {
    body_->grad = zeros(body_->shape, body_->dtype).body_;
    body_->overwrite_grad = true;
  }
  return {std::move(name), body_->shape.vector(), body_->dtype,
          body_->size(),   body_->data,           body_->grad->data};
}

}  // namespace ravine
