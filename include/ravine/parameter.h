// A trainable parameter as the optimizer sees it, whoever owns its memory.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ravine {

// Tensors are made of the first three; the others are what an optimizer's memory may hold.
enum class DType : uint8_t { kFloat32, kFloat64, kInt32, kBFloat16, kUint8, kInt16 };

// The upper half of a float32.
struct BFloat16 {
  uint16_t bits = 0;
  friend bool operator==(BFloat16, BFloat16) = default;
};

size_t size_of(DType dtype);       // bytes of one element
const char* name_of(DType dtype);  // "float32", ...

// A view: `size` elements of `dtype` at `value`, the gradient of the loss at `gradient` (nullptr:
// none). Both stay where they are while the view is in use.
struct Parameter {
  std::string name;            // unique in its optimizer: "0.weight"
  std::vector<int64_t> shape;  // its product is `size`
  DType dtype = DType::kFloat32;
  size_t size = 0;
  void* value = nullptr;
  void* gradient = nullptr;
  std::optional<DType> gradient_dtype{};  // where it is not `dtype`
};

}  // namespace ravine
