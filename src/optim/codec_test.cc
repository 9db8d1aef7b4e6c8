// Low precision: the bits of plain integer arithmetic, on every instruction set.
#include "optim/codec.h"

#include <Random123/philox.h>

#include "optim/testing.h"

namespace ravine {
namespace {

using namespace testing;

const std::vector<size_t> kLengths = {0, 1, 2, 3, 7, 15, 16, 17, 33, 127, 128, 129, 255, 256};

std::vector<float> numbers(size_t n, uint64_t seed) {
  auto values = wild_values<float>(n, seed);
  for (float& x : values) {
    if (std::fabs(x) < 0x1p-126f) x = 0;  // as the engine stores
  }
  return values;
}

std::vector<uint16_t> random_bits(size_t n, uint64_t stream = 3) {
  std::vector<uint16_t> bits((n + Codecs::kGroup - 1) / Codecs::kGroup * Codecs::kGroup);
  codecs().random(42, stream, 256, bits.data(), n);
  return bits;
}

// Runs check(n) for every instruction set and length.
template <class F>
void everywhere(const F& check) {
  const RuntimeScope scope;
  for (const std::string& name : supported_isas()) {
    set_isa(name);
    for (const size_t n : kLengths) {
      SCOPED_TRACE(name + ", length " + std::to_string(n));
      check(n);
    }
  }
}

TEST(Codec, RandomBitsArePhiloxOfSeedStreamAndElement) {
  everywhere([](size_t n) {
    for (const uint64_t first : {uint64_t{0}, uint64_t{256}, uint64_t{1} << 37}) {
      std::vector<uint16_t> bits((n + 255) / 256 * 256);
      codecs().random(42ull << 32 | 7, 3ull << 32 | 5, first, bits.data(), n);
      for (size_t i = 0; i < n; ++i) {
        const uint64_t element = first + i, pair = element % 256 / 2;
        const uint64_t block = element / 256 * 16 + pair % 16;
        const auto words =
            r123::Philox4x32_R<7>()({{uint32_t(block), uint32_t(block >> 32), 5, 3}}, {{7, 42}});
        const uint32_t turned = std::rotr(words[pair / 32], pair / 16 % 2 == 1 ? 8 : 0);
        EXPECT_EQ(bits[i], uint16_t(turned >> (element % 2 == 1 ? 16 : 0))) << i;
      }
    }
  });
}

uint16_t upper(uint32_t bits, uint32_t more) { return uint16_t((bits + more) >> 16); }

TEST(Codec, BFloat16RoundsToNearestEvenOrByChance) {
  everywhere([](size_t n) {
    const auto x = numbers(n, n + 1);
    const auto random = random_bits(n);
    std::vector<uint16_t> nearest(n + 1, 7), chance(n + 1, 7);
    codecs().to_bfloat16(x.data(), nullptr, nearest.data(), n);
    codecs().to_bfloat16(x.data(), random.data(), chance.data(), n);
    EXPECT_EQ(nearest[n], 7);
    EXPECT_EQ(chance[n], 7);
    std::vector<float> back(n + 1, 7);
    codecs().from_bfloat16(nearest.data(), back.data(), n);
    EXPECT_EQ(back[n], 7);
    for (size_t i = 0; i < n; ++i) {
      const uint32_t bits = bits_of(x[i]);
      EXPECT_EQ(bits_of(back[i]), uint32_t{nearest[i]} << 16);
      if (std::isnan(x[i])) {
        EXPECT_TRUE(std::isnan(back[i]));
        EXPECT_EQ(chance[i], nearest[i]);
        continue;
      }
      EXPECT_EQ(nearest[i], upper(bits, 0x7FFF + ((bits >> 16) & 1))) << x[i];
      EXPECT_EQ(chance[i], upper(bits, random[i])) << x[i];
    }
  });
}

TEST(Codec, SplitLosesNothingAndItsUpperHalfIsTheNearest) {
  everywhere([](size_t n) {
    const auto x = numbers(n, n + 2);
    std::vector<uint16_t> high(n + 1, 7);
    std::vector<int16_t> low(n + 1, 7);
    std::vector<float> back(n + 1, 7);
    codecs().split(x.data(), high.data(), low.data(), n);
    codecs().join(high.data(), low.data(), back.data(), n);
    EXPECT_EQ(high[n], 7);
    EXPECT_EQ(low[n], 7);
    EXPECT_EQ(back[n], 7);
    for (size_t i = 0; i < n; ++i) {
      EXPECT_EQ(bits_of(back[i]), bits_of(x[i]));
      EXPECT_EQ(high[i], upper(bits_of(x[i]), 0x8000));
    }
  });
}

// The definition, one element after another.
int size_of_rounded(float x, uint32_t more) {
  const uint32_t size = bits_of(x) & 0x7FFFFFFF;
  return std::isnan(x) ? 0x7FC : int((size + more) >> 20);
}

uint8_t code_of(float x, uint32_t more, bool nonnegative, int base) {
  const int last = nonnegative ? 255 : 127, size = size_of_rounded(x, more);
  int code = size == 0 ? 0 : std::clamp(size - base, 1, last - 2);
  if (size == 0x7F8) code = last - 1;
  if (std::isnan(x)) code = last;
  return uint8_t(code | (nonnegative || !std::signbit(x) ? 0 : 128));
}

void check_8bit(std::vector<float> x, const uint16_t* random, bool nonnegative) {
  const size_t n = x.size();
  int most = 0;
  bool finite = true;
  const auto more = [&](size_t i) { return random ? uint32_t{random[i]} << 4 : 1u << 19; };
  for (size_t i = 0; i < n; ++i) {
    const int size = size_of_rounded(x[i], more(i));
    if (size < 0x7F8) most = std::max(most, size);
    finite &= size < 0x7F8;
  }
  const int base = std::max(0, most - (nonnegative ? 253 : 125));
  std::vector<uint8_t> codes(n + 1, 7);
  std::vector<float> back(n + 1, 7);
  int16_t found = 0;
  codecs().to_8bit(x.data(), random, nonnegative, codes.data(), &found, n);
  codecs().from_8bit(codes.data(), found, nonnegative, back.data(), n);
  EXPECT_EQ(found, finite ? base : -1 - base);
  EXPECT_EQ(codes[n], 7);
  EXPECT_EQ(back[n], 7);
  for (size_t i = 0; i < n; ++i) {
    EXPECT_EQ(codes[i], code_of(x[i], more(i), nonnegative, base)) << x[i];
    EXPECT_EQ(std::isnan(back[i]), std::isnan(x[i]));
    EXPECT_EQ(std::isinf(back[i]), size_of_rounded(x[i], more(i)) == 0x7F8);
    EXPECT_EQ(back[i] == 0, x[i] == 0) << x[i];
    EXPECT_TRUE(nonnegative || std::isnan(x[i]) || std::signbit(back[i]) == std::signbit(x[i]));
  }
}

TEST(Codec, EightBitsAreTheUpperBitsAboveTheBlocksBase) {
  everywhere([](size_t n) {
    const auto random = random_bits(n);
    for (const bool nonnegative : {true, false}) {
      for (const float scale : {1.0f, 1e-20f, 1e-37f}) {
        for (auto x : {numbers(n, n + 3), random_values<float>(n, n + 4)}) {
          for (float& v : x) {
            v *= scale;
            if (nonnegative) v = std::fabs(v);
            if (std::fabs(v) < 0x1p-126f) v = 0;
          }
          check_8bit(x, nullptr, nonnegative);
          check_8bit(x, random.data(), nonnegative);
        }
      }
    }
  });
}

TEST(Codec, EightBitsAreWithinASixteenthNearTheLargest) {
  auto x = random_values<float>(256, 9);
  std::vector<uint8_t> codes(256);
  std::vector<float> back(256);
  int16_t base = 0;
  codecs().to_8bit(x.data(), nullptr, false, codes.data(), &base, 256);
  codecs().from_8bit(codes.data(), base, false, back.data(), 256);
  for (size_t i = 0; i < 256; ++i) {
    EXPECT_LE(std::fabs(back[i] - x[i]), std::fabs(x[i]) / 16 + 0x1p-15f) << x[i];
  }
}

// The mean of what x becomes with all 2^16 random numbers.
double mean_of(float x, bool eight_bits) {
  std::vector<float> same(256, x), back(256);
  std::vector<uint16_t> random(256), upper(256);
  std::vector<uint8_t> codes(256);
  double sum = 0;
  for (uint32_t first = 0; first < 65536; first += 256) {
    for (uint32_t i = 0; i < 256; ++i) random[i] = uint16_t(first + i);
    if (eight_bits) {
      int16_t base = 0;
      codecs().to_8bit(same.data(), random.data(), true, codes.data(), &base, 256);
      codecs().from_8bit(codes.data(), base, true, back.data(), 256);
    } else {
      codecs().to_bfloat16(same.data(), random.data(), upper.data(), 256);
      codecs().from_bfloat16(upper.data(), back.data(), 256);
    }
    for (const float y : back) sum += y;
  }
  return sum / 65536;
}

TEST(Codec, RoundingByChanceKeepsTheMean) {
  for (const float x : {1.0f, 1.0001f, 0.3f, 1.99f, 7e-12f, 3e20f}) {
    EXPECT_NEAR(mean_of(x, false) / x, 1, 1e-7);
    EXPECT_NEAR(mean_of(x, true) / x, 1, 4e-6);
  }
}

}  // namespace
}  // namespace ravine
