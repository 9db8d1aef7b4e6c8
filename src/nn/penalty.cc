#include "nn/penalty.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "autograd/tape.h"
#include "base/pool.h"
#include "base/team.h"
#include "ravine/error.h"

namespace ravine {
namespace {

constexpr size_t kBlock = 4096;  // elements; sums are cut here, whatever the number of threads
constexpr size_t kLanes = 8;     // partial sums of a block

template <class T>
double block_penalty(const T* w, size_t count, double l1, double half_l2) {
  double sums[kLanes] = {};
  const size_t whole = count / kLanes * kLanes;
  for (size_t i = 0; i < whole; i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) {
      const double x = w[i + lane];
      sums[lane] += (half_l2 * x) * x + l1 * std::fabs(x);
    }
  }
  for (size_t i = whole; i < count; ++i) {
    const double x = w[i];
    sums[i - whole] += (half_l2 * x) * x + l1 * std::fabs(x);
  }
  double sum = 0;
  for (const double lane : sums) sum += lane;
  return sum;
}

template <class T>
double sum_penalty(std::span<const T> w, double l1, double l2) {
  const size_t blocks = (w.size() + kBlock - 1) / kBlock;
  const Buffer<double> sums(blocks);
  parallel_for(blocks, [&](size_t block) {
    const size_t begin = block * kBlock, count = std::min(kBlock, w.size() - begin);
    sums[block] = block_penalty(w.data() + begin, count, l1, l2 / 2);
  });
  double sum = 0;
  for (const double part : sums) sum += part;
  return sum;
}

// data = (add ? data : 0) + scale (l2 w + l1 sign w)
template <class T>
void add_slope(const Gradient<T>& gradient, const T* w, size_t size, T l1, T l2) {
  parallel_ranges(size, kBlock, [&](size_t begin, size_t end) {
    T* const data = gradient.data;
    const auto slope = [&](size_t i) { return l2 * w[i] + l1 * T((w[i] > 0) - (w[i] < 0)); };
    if (gradient.add) {
      for (size_t i = begin; i < end; ++i) data[i] += slope(i);
    } else {
      for (size_t i = begin; i < end; ++i) data[i] = slope(i);
    }
  });
}

// `before`, if any, plus the penalty of one weight.
template <class T>
Tensor add_penalty(const Tensor& before, const Tensor& weight, double l1, double l2) {
  const double sum = sum_penalty(std::span<const T>(weight.values<T>()), l1, l2);
  Tensor result = Tensor::full({}, sum + (before.defined() ? before.item() : 0), weight.dtype());
  return record(result, {before, weight}, [l1, l2](TensorBody& out, Inputs in) {
    const T slope = *out.grad->as<T>();
    if (wants(in[0])) {
      const Gradient<T> gradient(*in[0]);
      *gradient.data = (gradient.add ? *gradient.data : 0) + slope;
    }
    if (!wants(in[1])) return;
    const double scale = slope;
    add_slope(Gradient<T>(*in[1]), in[1]->as<T>(), in[1]->size(), T(scale * l1), T(scale * l2));
  });
}

void check(const char* name, double value) {
  if (value >= 0 && std::isfinite(value)) return;
  throw UsageError(fmt::format("penalty: {} must be >= 0 and finite, got {}", name, value));
}

}  // namespace

Tensor penalty(std::span<const Tensor> weights, double l1, double l2) {
  check("l1", l1);
  check("l2", l2);
  Tensor sum;
  if (l1 == 0 && l2 == 0) return sum;
  for (const Tensor& weight : weights) {
    sum = weight.dtype() == DType::kFloat64 ? add_penalty<double>(sum, weight, l1, l2)
                                            : add_penalty<float>(sum, weight, l1, l2);
  }
  return sum.defined() ? sum : Tensor::zeros({});
}

}  // namespace ravine
