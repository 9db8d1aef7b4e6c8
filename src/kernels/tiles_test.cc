// The product against its definition, one sum after the other, bit for bit.
#include "kernels/tiles.h"

#include <cmath>

#include "kernels/kernels_test.h"

namespace ravine::kernels {
namespace {

constexpr float kGuard = 12345;

struct Case {
  size_t m, n, k;
  bool turn_a, turn_b, turned, add;
};

// The product lies between two guards.
std::vector<float> product(const Case& s, const std::vector<float>& a, const std::vector<float>& b,
                           std::vector<float> c) {
  const Strided sa{a.data(), s.turn_a ? 1 : s.k, s.turn_a ? s.m : 1};
  const Strided sb{b.data(), s.turn_b ? 1 : s.n, s.turn_b ? s.k : 1};
  multiply_tiles({s.m, s.n, s.k, sa, sb, c.data() + 1, s.turned, s.add});
  return c;
}

std::vector<float> definition(const Case& s, const std::vector<float>& a,
                              const std::vector<float>& b, std::vector<float> c, bool fused) {
  for (size_t i = 0; i < s.m; ++i) {
    for (size_t j = 0; j < s.n; ++j) {
      float& target = c[1 + (s.turned ? j * s.m + i : i * s.n + j)];
      float sum = s.add ? target : 0;
      for (size_t k = 0; k < s.k; ++k) {
        const float x = a[s.turn_a ? k * s.m + i : i * s.k + k];
        const float y = b[s.turn_b ? j * s.k + k : k * s.n + j];
        sum = fused ? std::fma(x, y, sum) : sum + x * y;
      }
      target = sum;
    }
  }
  return c;
}

void expect_is_its_definition(const Case& s, bool fused, const std::string& isa) {
  const auto a = drawn(s.m * s.k, -1, 1, 1), b = drawn(s.k * s.n, -1, 1, 2);
  auto c = drawn(s.m * s.n + 2, -1, 1, 3);
  c.front() = c.back() = kGuard;
  const auto expected = definition(s, a, b, c, fused);
  for (int count = 1; count <= 4; ++count) {
    set_threads(count);
    EXPECT_TRUE(same_bits(product(s, a, b, c), expected))
        << s.m << " x " << s.n << ", k = " << s.k << (s.turn_a ? ", a turned" : "")
        << (s.turn_b ? ", b turned" : "") << (s.turned ? ", c turned" : "")
        << (s.add ? ", added" : "") << " on " << isa << ", threads " << count;
  }
}

// Calls f(name, whether multiplications and additions are fused) on each instruction set that has
// tiles.
template <class F>
void on_each_isa(const F& f) {
  const int threads_before = threads();
  const std::string isa_before = isa();
  for (const std::string& name : supported_isas()) {
    if (name == "avx512") continue;  // there oneDNN multiplies
    set_isa(name);
    f(name, name == "avx2" || name == "neon");
  }
  set_isa(isa_before);
  set_threads(threads_before);
}

TEST(Tiles, AreTheSumsInTheirOrderAtEachEdge) {
  on_each_isa([](const std::string& isa, bool fused) {
    for (const size_t m : {1, 2, 5, 6, 7, 13}) {
      for (const size_t n : {1, 3, 4, 8, 15, 16, 17, 33}) {
        for (const size_t k : {1, 2, 5, 9}) {
          for (int bits = 0; bits < 16; ++bits) {
            const bool turned = bits & 4, add = bits & 8;
            if (turned && add) continue;
            expect_is_its_definition({m, n, k, (bits & 1) != 0, (bits & 2) != 0, turned, add},
                                     fused, isa);
          }
        }
      }
    }
  });
}

// More rows, columns and terms than a block has, and work for several threads.
TEST(Tiles, AreTheSumsInTheirOrderInEveryBlock) {
  on_each_isa([](const std::string& isa, bool fused) {
    for (const bool turned : {false, true}) {
      expect_is_its_definition({200, 150, 600, turned, turned, turned, !turned}, fused, isa);
      expect_is_its_definition({20, 700, 300, !turned, turned, turned, false}, fused, isa);
      expect_is_its_definition({100, 9, 2100, turned, !turned, turned, false}, fused, isa);
    }
  });
}

}  // namespace
}  // namespace ravine::kernels
