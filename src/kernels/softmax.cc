#include "kernels/softmax.h"

#include <algorithm>
#include <limits>

#include "base/team.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/softmax.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/choose.h"
#include "kernels/partial_sums.h"
#include "kernels/vector_math.h"

HWY_BEFORE_NAMESPACE();
namespace ravine::HWY_NAMESPACE {

using kernels::Targets;

constexpr Lanes16 kLanes;

// A row cut into sixteens, the last one filled up with `padding`.
template <class F>
HWY_INLINE void for_sixteens(const float* x, size_t n, float padding, const F& f) {
  size_t at = 0;
  for (; at + kPartials <= n; at += kPartials) f(x + at, at, kPartials);
  if (at == n) return;
  HWY_ALIGN float rest[kPartials];
  std::fill(std::copy(x + at, x + n, rest), rest + kPartials, padding);
  f(rest, at, n - at);
}

HWY_INLINE float largest(const float* x, size_t n) {
  constexpr float kLowest = -std::numeric_limits<float>::infinity();
  auto most = hn::Set(kLanes, kLowest);
  for_sixteens(x, n, kLowest, [&](const float* part, size_t, size_t) {
    for (size_t v = 0; v < kPartials; v += hn::Lanes(kLanes)) {
      most = hn::Max(most, hn::LoadU(kLanes, part + v));
    }
  });
  return hn::GetLane(hn::MaxOfLanes(kLanes, most));
}

// e = exp(x - most); the sum of a row of them.
HWY_INLINE float exponentials(const float* x, float* e, size_t n, float most) {
  PartialSums sums;
  for_sixteens(x, n, -std::numeric_limits<float>::infinity(),
               [&](const float* part, size_t at, size_t count) {
                 HWY_ALIGN float values[kPartials];
                 for (size_t v = 0; v < kVectors; ++v) {
                   const size_t i = v * hn::Lanes(kLanes);
                   const auto value =
                       exp(kLanes, hn::Sub(hn::LoadU(kLanes, part + i), hn::Set(kLanes, most)));
                   sums.add(v, value);
                   hn::StoreU(value, kLanes, values + i);
                 }
                 std::copy_n(values, count, e + at);
               });
  return sums.total();
}

HWY_INLINE float log_of(float x) {
  const hn::CappedTag<float, 1> d;
  return hn::GetLane(log(d, hn::Set(d, x)));
}

void run_softmax(const float* x, float* y, size_t rows, size_t columns, bool take_log) {
  for (size_t i = 0; i < rows; ++i, x += columns, y += columns) {
    const float most = largest(x, columns);
    if (!take_log) {
      const float total = exponentials(x, y, columns, most);
      for (size_t j = 0; j < columns; ++j) y[j] /= total;
      continue;
    }
    PartialSums sums;
    for_sixteens(x, columns, -std::numeric_limits<float>::infinity(),
                 [&](const float* part, size_t, size_t) {
                   for (size_t v = 0; v < kVectors; ++v) {
                     const auto values = hn::LoadU(kLanes, part + v * hn::Lanes(kLanes));
                     sums.add(v, exp(kLanes, hn::Sub(values, hn::Set(kLanes, most))));
                   }
                 });
    const float log_total = log_of(sums.total());
    for (size_t j = 0; j < columns; ++j) y[j] = (x[j] - most) - log_total;
  }
}

// The sum of dy, or of dy y.
HWY_INLINE float dot_or_sum(const float* dy, const float* y, size_t n, bool product) {
  PartialSums sums;
  for (size_t at = 0; at < n; at += kPartials) {
    HWY_ALIGN float values[kPartials] = {};
    for (size_t i = at; i < std::min(n, at + kPartials); ++i) {
      values[i - at] = product ? dy[i] * y[i] : dy[i];
    }
    sums.add(values);
  }
  return sums.total();
}

void run_softmax_back(const float* y, const float* dy, float* dx, size_t rows, size_t columns,
                      bool take_log, bool add) {
  const hn::ScalableTag<float> d;
  const hn::CappedTag<float, 1> d1;
  for (size_t i = 0; i < rows; ++i, y += columns, dy += columns, dx += columns) {
    const float total = dot_or_sum(dy, y, columns, !take_log);
    const auto apply = [&](auto tag, size_t j) {
      const auto vy = hn::LoadU(tag, y + j), vdy = hn::LoadU(tag, dy + j);
      const auto vt = hn::Set(tag, total);
      const auto change =
          take_log ? hn::Sub(vdy, hn::Mul(exp(tag, vy), vt)) : hn::Mul(vy, hn::Sub(vdy, vt));
      hn::StoreU(add ? hn::Add(hn::LoadU(tag, dx + j), change) : change, tag, dx + j);
    };
    size_t j = 0;
    for (; j + hn::Lanes(d) <= columns; j += hn::Lanes(d)) apply(d, j);
    for (; j < columns; ++j) apply(d1, j);
  }
}

void run_cross_entropy(const float* x, Targets<float> targets, size_t first, float* loss,
                       float* slope, size_t rows, size_t columns) {
  for (size_t i = first; i < first + rows; ++i) {
    const float* const row = x + i * columns;
    float* const p = slope + i * columns;
    const float most = largest(row, columns);
    const float total = exponentials(row, p, columns, most);
    const float log_total = log_of(total);
    for (size_t j = 0; j < columns; ++j) p[j] /= total;
    if (targets.classes != nullptr) {
      const int32_t right = targets.classes[i];
      loss[i] = log_total - (row[right] - most);
      p[right] -= 1;
      continue;
    }
    const float* const share = targets.shares + i * columns;
    const float shares = dot_or_sum(share, share, columns, false);
    float row_loss = 0;
    for (size_t j = 0; j < columns; ++j) {
      if (share[j] != 0) row_loss += share[j] * (log_total - (row[j] - most));
      p[j] = shares * p[j] - share[j];
    }
    loss[i] = row_loss;
  }
}

void run_logistic_loss(const float* x, const float* target, float* loss, float* slope, size_t n) {
  const hn::ScalableTag<float> d;
  const hn::CappedTag<float, 1> d1;
  const auto apply = [&](auto tag, size_t i) {
    const auto vx = hn::LoadU(tag, x + i), t = hn::LoadU(tag, target + i), zero = hn::Zero(tag);
    const auto positive = hn::IfThenElse(hn::Lt(vx, zero), zero, vx);
    const auto tail = log1p_of_unit(tag, exp(tag, hn::Neg(hn::Abs(vx))));
    hn::StoreU(hn::Add(hn::Sub(positive, hn::Mul(vx, t)), tail), tag, loss + i);
    hn::StoreU(hn::Sub(sigmoid(tag, vx), t), tag, slope + i);
  };
  size_t i = 0;
  for (; i + hn::Lanes(d) <= n; i += hn::Lanes(d)) apply(d, i);
  for (; i < n; ++i) apply(d1, i);
}

}  // namespace ravine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {

