// Where other libraries went wrong: a test for each.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "optim/ieee.h"
#include "optim/testing.h"
#include "ravine/optimizer.h"

namespace ravine {
namespace {

using namespace testing;

// One parameter of some elements that all get the gradient gradient(t).
template <class T, class F>
std::vector<T> follow(Optimizer& optimizer, int64_t steps, F gradient, T start = 1) {
  std::vector<T> p(33, start), g(33);
  optimizer.add("p", p, g);
  for (int64_t t = 1; t <= steps; ++t) {
    std::fill(g.begin(), g.end(), T(gradient(t)));
    optimizer.step();
  }
  return p;
}

float slot(Optimizer& optimizer, size_t entry = 0) {
  return *static_cast<const float*>(optimizer.state().entries.at(entry).data);
}

TEST(Hazard, MaxAndMinPropagateNaN) {
  for (const float x : {1.0f, -1.0f, 0.0f, float(INFINITY), float(NAN)}) {
    EXPECT_TRUE(std::isnan(arithmetic::max(x, float(NAN))));
    EXPECT_TRUE(std::isnan(arithmetic::max(float(NAN), x)));
    EXPECT_TRUE(std::isnan(arithmetic::min(x, float(NAN))));
    EXPECT_TRUE(std::isnan(arithmetic::min(float(NAN), x)));
  }
  const RuntimeScope scope;
  for (const std::string& name : supported_isas()) {
    set_isa(name);
    for (const char* line :
         {"sgd,clip_value=1", "sgd,low=-1,high=1", "adam,amsgrad=true", "rmsprop,centered=true"}) {
      Optimizer optimizer(line);
      EXPECT_TRUE(std::isnan(follow<float>(optimizer, 1, [](auto) { return NAN; })[32])) << line;
    }
  }
}

TEST(Hazard, OneMinusBetaIsRoundedOnceFromDouble) {
  Optimizer optimizer("adam");
  follow<float>(optimizer, 1, [](auto) { return 1; });
  EXPECT_EQ(slot(optimizer, 0), float(1 - 0.9));
  EXPECT_EQ(slot(optimizer, 1), float(1 - 0.999));  // 1 - 0.999f is 13 millionths off
  EXPECT_NE(float(1 - 0.999), 1 - 0.999f);
}

// 1e-60 is no float: as 0 it would make 0 / 0 of a zero gradient.
TEST(Hazard, AnEpsBelowAllFloatsIsNotZero) {
  for (const char* line : {"rmsprop,eps=1e-60", "rmsprop,eps=1e-60,eps_guard=true",
                           "rmsprop,eps=1e-60,eps_inside=true", "adagrad,eps=1e-60",
                           "adam,eps=1e-60", "adam,eps=1e-60,eps_hat=true", "adamw,eps=1e-60"}) {
    Optimizer optimizer(line);
    EXPECT_EQ(follow<float>(
                  optimizer, 1, [](auto) { return 0; }, 0.0f)[0],
              0)
        << line;
  }
  Optimizer asked("rmsprop,eps=0");  // is what was asked for
  EXPECT_TRUE(std::isnan(follow<float>(asked, 1, [](auto) { return 0; })[0]));
}

TEST(Hazard, StepsAreCountedBeyond24Bits) {
  Optimizer optimizer("adagrad,lr=1,lr_decay=1");
  std::vector<float> p(1), g(1);
  optimizer.add("p", p, g);
  auto state = optimizer.state();
  const int64_t many = (int64_t{1} << 33) + 1;
  for (StateScalar& s : state.scalars) s.value = s.name == "step" ? double(many) : 0;
  optimizer.load(state);
  optimizer.step();
  EXPECT_EQ(optimizer.steps(), many + 1);
  optimizer.step();
  EXPECT_EQ(optimizer.state().scalars[0].value, double(many + 2));
}

// PyTorch's becomes NaN at step 271 of this.
TEST(Hazard, VarianceBelowZeroCountsAsZero) {
  Optimizer optimizer("rmsprop,centered=true,alpha=0.95");
  EXPECT_FALSE(std::isnan(follow<float>(optimizer, 1000, [](auto) { return 3; })[0]));
  Optimizer faithful("rmsprop,centered=true,alpha=0.95,clamp=false");
  EXPECT_TRUE(std::isnan(follow<float>(faithful, 1000, [](auto) { return 3; })[0]));
}

TEST(Hazard, AnOverflowedAverageStaysInfinite) {
  Optimizer optimizer("rmsprop");
  const auto p = follow<float>(optimizer, 100, [](int64_t t) { return t == 1 ? 1e20 : 1; });
  EXPECT_EQ(slot(optimizer), INFINITY);
  EXPECT_EQ(p[0], 1);  // no step is longer than g / infinity
}

// TensorFlow's kernels, whose dialects have `lerp`: Inf - Inf at the next step.
TEST(Hazard, AnOverflowedAverageIsNaNInDialectsWhereItIs) {
  for (const char* line : {"rmsprop:tf1,lr=1e-3", "rmsprop:timm_tf", "rmsprop:keras2,momentum=0.5",
                           "adam:keras3", "adam:tf1"}) {
    Optimizer optimizer(line);
    EXPECT_TRUE(
        std::isnan(follow<float>(optimizer, 2, [](int64_t t) { return t == 1 ? 1e20 : 1; })[0]))
        << line;
  }
}

TEST(Hazard, AnAverageThatOverflowedIsNotSubtractedFromItself) {
  // v and a^2 are infinite: their difference is no variance. The element is lost, and no other.
  Optimizer optimizer("rmsprop,centered=true,momentum=0.9");
  std::vector<float> p = {1, 1}, g = {1e30f, 1};
  optimizer.add("p", p, g);
  for (int t = 0; t < 3; ++t) optimizer.step();
  EXPECT_TRUE(std::isnan(p[0]));
  EXPECT_TRUE(std::isfinite(p[1]));
}

TEST(Hazard, AZeroGradientMovesNothing) {
  for (const char* line : {"sgd,momentum=0.9", "adagrad", "rmsprop", "adam"}) {
    Optimizer optimizer(line);
    EXPECT_EQ(follow<float>(optimizer, 3, [](auto) { return 0; })[0], 1) << line;
  }
}

// A NaN norm is no reason to take a huge step unclipped.
TEST(Hazard, ANaNNormReachesAllThatItClips) {
  std::vector<float> p = {1, 1}, q = {1}, dp = {NAN, 1}, dq = {1e6f};
  Optimizer each("sgd,clip_norm=1"), all("sgd,clip_global_norm=1");
  each.add("p", p, dp), each.add("q", q, dq);
  each.step();
  EXPECT_TRUE(std::isnan(p[0]) && std::isnan(p[1]));
  EXPECT_EQ(q[0], 1 - 0.01f);
  p = {1, 1};
  all.add("p", p, dp), all.add("q", q, dq);
  all.step();
  EXPECT_TRUE(std::isnan(p[1]) && std::isnan(q[0]));
}

TEST(Hazard, NoDecayDoesNotTouchANaNParameter) {  // MXNet multiplies by a decay of 0
  std::vector<float> p = {NAN}, g = {1};
  Optimizer optimizer("rmsprop,clip_value=10");
  optimizer.add("p", p, g);
  optimizer.step();
  EXPECT_FALSE(std::isnan(slot(optimizer)));
}

TEST(Hazard, DecayEntersTheAverage) {  // bitsandbytes' 8-bit RMSprop forgot it in the step
  Optimizer coupled("rmsprop,l2=0.5");
  follow<float>(coupled, 1, [](auto) { return 1; });
  EXPECT_FLOAT_EQ(slot(coupled), 0.1f * 1.5f * 1.5f);
  Optimizer decoupled("rmsprop,weight_decay=0.5");
  follow<float>(decoupled, 1, [](auto) { return 1; });
  EXPECT_FLOAT_EQ(slot(decoupled), 0.1f);
}

// One small file, mapped again and again: an element is updated once for each time.
TEST(Hazard, ATensorHasMoreThan31BitsOfElements) {
  constexpr size_t kElements = size_t{1} << 18, kTimes = (size_t{1} << 31) / kElements + 3;
  constexpr size_t kBytes = kElements * sizeof(float);
  const RuntimeScope scope;
  set_threads(1);  // every mapping is the same memory
  float* views[2];
  for (float*& view : views) {
    const int file = memfd_create("elements", 0);
    ASSERT_EQ(ftruncate(file, kBytes), 0);
    void* whole = mmap(nullptr, kTimes * kBytes, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ASSERT_NE(whole, MAP_FAILED);
    for (size_t i = 0; i < kTimes; ++i) {
      void* at = static_cast<char*>(whole) + i * kBytes;
      ASSERT_EQ(mmap(at, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0), at);
    }
    close(file);
    view = static_cast<float*>(whole);
  }
  std::fill_n(views[1], kElements, 1.0f);
  Optimizer optimizer("sgd,lr=1");
  optimizer.add("p", std::span(views[0], kTimes * kElements - 5),
                std::span<const float>(views[1], kTimes * kElements - 5));
  optimizer.step();
  EXPECT_EQ(views[0][0], -float(kTimes));
  EXPECT_EQ(views[0][kElements - 6], -float(kTimes));
  EXPECT_EQ(views[0][kElements - 5], 1 - float(kTimes));  // the last mapping ends before it
  for (float* view : views) munmap(view, kTimes * kBytes);
}

// ---- denormals: docs/design/0001-denormals.md ----

TEST(Denormals, AreNeverStoredInASlot) {
  const RuntimeScope scope;
  for (const std::string& name : supported_isas()) {
    set_isa(name);
    for (const std::string& line : rule_cases()) {
      Optimizer optimizer(line);
      follow<float>(optimizer, 1500, [](int64_t t) { return t < 3 ? 1e-18 : 0; });
      for (const StateEntry& e : optimizer.state().entries) {
        const float x = *static_cast<const float*>(e.data);
        EXPECT_TRUE(x == 0 || std::fabs(x) >= 0x1p-126f) << line << ": " << e.slot << " " << x;
        EXPECT_FALSE(x == 0 && std::signbit(x)) << line << ": " << e.slot;
      }
    }
  }
}

TEST(Denormals, ADyingAverageEndsAtZero) {
  Optimizer optimizer("rmsprop");
  follow<float>(optimizer, 1500, [](int64_t t) { return t < 3 ? 1 : 0; });
  EXPECT_EQ(slot(optimizer), 0);
  Optimizer wide("rmsprop");
  follow<double>(wide, 8000, [](int64_t t) { return t < 3 ? 1 : 0; });
  EXPECT_EQ(*static_cast<const double*>(wide.state().entries[0].data), 0);
}

TEST(Denormals, TheCallersModeChangesNoBitAndIsKept) {
  const auto run = [] {
    std::vector<float> all;
    for (const std::string& line : rule_cases()) {
      Optimizer optimizer(line);
      // Gradients and updates that are denormal, and parameters that become so.
      // As floats: to convert them is arithmetic in the caller's mode.
      const auto gradient = [](int64_t t) { return t % 3 ? 1e-37f : 1e-40f; };
      const auto p = follow<float>(optimizer, 20, gradient, 0.0f);
      all.insert(all.end(), p.begin(), p.end());
      for (const StateEntry& e : optimizer.state().entries) {
        all.push_back(*static_cast<const float*>(e.data));
      }
    }
    return all;
  };
  const auto expected = run();
  const uint64_t before = IeeeMode::mode();
  IeeeMode::set_mode(IeeeMode::kFlush);
  const auto flushed = run();
  const uint64_t after = IeeeMode::mode();
  IeeeMode::set_mode(before);
  EXPECT_EQ(after & ~uint64_t{0x3F}, IeeeMode::kFlush & ~uint64_t{0x3F});
  EXPECT_EQ(differing(flushed, expected), 0u);
}

}  // namespace
}  // namespace ravine
