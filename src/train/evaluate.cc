#include <algorithm>

#include "ravine/ops.h"
#include "ravine/option.h"
#include "ravine/run.h"
#include "train/bytes.h"
#include "train/fit.h"
#include "train/loss.h"
#include "train/metric.h"

namespace ravine {
namespace {

Loader in_order(const Dataset& data, int64_t batch) {
  return Loader(data, {.batch_size = std::min(batch, int64_t(data.size())), .shuffle = false});
}

}  // namespace

Scores evaluate(const Model& model, const Dataset& data, const EvaluateOptions& options) {
  TrainConfig ranges{.batch = options.batch};
  check_options("evaluate", list_options(ranges));
  check_suits(model, data);
  const Loss& loss = find_loss(options.loss, data);
  Meter meter(loss, data);
  for (const Batch& batch : in_order(data, options.batch)) {
    const Tensor outputs = model.predict(batch.x);
    meter.add(mean_loss(loss, outputs, batch.y).item(), outputs, batch.y);
  }
  return meter.scores();
}

Tensor predict(const Model& model, const Dataset& data, bool probabilities) {
  check_inputs(model, data);
  Tensor result;
  int64_t row = 0;
  for (const Batch& batch : in_order(data, EvaluateOptions{}.batch)) {
    Tensor outputs = model.predict(batch.x);
    if (probabilities) outputs = softmax(outputs);
    const int64_t width = outputs.size() / batch.size();
    if (!result.defined()) result = Tensor::empty({int64_t(data.size()), width}, outputs.dtype());
    const auto bytes = bytes_of(outputs);
    std::ranges::copy(bytes,
                      bytes_of(result).begin() + row * width * int64_t(size_of(outputs.dtype())));
    row += batch.size();
  }
  return result;
}

}  // namespace ravine
