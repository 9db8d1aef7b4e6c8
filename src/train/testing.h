// What the tests of training share.
#pragma once
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "base/testing.h"
#include "ravine/data.h"
#include "ravine/nn.h"
#include "ravine/random.h"

namespace ravine::testing {

using ravine::TempFolder;

inline std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline void put(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// Expects an exception of exactly type E whose text has every one of `words`.
template <class E, class F>
void expect_error(const F& call, std::initializer_list<std::string_view> words) {
  try {
    call();
    ADD_FAILURE() << "nothing was thrown; expected: " << *words.begin();
  } catch (const std::exception& e) {
    EXPECT_EQ(typeid(e), typeid(E)) << e.what();
    const std::string text = e.what();
    for (const std::string_view word : words) {
      EXPECT_NE(text.find(word), text.npos) << "'" << word << "' is not in: " << text;
    }
    EXPECT_EQ(text.find('\n'), text.npos) << text;
  }
}

// `n` points in `classes` clouds on a circle in the plane: easy, not trivial.
inline Dataset clouds(int64_t n, int64_t classes = 3, uint64_t seed = 1) {
  constexpr float kCenters[4][2] = {{2, 0}, {-1, 1.7f}, {-1, -1.7f}, {0, 0}};
  Random random(seed);
  Tensor x = Tensor::empty({n, 2});
  std::vector<int32_t> labels;
  for (int64_t i = 0; i < n; ++i) {
    labels.push_back(int32_t(random.below(uint64_t(classes))));
    for (int j = 0; j < 2; ++j) {
      x.values<float>()[2 * i + j] = kCenters[labels.back()][j] + float(random.normal()) * 0.5f;
    }
  }
  return Dataset::table(x, labels, classes);
}

inline Model classifier(uint64_t seed = 1) {
  return Model("dense(16) relu dropout(0.1) dense(3)", {.input = {2}, .seed = seed});
}

// y = [2 a - b + 1, a + 3 b] of points (a, b) in a square.
inline Dataset plane(int64_t n, uint64_t seed = 1) {
  Random random(seed);
  Tensor x = Tensor::empty({n, 2}), y = Tensor::empty({n, 2});
  for (int64_t i = 0; i < n; ++i) {
    const float a = float(random.uniform(-1, 1)), b = float(random.uniform(-1, 1));
    x.values<float>()[2 * i] = a, x.values<float>()[2 * i + 1] = b;
    y.values<float>()[2 * i] = 2 * a - b + 1, y.values<float>()[2 * i + 1] = a + 3 * b;
  }
  return Dataset::table(x, y);
}

}  // namespace ravine::testing