namespace kernels {
namespace {

// Calls f(first row, rows) where a share of the work is worth a thread.
template <class F>
void for_rows(size_t rows, size_t columns, const F& f) {
  if (columns == 0) return;
  const size_t grain = std::max<size_t>(1, 8192 / columns);
  parallel_ranges(rows, grain, [&](size_t begin, size_t end) { f(begin, end - begin); });
}

}  // namespace

void softmax(const float* x, float* y, size_t rows, size_t columns, bool log) {
  for_rows(rows, columns, [&](size_t row, size_t count) {
    const size_t at = row * columns;
    RAVINE_CHOOSE(run_softmax)(x + at, y + at, count, columns, log);
  });
}

void softmax_back(const float* y, const float* dy, float* dx, size_t rows, size_t columns, bool log,
                  bool add) {
  for_rows(rows, columns, [&](size_t row, size_t count) {
    const size_t at = row * columns;
    RAVINE_CHOOSE(run_softmax_back)(y + at, dy + at, dx + at, count, columns, log, add);
  });
}

void cross_entropy(const float* x, Targets<float> targets, float* loss, float* slope, size_t rows,
                   size_t columns) {
  for_rows(rows, columns, [&](size_t row, size_t count) {
    RAVINE_CHOOSE(run_cross_entropy)(x, targets, row, loss, slope, count, columns);
  });
}

void logistic_loss(const float* x, const float* target, float* loss, float* slope, size_t n) {
  for_rows(n, 1, [&](size_t at, size_t count) {
    RAVINE_CHOOSE(run_logistic_loss)(x + at, target + at, loss + at, slope + at, count);
  });
}

}  // namespace kernels
}  // namespace ravine
#endif
