// The memory of a tensor, whatever its dtype.
#pragma once
#include <span>

#include "ravine/tensor.h"

namespace ravine {

inline std::span<char> bytes_of(const Tensor& tensor) {
  const auto bytes = [](auto values) {
    return std::span(reinterpret_cast<char*>(values.data()), values.size_bytes());
  };
  switch (tensor.dtype()) {
    case DType::kFloat32:
      return bytes(tensor.values<float>());
    case DType::kFloat64:
      return bytes(tensor.values<double>());
    default:
      return bytes(tensor.values<int32_t>());
  }
}

}  // namespace ravine
