// The values of a table, row by row, as they come.
#pragma once
#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

namespace ravine {

// Rows of `width` floats in blocks, so that no growing copies what is there. NaN is a missing
// value, a text is its number among the texts of its column.
class Cells {
 public:
  explicit Cells(size_t width)
      : width_(width), block_rows_(std::max<size_t>(kBlock / std::max<size_t>(width, 1), 1)) {}

  size_t width() const { return width_; }
  size_t rows() const { return rows_; }
  float* row(size_t i) { return blocks_[i / block_rows_].get() + i % block_rows_ * width_; }
  float* add() {
    if (rows_ % block_rows_ == 0)
      blocks_.push_back(std::make_unique<float[]>(block_rows_ * width_));
    return row(rows_++);
  }

  // Calls f(i, row) for each row in order, and gives its memory back after it.
  template <class F>
  void consume(const F& f) {
    for (size_t i = 0; i < rows_; ++i) {
      f(i, row(i));
      if ((i + 1) % block_rows_ == 0) blocks_[i / block_rows_].reset();
    }
    blocks_.clear(), rows_ = 0;
  }

 private:
  static constexpr size_t kBlock = size_t{1} << 18;  // floats
  size_t width_, block_rows_, rows_ = 0;
  std::vector<std::unique_ptr<float[]>> blocks_;
};

}  // namespace ravine
