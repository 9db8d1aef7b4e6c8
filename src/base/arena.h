// Many buffers that live as long as their owner, near each other.
#pragma once
#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/pool.h"

namespace ravine {

// Hands out parts of chunks, which double up to 2 MiB, where the pool asks for huge pages: a step
// over thousands of small tensors is not one over thousands of pages.
class Arena {
 public:
  // Aligned to 64 bytes, not initialised.
  void* take(size_t bytes) {
    bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
    if (bytes >= kLargest) return chunks_.emplace_back(bytes).data();
    if (bytes > left_) {
      left_ = std::max(bytes, std::min(total_, kLargest));
      next_ = chunks_.emplace_back(left_).data();
      total_ += left_;
    }
    left_ -= bytes;
    return std::exchange(next_, next_ + bytes);
  }

 private:
  static constexpr size_t kAlignment = 64, kLargest = size_t{1} << 21;
  std::vector<Buffer<std::byte>> chunks_;
  std::byte* next_ = nullptr;
  size_t left_ = 0, total_ = 0;
};

}  // namespace ravine
