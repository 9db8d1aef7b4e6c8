#include "ravine/random.h"

#include <cmath>

#include "base/math.h"

namespace ravine {

std::array<uint32_t, 4> philox(std::array<uint32_t, 4> c, std::array<uint32_t, 2> k) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t{0xD2511F53} * c[0], b = uint64_t{0xCD9E8D57} * c[2];
    c = {uint32_t(b >> 32) ^ c[1] ^ k[0], uint32_t(b), uint32_t(a >> 32) ^ c[3] ^ k[1],
         uint32_t(a)};
    k[0] += 0x9E3779B9, k[1] += 0xBB67AE85;
  }
  return c;
}

Random::Random(uint64_t seed, uint64_t stream)
    : key_{uint32_t(seed), uint32_t(seed >> 32)},
      counter_{0, 0, uint32_t(stream), uint32_t(stream >> 32)} {}

uint32_t Random::word() {
  if (used_ == 4) {
    words_ = philox(counter_, key_);
    if (++counter_[0] == 0) ++counter_[1];
    used_ = 0;
  }
  return words_[used_++];
}

double Random::uniform() {
  const uint64_t high = word() >> 5, low = word() >> 6;  // 27 and 26 bits
  return double((high << 26) | low) * 0x1p-53;
}

double Random::uniform(double low, double high) { return low + (high - low) * uniform(); }

double Random::normal() {  // Box & Muller, one of the two
  const double radius = std::sqrt(-2 * math::log(1 - uniform()));
  return radius * math::cos(2 * math::kPi * uniform());
}

uint64_t Random::below(uint64_t n) {
  const uint64_t limit = -n % n;  // 2^64 mod n: what would be drawn too often
  for (;;) {
    const uint64_t high = word();
    const uint64_t value = (high << 32) | word();
    if (value >= limit) return value % n;
  }
}

uint64_t derive_seed(uint64_t seed, uint64_t index) {
  const auto words = philox({uint32_t(index), uint32_t(index >> 32), 0x5EED, 0},
                            {uint32_t(seed), uint32_t(seed >> 32)});
  return (uint64_t{words[1]} << 32) | words[0];
}

}  // namespace ravine
