// Batches in the order of (seed, epoch), gathered whole by the team.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "base/seeds.h"
#include "ravine/data.h"
#include "ravine/error.h"
#include "ravine/random.h"

namespace ravine {

struct Loader::Body {
  Dataset data;
  LoaderOptions options;
  LoaderPosition position;
  int64_t batches = 0;
  int64_t ordered_epoch = -1;  // whose order `order` holds
  std::vector<uint32_t> order;
  Batch batch;

  void put_in_order() {
    if (ordered_epoch == position.epoch || (!options.shuffle && ordered_epoch >= 0)) return;
    std::iota(order.begin(), order.end(), 0u);
    if (options.shuffle) {
      Random(derive_seed(options.seed, kOrderSeed), uint64_t(position.epoch))
          .shuffle(std::span(order));
    }
    ordered_epoch = position.epoch;
  }
};

Loader::Loader(Dataset data, const LoaderOptions& options) {
  if (data.size() == 0) throw Error("loader: the data are empty");
  if (options.batch_size < 1 || uint64_t(options.batch_size) > data.size()) {
    throw UsageError(
        fmt::format("loader: batch size must be from 1 to the {} examples there are, got {}",
                    data.size(), options.batch_size));
  }
  const int64_t n = int64_t(data.size());
  body_ = std::make_unique<Body>(Body{.data = std::move(data), .options = options});
  body_->batches = (n + (options.drop_last ? 0 : options.batch_size - 1)) / options.batch_size;
  body_->order.resize(size_t(n));
}

Loader::~Loader() = default;
Loader::Loader(Loader&&) noexcept = default;
Loader& Loader::operator=(Loader&&) noexcept = default;

int64_t Loader::batches() const { return body_->batches; }
const LoaderOptions& Loader::options() const { return body_->options; }
LoaderPosition Loader::position() const { return body_->position; }

void Loader::restore(const LoaderPosition& position) {
  if (position.epoch < 0 || position.batch < 0 || position.batch > body_->batches) {
    throw Error(
        fmt::format("loader: epoch {}, batch {} is not a position among {} batches an epoch",
                    position.epoch, position.batch, body_->batches));
  }
  body_->position = position;
}

const Batch* Loader::next() {
  Body& b = *body_;
  if (b.position.batch == b.batches) {
    b.position = {b.position.epoch + 1, 0};
    return nullptr;
  }
  b.put_in_order();
  const size_t begin = size_t(b.position.batch * b.options.batch_size);
  const size_t count = std::min(size_t(b.options.batch_size), b.order.size() - begin);
  b.data.gather(std::span(b.order).subspan(begin, count), b.batch.x, b.batch.y);
  ++b.position.batch;
  return &b.batch;
}

}  // namespace ravine
