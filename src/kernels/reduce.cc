#include "kernels/reduce.h"

#include <algorithm>
#include <array>

#include "base/pool.h"
#include "base/team.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/reduce.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/choose.h"
#include "kernels/partial_sums.h"

HWY_BEFORE_NAMESPACE();
namespace ravine::HWY_NAMESPACE {

// At most one block.
float block_sum(const float* x, size_t n) {
  PartialSums sums;
  size_t i = 0;
  for (; i + kPartials <= n; i += kPartials) sums.add(x + i);
  if (i < n) {
    HWY_ALIGN float rest[kPartials] = {};
    std::copy(x + i, x + n, rest);
    sums.add(rest);
  }
  return sums.total();
}

void columns_sum(const float* x, size_t rows, size_t stride, size_t columns, float* y, bool add) {
  const hn::ScalableTag<float> d;
  const hn::CappedTag<float, 1> d1;
  const auto sum_at = [&](auto tag, size_t j) {
    auto total = add ? hn::LoadU(tag, y + j) : hn::Zero(tag);
    for (size_t i = 0; i < rows; ++i) total = hn::Add(total, hn::LoadU(tag, x + i * stride + j));
    hn::StoreU(total, tag, y + j);
  };
  size_t j = 0;
  for (; j + hn::Lanes(d) <= columns; j += hn::Lanes(d)) sum_at(d, j);
  for (; j < columns; ++j) sum_at(d1, j);
}

}  // namespace ravine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {

namespace kernels {

double sum(const float* x, size_t n) {
  constexpr size_t kBlock = 4096;
  const size_t blocks = (n + kBlock - 1) / kBlock;
  const Buffer<float> sums(blocks);
  parallel_ranges(blocks, 8, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      sums[i] = RAVINE_CHOOSE(block_sum)(x + i * kBlock, std::min(kBlock, n - i * kBlock));
    }
  });
  double total = 0;
  for (const float part : sums) total += part;
  return total;
}

double sum(const double* x, size_t n) {
  double total = 0;
  for (size_t i = 0; i < n; ++i) total += x[i];
  return total;
}

void sum_rows(const float* x, size_t rows, size_t columns, float* y, bool add) {
  const size_t grain = std::max<size_t>(64, 65536 / (rows + 1) / 64 * 64);
  parallel_ranges(columns, grain, [&](size_t begin, size_t end) {
    RAVINE_CHOOSE(columns_sum)(x + begin, rows, columns, end - begin, y + begin, add);
  });
}

void sum_rows(const double* x, size_t rows, size_t columns, double* y, bool add) {
  if (!add) std::fill_n(y, columns, 0);
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < columns; ++j) y[j] += x[i * columns + j];
  }
}

}  // namespace kernels
}  // namespace ravine
#endif
