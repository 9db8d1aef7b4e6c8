// Trains with batches of several sizes and prints a line for each: a hash of its losses, a hash of
// its parameters. The last line is a hash of the C library's exp, which is a control.
//   determinism_run THREADS [ISA]
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "ravine/ravine.h"

namespace {

using namespace ravine;

class Hash {  // FNV-1a
 public:
  template <class T>
  void add(const T* values, size_t size) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(values);
    for (size_t i = 0; i < size * sizeof(T); ++i) value_ = (value_ ^ bytes[i]) * 0x100000001b3;
  }
  void add(double x) { add(&x, 1); }
  unsigned long long value() const { return value_; }

 private:
  uint64_t value_ = 0xcbf29ce484222325;
};

// 150 pictures, of which 135 train: batches of 64, 64 and 7, of 100 and 35, ...
constexpr size_t kPictures = 150;

Dataset pictures(uint64_t seed) {
  Random random(seed);
  std::vector<uint8_t> pixels(kPictures * 784);
  std::vector<int32_t> labels(kPictures);
  for (size_t i = 0; i < labels.size(); ++i) {
    labels[i] = int32_t(random.below(10));
    for (size_t j = 0; j < 784; ++j) {
      const bool bright = int32_t(j / 79) == labels[i];
      pixels[784 * i + j] = uint8_t(random.below(bright ? 256 : 64));
    }
  }
  return Dataset::images(pixels, {28, 28}, labels, 10);
}

void train(const char* spec, int64_t batch) {
  const Dataset data = pictures(1), test = pictures(2);
  Model model(spec, {.input = data.example(), .outputs = 10, .seed = 1});
  const History history = fit(model, data, test,
                              {.optimizer = "rmsprop,lr=1e-3,clip_global_norm=5",
                               .epochs = batch == 1 ? 1 : 2,
                               .batch = batch,
                               .validation = 0.1,
                               .l2 = 1e-4,
                               .seed = 1});
  Hash losses, parameters;
  for (const EpochRecord& e : history.epochs) {
    for (const Scores* s : {&e.train, &e.validation, &e.test}) {
      losses.add(s->loss), losses.add(s->accuracy);
    }
  }
  for (const Parameter& p : model.parameters()) {
    parameters.add(static_cast<const char*>(p.value), p.size * size_of(p.dtype));
  }
  std::printf("%s, batch %d: %016llx %016llx\n", spec, int(batch), losses.value(),
              parameters.value());
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) return 2;
  try {
    if (count > 2) set_isa(arguments[2]);
    int threads = 0;
    std::from_chars(arguments[1], arguments[1] + std::strlen(arguments[1]), threads);
    set_threads(threads);
    for (const int batch : {1, 7, 64, 100, 128}) {
      train("dense(128) relu dropout(0.2) dense(10)", batch);
    }
    train("dense(256) tanh dense(64) sigmoid dense(10)", 64);
    train("softmax", 100);
    Hash control;
    for (int i = 0; i < 100'000; ++i) control.add(std::exp(i * 1e-3));
    std::printf("%016llx\n", control.value());
  } catch (const std::exception& e) {
    std::printf("%s\n", e.what());
    return 1;
  }
}
