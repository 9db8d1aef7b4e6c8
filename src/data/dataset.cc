// A data set: rows that its views share, and the order in which each view sees them.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numeric>

#include "base/seeds.h"
#include "base/team.h"
#include "data/split.h"
#include "kernels/gather.h"
#include "ravine/data.h"
#include "ravine/error.h"
#include "ravine/random.h"
#include "tensor/body.h"

namespace ravine {

struct Dataset::Body {
  struct Rows {
    std::vector<uint8_t> pixels;  // or inputs
    Tensor inputs;
    Tensor targets;  // of regression
  };
  std::shared_ptr<const Rows> rows;
  Shape example;
  int64_t classes = 0, outputs = 0;
  std::vector<uint32_t> index;  // the row of each example
  std::vector<int32_t> labels;  // of each example
};

namespace {

constexpr size_t kGrain = 8;  // examples that a thread gathers at least
constexpr uint64_t kSplitStream = 0x5917;

Shape batch_shape(size_t n, const Shape& example) {
  std::array<int64_t, Shape::kMaxRank> dims{int64_t(n)};
  std::copy(example.begin(), example.end(), dims.begin() + 1);
  return Shape(std::span(dims).first(example.rank() + 1));
}

Shape without_batch(const Shape& shape) { return Shape(std::span(shape.begin() + 1, shape.end())); }

void check_rows(std::string_view what, const Tensor& rows) {
  if (!rows.defined() || rows.size() == 0) throw Error(fmt::format("data: the {} are empty", what));
  if (rows.shape().rank() == 0 || rows.dtype() == DType::kInt32) {
    throw Error(fmt::format("data: the {} must be float32 or float64 [n, ...], got {} {}", what,
                            name_of(rows.dtype()), rows.shape().text()));
  }
}

void check_labels(std::span<const int32_t> labels, int64_t examples, int64_t classes) {
  if (int64_t(labels.size()) != examples) {
    throw Error(fmt::format("data: {} examples but {} labels", examples, labels.size()));
  }
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0 || labels[i] >= classes) {
      throw Error(fmt::format("data: the label of example {} is {}, not in [0, {})", i, labels[i],
                              classes));
    }
  }
}

std::vector<uint32_t> every_row(int64_t n) {
  if (n > int64_t{UINT32_MAX}) {
    throw Error(fmt::format("data: {} examples are more than {}", n, UINT32_MAX));
  }
  std::vector<uint32_t> rows(static_cast<size_t>(n));
  std::iota(rows.begin(), rows.end(), 0u);
  return rows;
}

// Copies the rows index[chosen[i]] of `from` to row i of `to`.
// take(row, i) for the i-th of the chosen rows of `bytes` each. They lie anywhere: the lines of one
// are asked for while those before it are read.
template <class Byte, class F>
void each_row(const Byte* from, size_t bytes, std::span<const uint32_t> index,
              std::span<const uint32_t> chosen, const F& take) {
  static_assert(sizeof(Byte) == 1);
  constexpr size_t kAhead = 3, kLine = 64, kMost = 4096;
  parallel_ranges(chosen.size(), kGrain, [&](size_t begin, size_t end) {
    const auto row = [&](size_t i) { return from + index[chosen[i]] * bytes; };
    for (size_t i = begin; i < end; ++i) {
      if (i + kAhead < end) {
        const Byte* const next = row(i + kAhead);
        for (size_t k = 0; k < std::min(bytes, kMost); k += kLine) __builtin_prefetch(next + k);
      }
      take(row(i), i);
    }
  });
}

void copy_rows(const TensorBody& from, std::span<const uint32_t> index,
               std::span<const uint32_t> chosen, TensorBody& to) {
  const size_t bytes = from.bytes() / size_t(from.shape[0]);
  each_row(from.as<char>(), bytes, index, chosen,
           [&](const char* row, size_t i) { std::memcpy(to.as<char>() + i * bytes, row, bytes); });
}

}  // namespace

Dataset Dataset::images(std::vector<uint8_t> pixels, const Shape& example,
                        std::vector<int32_t> labels, int64_t classes) {
  const int64_t size = example.size();
  if (pixels.empty() || size == 0) throw Error("data: there are no images");
  if (example.rank() + 1 > Shape::kMaxRank || int64_t(pixels.size()) % size != 0) {
    throw Error(fmt::format("data: {} pixels are no whole number of images {}", pixels.size(),
                            example.text()));
  }
  const int64_t n = int64_t(pixels.size()) / size;
  check_labels(labels, n, classes);
  auto rows = std::make_shared<Body::Rows>();
  rows->pixels = std::move(pixels);
  Dataset data;
  data.body_ = std::make_shared<Body>(
      Body{std::move(rows), example, classes, classes, every_row(n), std::move(labels)});
  return data;
}

