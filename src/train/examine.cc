#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include "ravine/runtime.h"
#include "train/results.h"

namespace ravine {
namespace {

constexpr size_t kShown = 24, kSampled = 500;
constexpr int64_t kLargestImage = 64 * 64;

// The model's predictions as double: [n, outputs].
std::vector<double> predictions_of(const Model& model, const Dataset& data, const Loss& loss) {
  return loss.prediction(predict(model, data)).to_vector();
}

// Keeps the kShown of highest badness, highest first; of equal ones the first.
template <class T, class Badness>
void keep_worst(std::vector<T>& all, const Badness& badness) {
  const auto bad = [&](const T& one) {
    const double value = badness(one);
    return std::isnan(value) ? std::numeric_limits<double>::infinity() : value;
  };
  std::ranges::stable_sort(all, std::greater(), bad);
  all.resize(std::min(all.size(), kShown));
}

void examine_labels(const std::vector<double>& predictions, const Dataset& data, Examined& result) {
  const size_t classes = size_t(data.classes());
  std::map<std::pair<int64_t, int64_t>, int64_t> counts;
  for (size_t i = 0; i < data.size(); ++i) {
    const auto row = predictions.begin() + ptrdiff_t(i * classes);
    const int64_t predicted = std::max_element(row, row + ptrdiff_t(classes)) - row;
    const int64_t label = data.labels()[i];
    ++counts[{label, predicted}];
    if (predicted != label) {
      result.mistakes.push_back({int64_t(i), label, predicted, row[predicted], row[label]});
    }
  }
  for (const auto& [pair, count] : counts) {
    result.confusion.push_back({pair.first, pair.second, count});
  }
  keep_worst(result.mistakes, [](const Mistake& m) { return m.score; });
}

void examine_targets(const std::vector<double>& predictions, const Dataset& data,
                     Examined& result) {
  std::vector<uint32_t> all(data.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = uint32_t(i);
  Tensor x, y;
  data.gather(all, x, y);
  const std::vector<double> targets = y.to_vector();
  const size_t outputs = size_t(data.outputs());
  for (size_t i = 0; i < targets.size(); ++i) {
    const auto in_unit = [&](double output) {
      return data.target_offset + data.target_scale * output;
    };
    result.worst.push_back(
        {int64_t(i / outputs), int64_t(i % outputs), in_unit(targets[i]), in_unit(predictions[i])});
  }
  const size_t every = (targets.size() + kSampled - 1) / kSampled;
  for (size_t i = 0; i < targets.size(); i += every) result.sample.push_back(result.worst[i]);
  keep_worst(result.worst, [](const Residual& r) { return std::fabs(r.prediction - r.target); });
}

// Grey images that are small enough to be drawn.
void take_pixels(const Dataset& data, Examined& result) {
  const Shape& shape = data.example();
  if (!data.has_pixels() || shape.rank() != 2 || shape.size() > kLargestImage) return;
  result.image = shape.vector();
  for (Mistake& mistake : result.mistakes) {
    const uint32_t index = uint32_t(mistake.example);
    Tensor x, y;
    data.gather({&index, 1}, x, y);
    for (const float value : x.values<float>()) {
      mistake.pixels.push_back(uint8_t(std::lround(value * 255)));
    }
  }
}

}  // namespace

Examined examine(const Model& model, const Dataset& data, std::string_view set, const Loss& loss) {
  Examined result{.set = std::string(set), .examples = int64_t(data.size())};
  const std::vector<double> predictions = predictions_of(model, data, loss);
  if (data.classes() > 0) {
    examine_labels(predictions, data, result);
    take_pixels(data, result);
  } else {
    examine_targets(predictions, data, result);
  }
  return result;
}

Results begin_results(const Model& model, const Dataset& train, const Dataset& validation,
                      const Dataset& test) {
  Results results{.version = version(),
                  .isa = isa(),
                  .data = train.name,
                  .train = int64_t(train.size()),
                  .validation = int64_t(validation.size()),
                  .test = int64_t(test.size()),
                  .label = train.label_name,
                  .target_scale = train.target_scale,
                  .classes = train.class_names,
                  .input = model.input().vector(),
                  .layers = model.summary()};
  for (int64_t i = int64_t(results.classes.size()); i < train.classes(); ++i) {
    results.classes.push_back(fmt::format("{}", i));
  }
  return results;
}

}  // namespace ravine
