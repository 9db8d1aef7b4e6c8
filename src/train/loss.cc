#include "train/loss.h"

#include <fmt/format.h>

#include "base/text.h"
#include "ravine/error.h"
#include "ravine/ops.h"
#include "ravine/train.h"

namespace ravine {
namespace {

Tensor identity(const Tensor& x) { return x; }

constexpr Loss kLosses[] = {
    {"cross_entropy", "-log softmax(outputs)[label]", true, cross_entropy, softmax, true},
    {"mean_squared_error", "(output - target)^2", false, mean_squared_error, identity, false},
    {"binary_cross_entropy", "-log sigmoid of outputs, targets in [0, 1]", false,
     binary_cross_entropy, sigmoid, true},
};

template <class T>
Tensor one_hot(std::span<const int32_t> labels, const Tensor& like) {
  Tensor result = Tensor::zeros(like.shape(), like.dtype());
  const auto values = result.values<T>();
  const int64_t classes = like.shape()[1];
  for (size_t i = 0; i < labels.size(); ++i) values[i * classes + labels[i]] = 1;
  return result;
}

}  // namespace

std::span<const Loss> losses() { return kLosses; }

std::vector<std::string> loss_names() {
  std::vector<std::string> names;
  for (const Loss& loss : kLosses) names.emplace_back(loss.name);
  return names;
}

const Loss& find_loss(std::string_view name, const Dataset& data) {
  return find_loss(name, data.classes() > 0);
}

const Loss& find_loss(std::string_view name, bool labels) {
  for (const Loss& loss : kLosses) {
    if (name == "auto" && (labels || !loss.labels_only)) return loss;
    if (name != loss.name) continue;
    if (loss.labels_only && !labels) {
      throw UsageError(
          fmt::format("loss {} needs labels, and the data have targets; "
                      "mean_squared_error takes these",
                      name));
    }
    return loss;
  }
  const auto names = loss_names();
  throw UsageError(fmt::format("no loss '{}'{} (there are auto, {})", name, suggestion(name, names),
                               join(names, ", ")));
}

Tensor mean_loss(const Loss& loss, const Tensor& outputs, const Tensor& y) {
  if (loss.labels_only || y.dtype() != DType::kInt32) return loss.mean(outputs, y);
  const auto labels = y.values<int32_t>();
  return loss.mean(outputs, outputs.dtype() == DType::kFloat32 ? one_hot<float>(labels, outputs)
                                                               : one_hot<double>(labels, outputs));
}

}  // namespace ravine
