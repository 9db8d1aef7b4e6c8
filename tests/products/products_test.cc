// linear() and matmul() in float32 against the same in float64, and for any number of threads. Run
// once for each instruction set, which the environment variable RAVINE_TEST_ISA names.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "ravine/ops.h"
#include "ravine/random.h"
#include "ravine/runtime.h"

namespace ravine {
namespace {

// False, with the reason, where this processor lacks the instruction set.
bool choose_isa() {
  const char* const wanted = std::getenv("RAVINE_TEST_ISA");
  if (wanted == nullptr) return true;
  const auto have = supported_isas();
  if (std::find(have.begin(), have.end(), wanted) == have.end()) return false;
  set_isa(wanted);
  return true;
}

class Products : public testing::Test {
 protected:
  void SetUp() override {
    static const bool chosen = choose_isa();
    if (!chosen) GTEST_SKIP() << "this processor has no " << std::getenv("RAVINE_TEST_ISA");
    before_ = threads();
  }
  void TearDown() override {
    if (before_ > 0) set_threads(before_);
  }

 private:
  int before_ = 0;
};

struct Linear {
  Tensor x, w, b, dy;  // dy: what the gradient of y is to be
  Tensor y;
  void run() {
    for (Tensor* leaf : {&x, &w, &b}) leaf->requires_grad();
    y = linear(x, w, b);
    sum(y * dy).backward();
  }
  std::vector<Tensor> results() const { return {y, x.grad(), w.grad(), b.grad()}; }
};

Tensor drawn(const Shape& shape, Random& random) {
  Tensor t = Tensor::empty(shape);
  for (float& value : t.values<float>()) value = float(random.uniform(-1, 1));
  return t;
}

Linear drawn_linear(int64_t batch, int64_t in, int64_t out) {
  Random random(uint64_t(batch * 1'000'000 + in * 1000 + out));
  return {drawn({batch, in}, random),
          drawn({out, in}, random),
          drawn({out}, random),
          drawn({batch, out}, random),
          {}};
}

Tensor in_float64(const Tensor& x, bool magnitude) {
  auto values = x.to_vector();
  if (magnitude) {
    for (double& value : values) value = std::fabs(value);
  }
  return Tensor::from(std::span<const double>(values), x.shape());
}

Linear in_float64(const Linear& l, bool magnitudes) {
  return {in_float64(l.x, magnitudes),
          in_float64(l.w, magnitudes),
          in_float64(l.b, magnitudes),
          in_float64(l.dy, magnitudes),
          {}};
}

// The largest of |actual - expected| / (2^-24 magnitude), magnitude = sum |a b|.
double worst_error(const Tensor& actual, const Tensor& expected, const Tensor& magnitude) {
  const auto a = actual.to_vector(), e = expected.to_vector(), m = magnitude.to_vector();
  double worst = 0;
  for (size_t i = 0; i < e.size(); ++i) {
    const double error = std::fabs(a[i] - e[i]);
    worst = std::max(worst, error == 0 ? 0 : error / (0x1p-24 * m[i]));
  }
  return worst;
}

void expect_linear_agrees(int64_t batch, int64_t in, int64_t out) {
  Linear single = drawn_linear(batch, in, out);
  Linear value = in_float64(single, false), magnitude = in_float64(single, true);
  single.run(), value.run(), magnitude.run();
  const auto actual = single.results(), expected = value.results(), sums = magnitude.results();
  const int64_t terms[] = {in + 1, out, batch, batch};  // of each result's sums
  const char* const names[] = {"y", "dx", "dw", "db"};
  for (size_t i = 0; i < actual.size(); ++i) {
    EXPECT_LE(worst_error(actual[i], expected[i], sums[i]), double(terms[i]))
        << names[i] << " of batch " << batch << ", " << in << " to " << out;
  }
}

TEST_F(Products, AgreeWithFloat64) {
  const int64_t sizes[] = {1, 2, 7, 10, 31, 64, 128, 784};
  for (const int64_t batch : sizes) {
    for (const int64_t in : sizes) {
      for (const int64_t out : sizes) {
        if (batch * in * out <= int64_t{64} * 784 * 784) expect_linear_agrees(batch, in, out);
      }
    }
  }
}

TEST_F(Products, OfPlainMatricesAgreeWithFloat64) {
  for (const int64_t k : {1, 10, 31, 128, 784}) {
    Random random(3);
    Tensor a = drawn({31, k}, random).requires_grad(), b = drawn({k, 64}, random).requires_grad();
    std::vector<std::vector<Tensor>> exact;
    for (const bool magnitudes : {false, true}) {
      Tensor da = in_float64(a, magnitudes).requires_grad(),
             db = in_float64(b, magnitudes).requires_grad();
      Tensor c = matmul(da, db);
      sum(c).backward();
      exact.push_back({c, da.grad(), db.grad()});
    }
    Tensor c = matmul(a, b);
    sum(c).backward();
    const Tensor actual[] = {c, a.grad(), b.grad()};
    const double terms[] = {double(k), 64, 31};
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_LE(worst_error(actual[i], exact[0][i], exact[1][i]), terms[i]) << i << ", k = " << k;
    }
  }
}

std::vector<float> bits_of(int64_t batch, int64_t in, int64_t out) {
  Linear l = drawn_linear(batch, in, out);
  l.run();
  l.run();  // adds to the gradients
  std::vector<float> all;
  for (const Tensor& result : l.results()) {
    const auto values = result.values<float>();
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

TEST_F(Products, HaveTheSameBitsForAnyNumberOfThreads) {
  const std::pair<int64_t, int64_t> layers[] = {{784, 128}, {128, 10}, {784, 512},
                                                {512, 256}, {256, 10}, {784, 10}};
  for (const int64_t batch : {1, 7, 64, 96, 100, 128}) {
    for (const auto& [in, out] : layers) {
      set_threads(1);
      const auto expected = bits_of(batch, in, out);
      for (const int count : {2, 3, 4, 7}) {
        set_threads(count);
        EXPECT_TRUE(same_bits(bits_of(batch, in, out), expected))
            << "batch " << batch << ", " << in << " to " << out << ", threads " << count;
      }
      std::vector<float> elsewhere;
      std::thread([&] { elsewhere = bits_of(batch, in, out); }).join();
      EXPECT_TRUE(same_bits(elsewhere, expected)) << "another thread";
    }
  }
}

TEST_F(Products, OverNoTermsAreTheBias) {
  const Tensor b = Tensor::from({1, 2}, {2});
  const Tensor y = linear(Tensor::zeros({3, 0}), Tensor::zeros({2, 0}), b);
  EXPECT_EQ(y.to_vector(), (std::vector<double>{1, 2, 1, 2, 1, 2}));
  EXPECT_EQ(matmul(Tensor::zeros({0, 4}), Tensor::zeros({4, 2})).size(), 0);
}

}  // namespace
}  // namespace ravine
