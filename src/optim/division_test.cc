// The division without the divider is the hardware's, bit for bit.
#include <gtest/gtest.h>

#include <bit>
#include <vector>

#include "optim/kernel.h"
#include "optim/testing.h"

namespace ravine {
namespace {

using namespace testing;

// Collects quotients and compares whole batches of them with the hardware's.
class Checker {
 public:
  void add(float n, float d) {
    n_.push_back(n), d_.push_back(d);
    if (n_.size() == kBatch) flush();
  }
  void flush() {
    while (n_.size() % 16 != 0) n_.push_back(1), d_.push_back(1);
    quotient_.resize(n_.size());
    kernels().divide(n_.data(), d_.data(), quotient_.data(), n_.size());
    for (size_t i = 0; i < n_.size(); ++i) {
      if (same(quotient_[i], n_[i] / d_[i])) continue;
      if (++wrong <= 5) ADD_FAILURE() << std::hexfloat << n_[i] << " / " << d_[i];
    }
    done += n_.size();
    n_.clear(), d_.clear();
  }
  size_t wrong = 0, done = 0;

 private:
  static constexpr size_t kBatch = 1 << 14;
  std::vector<float> n_, d_, quotient_;
};

float mantissa(uint32_t m) { return std::bit_cast<float>(0x3F800000u | (m & 0x7FFFFFu)); }

TEST(Division, GivesTheRoundedReciprocalOfEveryMantissa) {
  Checker checker;
  for (uint32_t m = 0; m < (1u << 23); ++m) checker.add(1, mantissa(m));
  checker.flush();
  EXPECT_EQ(checker.wrong, 0u);
}

// The inverse of an odd number modulo 2^32, by Newton.
uint32_t inverse(uint32_t odd) {
  uint32_t x = odd;
  for (int i = 0; i < 5; ++i) x *= 2 - odd * x;
  return x;
}

// q + y (n - d q) is within 1.5 2^-23 units in its last place of n / d, so only a quotient nearer
// to the midpoint of two floats can be rounded to the wrong one. With whole mantissas A of n, B of
// d and an odd 25-bit M, twice the midpoint, A 2^s - B M = k is then less than 6 in size (s is 24,
// or 25 where A < B). So all of them can be listed: for each B and k there is one M modulo
// 2^s / gcd.
TEST(Division, RoundsEveryQuotientNextToAMidpoint) {
  Checker checker;
  for (uint32_t b = 1u << 23; b < (1u << 24); ++b) {
    const int twos = std::countr_zero(b);
    if (twos > 2) continue;  // k would be a multiple of 8
    const uint32_t odd = b >> twos, inverse_of_odd = inverse(odd);
    for (int k = -7; k <= 7; ++k) {
      if (k == 0 || std::countr_zero(uint32_t(k < 0 ? -k : k)) != twos) continue;
      for (const int s : {24, 25}) {
        const uint32_t period = 1u << (s - twos);
        uint32_t m = (uint32_t(-(k >> twos)) * inverse_of_odd) & (period - 1);
        for (; m < (1u << 25); m += period) {
          if (m < (1u << 24)) continue;
          const int64_t shifted = int64_t(b) * m + k;
          if (shifted & ((int64_t{1} << s) - 1)) {
            ADD_FAILURE() << "the listing is wrong";
            return;
          }
          const int64_t a = shifted >> s;
          if (a < (1 << 23) || a >= (1 << 24)) continue;
          checker.add(mantissa(uint32_t(a)), mantissa(b));
        }
      }
    }
  }
  checker.flush();
  std::printf("%zu quotients next to midpoints\n", checker.done);
  EXPECT_GT(checker.done, 40'000'000u);
  EXPECT_EQ(checker.wrong, 0u);
}

// A vector of one pair each: a vector that holds anything unusual takes the hardware's division.
TEST(Division, IsTheHardwaresForEveryKindOfNumber) {
  Checker checker;
  std::vector<float> kinds = {0.0f, -0.0f, INFINITY, -INFINITY, NAN, 1e-45f, -1e-40f};
  for (int e = -149; e < 128; ++e) {
    for (const double m : {1.0, 1.7, 2 - 0x1p-23, -1.25}) kinds.push_back(float(std::ldexp(m, e)));
  }
  for (const float n : kinds) {
    for (const float d : kinds) {
      for (int lane = 0; lane < 16; ++lane) checker.add(n, d);
    }
  }
  checker.flush();
  EXPECT_EQ(checker.wrong, 0u);
}

TEST(Division, IsTheHardwaresForRandomNumbers) {
  Checker checker;
  Random random(1);
  const auto usual = [&](int low, int high) {
    const int e = low + int(random.below(uint64_t(high - low)));
    return std::ldexp(mantissa(random.word()), e);
  };
  for (int i = 0; i < 5'000'000; ++i) {
    checker.add(std::bit_cast<float>(random.word()), std::bit_cast<float>(random.word()));
  }
  for (int i = 0; i < 5'000'000; ++i) checker.add(-usual(-84, 66), usual(-60, 25));
  checker.flush();
  EXPECT_EQ(checker.wrong, 0u);
}

}  // namespace
}  // namespace ravine
