// Losses: the mean over the examples. The gradient is computed on the way.
#include <fmt/format.h>

#include <algorithm>

#include "autograd/tape.h"
#include "kernels/elementwise.h"
#include "kernels/reduce.h"
#include "kernels/softmax.h"
#include "ravine/error.h"
#include "ravine/ops.h"

namespace ravine {
namespace {

void check_classes(const TensorBody& labels, int64_t classes) {
  const int32_t* const label = labels.as<int32_t>();
  for (size_t i = 0; i < labels.size(); ++i) {
    if (label[i] < 0 || label[i] >= classes) {
      throw Error(
          fmt::format("labels: row {} has {}, a label must be in [0, {})", i, label[i], classes));
    }
  }
}

// [n] of int32 for logits [n, classes], or their shape and dtype.
void check_labels(const char* what, const Tensor& logits, const Tensor& labels) {
  const Shape& shape = logits.shape();
  const bool right = labels.dtype() == DType::kInt32
                         ? shape.rank() == 2 && labels.shape() == Shape{shape[0]}
                         : shape.rank() == 2 && labels.shape() == shape;
  if (!right) {
    throw Error(
        fmt::format("{}: {} {} do not fit labels {} {}; they are [n, classes] and int32 [n], "
                    "or one-hot [n, classes]",
                    what, name_of(logits.dtype()), shape.text(), name_of(labels.dtype()),
                    labels.shape().text()));
  }
  if (labels.dtype() == DType::kInt32) return check_classes(*labels.body(), shape[1]);
  check_same_dtype(what, logits, labels);
}

template <class T>
void check_shares(const char* what, const T* targets, size_t size) {
  const auto no_share = [](T target) { return !(target >= 0 && target <= 1); };
  const T* const found = std::find_if(targets, targets + size, no_share);
  if (found == targets + size) return;
  throw Error(fmt::format("{}: target {} is {}, and must be in [0, 1]", what, found - targets,
                          double(*found)));
}

void check_not_empty(const char* what, const Tensor& x) {
  if (x.size() == 0)
    throw Error(fmt::format("{}: there is no mean over {}", what, x.shape().text()));
}

// The mean of `losses`, whose gradient in x, times their number, is `slope`, and in the target what
// `target_back(scale)` adds.
template <class F>
Tensor mean_of(Tensor losses, Tensor slope, const Tensor& x, const Tensor& target, F target_back) {
  Tensor result = Tensor::empty({}, x.dtype());
  const double count = double(losses.size());
  with_floating(x.dtype(), [&]<class T>(T) {
    *result.body()->as<T>() =
        T(kernels::sum(losses.body()->as<T>(), losses.body()->size()) / count);
  });
  const bool learn_target = target.dtype() != DType::kInt32 && target.needs_grad();
  return record(std::move(result), {x, learn_target ? target : Tensor()},
                [slope, count, target_back](TensorBody& out, Inputs in) {
                  with_floating(out.dtype, [&]<class T>(T) {
                    const double scale = double(*out.grad->as<T>()) / count;
                    if (wants(in[0])) {
                      const Gradient<T> dx(*in[0]);
                      kernels::axpy(T(scale), slope.body()->as<T>(), dx.data, in[0]->size(),
                                    dx.add);
                    }
                    if (wants(in[1])) {
                      const Gradient<T> dt(*in[1]);
                      target_back(T(-scale), *in[0], dt);
                    }
                  });
                });
}

}  // namespace

Tensor cross_entropy(const Tensor& logits, const Tensor& labels) {
  check_labels("cross_entropy", logits, labels);
  check_not_empty("cross_entropy", logits);
  const size_t rows = size_t(logits.shape()[0]), columns = size_t(logits.shape()[1]);
  Tensor losses = Tensor::empty({int64_t(rows)}, logits.dtype()), slope = like(logits);
  with_floating(logits.dtype(), [&]<class T>(T) {
    kernels::Targets<T> targets{nullptr, nullptr};
    if (labels.dtype() == DType::kInt32) {
      targets.classes = labels.body()->as<int32_t>();
    } else {
      targets.shares = labels.body()->as<T>();
    }
    kernels::cross_entropy(logits.body()->as<T>(), targets, losses.body()->as<T>(),
                           slope.body()->as<T>(), rows, columns);
  });
  // d loss / d share = -log softmax.
  return mean_of(losses, slope, logits, labels,
                 [rows, columns]<class T>(T scale, const TensorBody& x, const Gradient<T>& dt) {
                   const Buffer<T> log_p(rows * columns);
                   kernels::softmax(x.as<T>(), log_p.data(), rows, columns, true);
                   kernels::axpy(scale, log_p.data(), dt.data, rows * columns, dt.add);
                 });
}

Tensor mean_squared_error(const Tensor& prediction, const Tensor& target) {
  check_same_shape("mean_squared_error", prediction, target);
  check_not_empty("mean_squared_error", prediction);
  return mean(square(prediction - target));
}

Tensor binary_cross_entropy(const Tensor& logits, const Tensor& target) {
  check_same_dtype("binary_cross_entropy", logits, target);
  check_same_shape("binary_cross_entropy", logits, target);
  check_not_empty("binary_cross_entropy", logits);
  Tensor losses = like(logits), slope = like(logits);
  with_floating(logits.dtype(), [&]<class T>(T) {
    check_shares("binary_cross_entropy", target.body()->as<T>(), target.body()->size());
    kernels::logistic_loss(logits.body()->as<T>(), target.body()->as<T>(), losses.body()->as<T>(),
                           slope.body()->as<T>(), logits.body()->size());
  });
  // d loss / d target = -logit.
  return mean_of(losses, slope, logits, target,
                 []<class T>(T scale, const TensorBody& x, const Gradient<T>& dt) {
                   kernels::axpy(scale, x.as<T>(), dt.data, x.size(), dt.add);
                 });
}

int64_t count_correct(const Tensor& scores, const Tensor& labels) {
  check_labels("count_correct", scores, labels);
  const size_t rows = size_t(scores.shape()[0]), columns = size_t(scores.shape()[1]);
  int64_t correct = 0;
  with_floating(scores.dtype(), [&]<class T>(T) {
    // The first of the largest; NaN is larger than nothing and nothing is larger than NaN.
    const auto is_largest = [columns](const T* row, size_t at) {
      for (size_t j = 0; j < columns; ++j) {
        if (!(j < at ? row[j] < row[at] : row[j] <= row[at])) return false;
      }
      return true;
    };
    for (size_t i = 0; i < rows; ++i) {
      const T* const row = scores.body()->as<T>() + i * columns;
      size_t label = 0;
      if (labels.dtype() == DType::kInt32) {
        label = size_t(labels.body()->as<int32_t>()[i]);
      } else {
        const T* const share = labels.body()->as<T>() + i * columns;
        while (label + 1 < columns && !is_largest(share, label)) ++label;
      }
      correct += columns > 0 && is_largest(row, label);
    }
  });
  return correct;
}

}  // namespace ravine
