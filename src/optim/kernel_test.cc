// Every kernel has the bits of the plain loop over the rule's text.
#include "optim/kernel.h"

#include <cstdio>
#include <set>

#include "base/text.h"
#include "optim/testing.h"

namespace ravine {
namespace {

using namespace testing;

// What this processor can run of what this build was compiled for.
std::vector<std::string> expected_isas() {
#if defined(__x86_64__)
  std::vector<std::string> names = {"scalar"};
  if (__builtin_cpu_supports("ssse3")) names.emplace_back("ssse3");
  if (__builtin_cpu_supports("sse4.2")) names.emplace_back("sse4");
  if (__builtin_cpu_supports("avx2")) names.emplace_back("avx2");
  if (__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl")) {
    names.emplace_back("avx512");
  }
  return names;
#else
  return {"neon"};  // the baseline: nothing below it is compiled
#endif
}

TEST(Kernel, ExistsForEveryInstructionSetOfThisProcessor) {
  std::printf("kernels for %s; tested here: %s\n", join(compiled_isas(), " ").c_str(),
              join(supported_isas(), " ").c_str());
  EXPECT_EQ(supported_isas(), expected_isas());
#if defined(__x86_64__)
  EXPECT_EQ(join(compiled_isas(), " "), "scalar ssse3 sse4 avx2 avx512");
  if (supported_isas().back() != "avx512") std::printf("this processor has no AVX-512\n");
#endif
  const RuntimeScope scope;
  std::set<const Kernels*> tables;
  for (const std::string& name : supported_isas()) set_isa(name), tables.insert(&kernels());
  EXPECT_EQ(tables.size(), supported_isas().size());
}

// Buffers of `n` elements that begin `shift` elements after an aligned address, with guards.
template <class T>
class Guarded {
 public:
  Guarded(const std::vector<T>& values, size_t shift) : memory_(values.size() + 2 * kGuard, kMark) {
    at_ = memory_.data() + kGuard / 2 + shift;
    std::copy(values.begin(), values.end(), at_);
    size_ = values.size();
  }
  T* data() { return at_; }
  std::vector<T> values() const { return {at_, at_ + size_}; }
  bool intact() const {
    const size_t first = size_t(at_ - memory_.data());
    for (size_t i = 0; i < memory_.size(); ++i) {
      if ((i < first || i >= first + size_) && memory_[i] != kMark) return false;
    }
    return true;
  }

