#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "ravine/error.h"
#include "ravine/tensor.h"

namespace ravine {

Shape::Shape(std::initializer_list<int64_t> dims)
    : Shape(std::span<const int64_t>(dims.begin(), dims.size())) {}

Shape::Shape(std::span<const int64_t> dims) {
  if (dims.size() > kMaxRank) {
    throw Error(fmt::format("shape: at most {} dimensions, got {}", kMaxRank, dims.size()));
  }
  for (const int64_t dim : dims) {
    if (dim < -1) throw Error(fmt::format("shape: a dimension must be >= 0, got {}", dim));
  }
  std::copy(dims.begin(), dims.end(), dims_.begin());
  rank_ = uint8_t(dims.size());
}

int64_t Shape::size() const {
  if (std::find(begin(), end(), 0) != end()) return 0;
  int64_t product = 1;
  for (const int64_t dim : *this) {
    if (dim < 0) throw Error(fmt::format("shape: {} is only for reshape()", text()));
    if (__builtin_mul_overflow(product, dim, &product)) {
      throw Error(fmt::format("shape: {} has more elements than can be counted", text()));
    }
  }
  return product;
}

std::string Shape::text() const { return fmt::format("[{}]", fmt::join(begin(), end(), ", ")); }

bool operator==(const Shape& a, const Shape& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace ravine
