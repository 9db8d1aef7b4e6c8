// Data sets in memory, and loaders that make batches of them.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ravine/tensor.h"

namespace ravine {

// Examples in memory: inputs of one shape, and a label (a class) each or targets (numbers).
// A copy shares the memory.
class Dataset {
 public:
  Dataset() = default;
  // Grey or coloured pixels, a byte each, that batches hold divided by 255, each quotient correctly
  // rounded. `labels` in [0, classes). Throws Error: empty, sizes that do not fit, a label out of
  // range.
  static Dataset images(std::vector<uint8_t> pixels, const Shape& example,
                        std::vector<int32_t> labels, int64_t classes);
  // Classification and regression of numbers: inputs [n, ...], labels or targets [n, k].
  static Dataset table(const Tensor& inputs, std::vector<int32_t> labels, int64_t classes);
  static Dataset table(const Tensor& inputs, const Tensor& targets);

  size_t size() const;
  const Shape& example() const;  // shape of one input
  int64_t classes() const;       // 0: regression
  int64_t outputs() const;       // classes, or the width of the targets
  bool has_pixels() const;       // whether the inputs are images()
  const std::vector<int32_t>& labels() const;
  std::string name;                      // "mnist"
  std::vector<std::string> class_names;  // may be empty
  std::string label_name;                // "quality"; may be empty
  // A target y of a regression stands for target_offset + target_scale y in the data's own unit, in
  // which errors are told.
  double target_offset = 0, target_scale = 1;

  Dataset select(std::span<const uint32_t> indices) const;  // a view of those examples
  // Gathers the examples at `indices` into x [n, example...] and y (int32 [n], or float [n, k]).
  void gather(std::span<const uint32_t> indices, Tensor& x, Tensor& y) const;

 private:
  struct Body;
  std::shared_ptr<const Body> body_;
};

struct Preparation;  // ravine/table.h

struct TrainTest {
  Dataset train, test;
  std::shared_ptr<const Preparation> preparation;  // how a table's rows became numbers, else null
};

struct DataOptions {
  uint64_t seed = 0;            // of generated data
  std::filesystem::path dir;    // holds the set's files; nothing else is tried then
  std::filesystem::path root;   // else folders of sets are looked for here, if not empty ...
  std::filesystem::path cache;  // ... and here; where download() puts them
};

// "digits" (drawn by a generator, nothing to download), "mnist", "fashion-mnist".
// Throws UsageError on another name, Error where a file is missing (and says which to put where)
// or damaged.
TrainTest load_data(std::string_view name, const DataOptions& options = {});
std::vector<std::string> dataset_names();
std::vector<std::string> dataset_classes(std::string_view name);  // UsageError as above

// Splits off a share in (0, 1) of the examples, chosen by seed: first the rest, then the share. It
// is what fit() holds out for validation with the same seed.
struct Split {
  Dataset rest, held_out;
};
Split split(const Dataset& data, double share, uint64_t seed);

// Fetches a published set into options.cache / name: the first mirror that serves the right bytes.
// `progress` is told of each file. Throws Error when none does, and says what to put where.
void download(std::string_view name, const DataOptions& options,
              const std::function<void(std::string_view)>& progress = {});

struct LoaderOptions {
  int64_t batch_size = 32;
  bool shuffle = true;     // reshuffled every epoch from `seed` and the epoch number
  bool drop_last = false;  // keep the short final batch
  uint64_t seed = 0;       // fit() with the same seed gets the same batches
};

struct Batch {
  Tensor x;  // [n, example...]
  Tensor y;  // int32 [n], or float [n, k]
  int64_t size() const { return x.shape()[0]; }
};

// Where a loader stands: the next batch to give. Plain numbers, to be saved.
struct LoaderPosition {
  int64_t epoch = 0, batch = 0;
};

// Batches of a data set: those of an epoch for each range-for, or as many as asked for.
//   Loader loader(mnist.train, {.batch_size = 64});
//   for (const Batch& batch : loader) model(batch.x);
//   for (const Batch& batch : loader.steps(1000)) model(batch.x);  // goes on into further epochs
// The memory of a batch is reused by the next one, unless somebody still holds it. After a break or
// a restore a range-for gives the rest of the epoch.
class Loader {
 public:
  explicit Loader(Dataset data, const LoaderOptions& options = {});  // UsageError: batch size
  ~Loader();
  Loader(Loader&&) noexcept;
  Loader& operator=(Loader&&) noexcept;

  int64_t batches() const;  // an epoch's
  const LoaderOptions& options() const;
  LoaderPosition position() const;
  void restore(const LoaderPosition& position);

  // The next batch of the current epoch, or nullptr at its end; then the next epoch begins.
  const Batch* next();

  class Iterator {
   public:
    Iterator(Loader* loader, int64_t steps) : loader_(loader), steps_(steps) { ++*this; }
    Iterator() = default;
    const Batch& operator*() const { return *batch_; }
    Iterator& operator++() {
      batch_ = steps_ == 0 ? nullptr : loader_->next();
      if (steps_ > 0) {
        if (batch_ == nullptr) batch_ = loader_->next();  // of the next epoch
        --steps_;
      }
      return *this;
    }
    bool operator!=(const Iterator&) const { return batch_ != nullptr; }

   private:
    Loader* loader_ = nullptr;
    int64_t steps_ = 0;  // batches to come; -1: those of the epoch
    const Batch* batch_ = nullptr;
  };
  Iterator begin() { return Iterator(this, -1); }
  Iterator end() { return Iterator(); }

  struct Steps {
    Loader* loader;
    int64_t count;
    Iterator begin() const { return Iterator(loader, count); }
    Iterator end() const { return Iterator(); }
  };
  Steps steps(int64_t count) { return {this, count < 0 ? 0 : count}; }

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace ravine