 private:
  static constexpr size_t kGuard = 64;
  static constexpr T kMark = T(12345.678);
  std::vector<T> memory_;
  T* at_;
  size_t size_;
};

template <class T>
Frame<T> busy_frame() {
  Frame<T> frame;
  frame.scale = T(-0.75), frame.clip = T(2), frame.factor = T(0.3), frame.l2 = T(0.01);
  frame.decay = T(1e-3), frame.low = T(-1.5), frame.high = T(1.25);
  frame.clamp = true, frame.plain = false;
  return frame;
}

// Some steps of `rule` on `n` elements: the parameters, then the slots; and what must not change.
template <class T>
struct Run {
  std::vector<std::vector<T>> values;
  bool guards_intact = true, gradient_intact = true;
};

// kUsualButFew: one number in 97 is of any kind, and a whole group's quotients are doubted for it.
enum class Kind { kUsual, kWild, kUsualButFew };
template <class T>
std::vector<T> values_of(Kind kind, size_t n, uint64_t seed) {
  if (kind == Kind::kWild) return wild_values<T>(n, seed);
  auto values = random_values<T>(n, seed);
  if (kind == Kind::kUsualButFew) {
    const auto wild = wild_values<T>(n, seed);
    for (size_t i = seed % 50; i < n; i += 97) values[i] = wild[i];
  }
  return values;
}

template <class T>
Run<T> run(const Rule& rule, const Frame<T>& frame, size_t n, size_t shift, Kind kind) {
  const auto values = [&](uint64_t seed) { return values_of<T>(kind, n, seed); };
  std::vector<Guarded<T>> buffers;
  const auto slots = rule.slots();
  buffers.reserve(slots.size() + 1);
  buffers.emplace_back(values(1), shift);
  for (const Slot& slot : slots) {
    buffers.emplace_back(std::vector<T>(slot.used ? n : 0, T(slot.initial)), shift);
  }
  std::vector<double> scalars;
  StepConstants constants;
  Run<T> result;
  for (int64_t t = 1; t <= 3; ++t) {
    const auto gradient = values(uint64_t(t) + 10);
    Guarded<T> g(gradient, (shift * 2) % 3);
    Piece<T> piece{buffers[0].data(), g.data(), {}, n};
    for (size_t k = 0; k < slots.size(); ++k) {
      if (slots[k].used) piece.slots[k] = buffers[k + 1].data();
    }
    rule.at(t, 0.01, scalars, constants);
    rule.update(constants, frame, piece);
    result.gradient_intact &= differing(g.values(), gradient) == 0 && g.intact();
  }
  for (const auto& buffer : buffers) {
    result.values.push_back(buffer.values());
    result.guards_intact &= buffer.intact();
  }
  return result;
}

std::vector<size_t> lengths(size_t lanes) {
  std::vector<size_t> list;
  for (size_t n = 0; n <= 2 * lanes + 1; ++n) list.push_back(n);
  list.insert(list.end(), {63, 64, 65, 127, 128, 129, 1000, 4096, 4099});
  return list;
}

template <class T>
void expect_bits_of_plain_loop(const Rule& rule, const Frame<T>& frame) {
  const auto plain = plain_of(rule);
  for (const size_t n : lengths(64 / sizeof(T))) {
    for (const Kind kind : {Kind::kUsual, Kind::kWild, Kind::kUsualButFew}) {
      const auto expected = run(*plain, frame, n, 0, kind);
      for (const size_t shift : n < 100 ? std::vector<size_t>{0, 1, 3} : std::vector<size_t>{1}) {
        const auto actual = run(rule, frame, n, shift, kind);
        ASSERT_TRUE(actual.guards_intact) << n << " elements, shifted by " << shift;
        ASSERT_TRUE(actual.gradient_intact);
        for (size_t k = 0; k < expected.values.size(); ++k) {
          ASSERT_EQ(differing(actual.values[k], expected.values[k]), 0u)
              << (k == 0 ? "parameter" : rule.slots()[k - 1].name) << ", " << n
              << " elements, shifted by " << shift << ", kind " << int(kind);
        }
      }
    }
  }
}

TEST(Kernel, HasTheBitsOfThePlainLoop) {
  const RuntimeScope scope;
  for (const std::string& name : supported_isas()) {
    set_isa(name);
    for (const std::string& line : rule_cases()) {
      SCOPED_TRACE(line + " on " + name);
      const OptimizerSpec spec = line;
      expect_bits_of_plain_loop<float>(*spec.rule, {});
      expect_bits_of_plain_loop<float>(*spec.rule, busy_frame<float>());
      expect_bits_of_plain_loop<double>(*spec.rule, {});
      expect_bits_of_plain_loop<double>(*spec.rule, busy_frame<double>());
      if (HasFatalFailure()) return;
    }
  }
}

TEST(Kernel, SumsSquaresInAnOrderThatIsOneForAll) {
  const RuntimeScope scope;
  Frame<float> frame;
  frame.scale = 0.3f, frame.clip = 2, frame.l2 = 0.1f, frame.l2_first = true, frame.plain = false;
  for (const size_t n : lengths(16)) {
    const auto p = random_values<float>(n, 1), g = random_values<float>(n, 2);
    double sums[16] = {};
    for (size_t i = 0; i < n; ++i) {
      const double x = frame.clipped(p[i], g[i]);
      sums[i % 16] += x * x;
    }
    for (size_t half = 8; half > 0; half /= 2) {
      for (size_t j = 0; j < half; ++j) sums[j] += sums[j + half];
    }
    for (const std::string& name : supported_isas()) {
      set_isa(name);
      EXPECT_TRUE(same(kernels().squares(frame, p.data(), g.data(), n).sum, sums[0]))
          << name << ", " << n;
    }
  }
}

template <class T>
void expect_finds_nonfinite(SquaresKernel<T> squares) {
  for (const size_t n : {1, 15, 16, 33, 100}) {
    auto g = random_values<T>(n, 3);
    g[n / 2] = std::numeric_limits<T>::max();  // its square may overflow, and it is finite
    EXPECT_TRUE(squares({}, nullptr, g.data(), n).finite);
    for (const T bad : {std::numeric_limits<T>::quiet_NaN(), std::numeric_limits<T>::infinity(),
                        -std::numeric_limits<T>::infinity()}) {
      for (size_t at = 0; at < n; ++at) {
        auto poisoned = g;
        poisoned[at] = bad;
        EXPECT_FALSE(squares({}, nullptr, poisoned.data(), n).finite) << at << " of " << n;
      }
    }
  }
}

TEST(Kernel, FindsOneNonFiniteGradientAnywhere) {
  const RuntimeScope scope;
  for (const std::string& name : supported_isas()) {
    set_isa(name);
    expect_finds_nonfinite(kernels().squares);
    expect_finds_nonfinite(kernels().squares_twice);
  }
}

}  // namespace
}  // namespace ravine
