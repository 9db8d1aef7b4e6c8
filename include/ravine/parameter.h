// A trainable parameter as the optimizer sees it, whoever owns its memory.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ravine {

enum class DType : uint8_t { kFloat32, kFloat64, kInt32 };

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
};

}  // namespace ravine
