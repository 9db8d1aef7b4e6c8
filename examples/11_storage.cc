// Fewer bits for parameters, gradients and averages: the loss that a training ends with.
//   example_11_storage [DATA [DIRECTORY [EPOCHS [SEEDS]]]]      digits by default
#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <vector>

#include "ravine/ravine.h"

namespace {

using namespace ravine;

float wide(BFloat16 x) { return std::bit_cast<float>(uint32_t{x.bits} << 16); }
BFloat16 narrow(float x) {  // to nearest
  const auto bits = std::bit_cast<uint32_t>(x);
  return {uint16_t((bits + 0x7FFF + (bits >> 16 & 1)) >> 16)};
}

// A model's parameters and gradients in bfloat16, beside the float32 that it computes with.
class Narrow {
 public:
  explicit Narrow(std::vector<Parameter> whole) : whole_(std::move(whole)) {
    for (const Parameter& p : whole_) {
      const auto* const value = static_cast<const float*>(p.value);
      values_.emplace_back(p.size);
      gradients_.emplace_back(p.size);
      std::transform(value, value + p.size, values_.back().begin(), narrow);
    }
    widen();
  }
  void add_to(Optimizer& optimizer) {
    for (size_t k = 0; k < whole_.size(); ++k) {
      optimizer.add(whole_[k].name, std::span(values_[k]),
                    std::span<const BFloat16>(gradients_[k]));
    }
  }
  void step(Optimizer& optimizer) {
    for (size_t k = 0; k < whole_.size(); ++k) {
      const auto* const g = static_cast<const float*>(whole_[k].gradient);
      std::transform(g, g + whole_[k].size, gradients_[k].begin(), narrow);
    }
    optimizer.step();
    widen();
  }

 private:
  void widen() {
    for (size_t k = 0; k < whole_.size(); ++k) {
      std::ranges::transform(values_[k], static_cast<float*>(whole_[k].value), wide);
    }
  }
  std::vector<Parameter> whole_;
  std::vector<std::vector<BFloat16>> values_, gradients_;
};

struct Storage {
  const char* name;
  bool narrow;  // parameters and gradients in bfloat16
  const char* options;
};
constexpr Storage kStorages[] = {
    {"float32", false, ""},
    {"slot bfloat16", false, ",storage=bfloat16"},
    {"slot 8bit", false, ",storage=8bit"},
    {"all bfloat16", true, ",storage=bfloat16"},
    {"bfloat16, slot 8bit", true, ",storage=8bit"},
    {"all bfloat16, correction", true, ",storage=bfloat16,correction=true"},
    {"all bfloat16, to nearest", true, ",storage=bfloat16,rounding=nearest"},
};

// The mean loss of the last epoch.
double final_loss(const Dataset& data, const Storage& storage, int epochs, uint64_t seed) {
  Model model("dense(128) relu dense(10)", {.input = data.example(), .seed = seed});
  Optimizer optimizer("rmsprop,lr=1e-3,alpha=0.99,rounding_seed=" + std::to_string(seed) +
                      storage.options);
  Narrow memory(storage.narrow ? model.parameters() : std::vector<Parameter>());
  storage.narrow ? memory.add_to(optimizer) : optimizer.add(model.parameters());
  Loader loader(data, {.batch_size = 128, .seed = seed});
  double mean = 0;
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    double sum = 0;
    int batches = 0;
    for (const Batch& batch : loader) {
      model.zero_grad();
      Tensor loss = cross_entropy(model(batch.x), batch.y);
      loss.backward();
      storage.narrow ? memory.step(optimizer) : void(optimizer.step());
      sum += loss.item(), ++batches;
    }
    mean = sum / batches;
  }
  return mean;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const char* const directory = argc > 2 ? argv[2] : "";
    const TrainTest data = load_data(argc > 1 ? argv[1] : "digits", {.dir = directory});
    const int epochs = argc > 3 ? std::atoi(argv[3]) : 2, seeds = argc > 4 ? std::atoi(argv[4]) : 2;
    std::printf("%-26s %8s %8s %8s   loss of epoch %d, %d seeds\n", "storage", "mean", "least",
                "most", epochs, seeds);
    double whole = 0, worst = 0;
    for (const Storage& storage : kStorages) {
      std::vector<double> losses;
      for (int seed = 1; seed <= seeds; ++seed) {
        losses.push_back(final_loss(data.train, storage, epochs, uint64_t(seed)));
      }
      double mean = 0;
      for (const double loss : losses) mean += loss / seeds;
      const auto [least, most] = std::ranges::minmax(losses);
      std::printf("%-26s %8.4f %8.4f %8.4f\n", storage.name, mean, least, most);
      if (whole == 0) whole = mean;
      if (&storage != std::end(kStorages) - 1) worst = std::max(worst, mean / whole);
    }
    return worst < 1.1 ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
