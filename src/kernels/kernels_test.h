// For the tests of kernels: the same bits on every instruction set.
#pragma once
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "ravine/random.h"
#include "ravine/runtime.h"

namespace ravine {

inline std::vector<float> drawn(size_t n, double low, double high, uint64_t seed = 1) {
  Random random(seed);
  std::vector<float> values(n);
  for (float& value : values) value = float(random.uniform(low, high));
  return values;
}

inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// `compute` returns floats: the same on every instruction set and for 1 to 4 threads.
template <class F>
void expect_same_bits_everywhere(const std::string& what, const F& compute) {
  const int threads_before = threads();
  const std::string isa_before = isa();
  const auto names = supported_isas();
#if defined(__x86_64__)  // elsewhere the baseline has vectors
  ASSERT_EQ(names.front(), "scalar");
  EXPECT_GE(names.size(), 2u);
#endif
  std::vector<float> expected;
  for (const std::string& name : names) {
    set_isa(name);
    for (int count = 1; count <= 4; ++count) {
      set_threads(count);
      const std::vector<float> actual = compute();
      if (expected.empty()) expected = actual;
      EXPECT_TRUE(same_bits(actual, expected)) << what << " on " << name << ", threads " << count;
    }
  }
  set_isa(isa_before);
  set_threads(threads_before);
}

}  // namespace ravine
