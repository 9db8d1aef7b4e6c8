// Random numbers that are a function of (seed, stream, position), on every machine.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <utility>

namespace ravine {

// Four random words of a counter and a key: Philox 4x32-10 (Salmon et al., SC 2011).
std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

// A stream of random numbers. Streams of one seed are independent of each other; copying a Random
// copies where it stands.
//   Random random(seed, kShuffle);
//   double x = random.uniform(-1, 1);
class Random {
 public:
  explicit Random(uint64_t seed, uint64_t stream = 0);

  uint32_t word();                          // 32 random bits
  double uniform();                         // in [0, 1), a multiple of 2^-53
  double uniform(double low, double high);  // in [low, high)
  double normal();                          // mean 0, deviation 1
  uint64_t below(uint64_t n);               // in [0, n), without bias; n > 0

  template <class T>
  void shuffle(std::span<T> values) {  // Fisher and Yates
    for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
  }

 private:
  std::array<uint32_t, 2> key_;
  std::array<uint32_t, 4> counter_, words_{};
  int used_ = 4;  // of words_
};

// The seed of part `index` of what `seed` governs (an epoch, a layer, a run), well mixed.
uint64_t derive_seed(uint64_t seed, uint64_t index);

}  // namespace ravine