Dataset Dataset::table(const Tensor& inputs, std::vector<int32_t> labels, int64_t classes) {
  check_rows("inputs", inputs);
  check_labels(labels, inputs.shape()[0], classes);
  auto rows = std::make_shared<Body::Rows>(Body::Rows{.inputs = inputs.detach()});
  Dataset data;
  data.body_ =
      std::make_shared<Body>(Body{std::move(rows), without_batch(inputs.shape()), classes, classes,
                                  every_row(inputs.shape()[0]), std::move(labels)});
  return data;
}

Dataset Dataset::table(const Tensor& inputs, const Tensor& targets) {
  check_rows("inputs", inputs);
  check_rows("targets", targets);
  const int64_t n = inputs.shape()[0];
  if (targets.shape().rank() != 2 || targets.shape()[0] != n) {
    throw Error(fmt::format("data: the targets of {} examples must be [{}, k], got {}", n, n,
                            targets.shape().text()));
  }
  auto rows = std::make_shared<Body::Rows>(
      Body::Rows{.inputs = inputs.detach(), .targets = targets.detach()});
  Dataset data;
  data.body_ = std::make_shared<Body>(Body{
      std::move(rows), without_batch(inputs.shape()), 0, targets.shape()[1], every_row(n), {}});
  return data;
}

size_t Dataset::size() const { return body_ ? body_->index.size() : 0; }

const Shape& Dataset::example() const {
  static const Shape none;
  return body_ ? body_->example : none;
}

int64_t Dataset::classes() const { return body_ ? body_->classes : 0; }
int64_t Dataset::outputs() const { return body_ ? body_->outputs : 0; }
bool Dataset::has_pixels() const { return body_ && !body_->rows->pixels.empty(); }

const std::vector<int32_t>& Dataset::labels() const {
  static const std::vector<int32_t> none;
  return body_ ? body_->labels : none;
}

Dataset Dataset::select(std::span<const uint32_t> indices) const {
  if (indices.empty()) throw Error(fmt::format("data: no example of {} was selected", name));
  for (const uint32_t i : indices) {
    if (i >= size()) throw Error(fmt::format("data: no example {}; there are {}", i, size()));
  }
  Body view{body_->rows, body_->example, body_->classes, body_->outputs, {}, {}};
  view.index.reserve(indices.size());
  for (const uint32_t i : indices) view.index.push_back(body_->index[i]);
  if (!body_->labels.empty()) {
    view.labels.reserve(indices.size());
    for (const uint32_t i : indices) view.labels.push_back(body_->labels[i]);
  }
  Dataset data(*this);
  data.body_ = std::make_shared<Body>(std::move(view));
  return data;
}

void Dataset::gather(std::span<const uint32_t> indices, Tensor& x, Tensor& y) const {
  for (const uint32_t i : indices) {
    if (i >= size()) throw Error(fmt::format("data: no example {}; there are {}", i, size()));
  }
  x = y = Tensor();  // gives their memory back first, so that this batch may take it
  const Body::Rows* const rows = body_ ? body_->rows.get() : nullptr;
  if (rows == nullptr) throw Error("data: there are no examples to gather");
  const size_t n = indices.size(), width = size_t(body_->example.size());
  if (rows->inputs.defined()) {
    x = Tensor::empty(batch_shape(n, body_->example), rows->inputs.dtype());
    copy_rows(*rows->inputs.body(), body_->index, indices, *x.body());
  } else {
    x = Tensor::empty(batch_shape(n, body_->example));
    float* const out = x.body()->as<float>();
    each_row(rows->pixels.data(), width, body_->index, indices,
             [&](const uint8_t* row, size_t i) { bytes_to_unit(row, out + i * width, width); });
  }
  if (rows->targets.defined()) {
    y = Tensor::empty({int64_t(n), body_->outputs}, rows->targets.dtype());
    copy_rows(*rows->targets.body(), body_->index, indices, *y.body());
  } else {
    y = Tensor::empty({int64_t(n)}, DType::kInt32);
    int32_t* const out = y.body()->as<int32_t>();
    for (size_t i = 0; i < n; ++i) out[i] = body_->labels[indices[i]];
  }
}

SplitRows split_rows(size_t count, double share, uint64_t seed) {
  const double n = double(count);
  const double wanted = std::floor(share * n + 0.5);
  if (!(share > 0 && share < 1) || wanted < 1 || wanted > n - 1) {
    throw UsageError(
        fmt::format("data: the share held out must be in (0, 1) and leave an example on both "
                    "sides, got {} of {}",
                    share, count));
  }
  std::vector<uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0u);
  Random(seed, kSplitStream).shuffle(std::span(order));
  const auto cut = order.end() - ptrdiff_t(wanted);
  std::sort(order.begin(), cut);
  std::sort(cut, order.end());
  return {{order.begin(), cut}, {cut, order.end()}};
}

Split split(const Dataset& data, double share, uint64_t seed) {
  const SplitRows rows = split_rows(data.size(), share, derive_seed(seed, kHeldOutSeed));
  return {data.select(rows.rest), data.select(rows.held_out)};
}

}  // namespace ravine
