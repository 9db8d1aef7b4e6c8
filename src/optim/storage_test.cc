// Parameters, gradients and slots of low precision, for every rule.
#include "optim/codec.h"
#include "optim/stored.h"
#include "optim/testing.h"
#include "ravine/error.h"

namespace ravine {
namespace {

using namespace testing;

const std::vector<std::string> kStorages = {",storage=bfloat16",
                                            ",storage=8bit",
                                            ",storage=bfloat16,rounding=nearest",
                                            ",storage=8bit,rounding=nearest",
                                            ",storage=8bit,rounding_seed=7,clip_norm=2",
                                            ",storage=float32,clip_global_norm=1,nonfinite=skip"};

std::vector<BFloat16> narrow(const std::vector<float>& x) {
  std::vector<BFloat16> y(x.size());
  codecs().to_bfloat16(x.data(), nullptr, &y.data()->bits, x.size());
  return y;
}

std::vector<float> widen(const std::vector<BFloat16>& x) {
  std::vector<float> y(x.size());
  codecs().from_bfloat16(&x.data()->bits, y.data(), x.size());
  return y;
}

// Three tensors of two lengths, trained for some steps on gradients that change.
template <class P, class G>
struct Training {
  std::vector<std::vector<P>> p;
  std::vector<std::vector<G>> g;
  Optimizer optimizer;

  explicit Training(const std::string& spec, std::vector<size_t> order = {0, 1, 2})
      : p(3), g(3), optimizer(spec) {
    for (size_t i = 0; i < 3; ++i) {
      const auto values = random_values<float>(i == 1 ? 9001 : 300, i + 1);
      if constexpr (std::is_same_v<P, BFloat16>)
        p[i] = narrow(values);
      else
        p[i].assign(values.begin(), values.end());
      g[i].resize(p[i].size());
    }
    for (const size_t i : order) {
      optimizer.add("p" + std::to_string(i), std::span(p[i]), std::span<const G>(g[i]));
    }
  }
  void run(int steps) {
    for (int step = 0; step < steps; ++step) {
      for (size_t i = 0; i < 3; ++i) {
        const auto values = random_values<float>(g[i].size(), 100 + i + 7 * optimizer.steps());
        if constexpr (std::is_same_v<G, BFloat16>)
          std::ranges::copy(narrow(values), g[i].begin());  // in place
        else
          std::ranges::copy(values, g[i].begin());
      }
      optimizer.step();
    }
  }
  // All parameters and state.
  std::string bytes() {
    std::string all;
    for (const auto& x : p)
      all.append(reinterpret_cast<const char*>(x.data()), x.size() * sizeof(P));
    std::vector<std::string> entries;
    for (const StateEntry& e : optimizer.state().entries) {
      entries.push_back(e.parameter + e.slot +
                        std::string(static_cast<const char*>(e.data), e.size * size_of(e.dtype)));
    }
    std::ranges::sort(entries);
    for (const std::string& entry : entries) all += entry;
    return all;
  }
};

template <class P, class G>
void check_bits(const std::string& spec) {
  SCOPED_TRACE(spec);
  const RuntimeScope scope;
  set_threads(1), set_isa(supported_isas().front());
  Training<P, G> reference(spec);
  reference.run(3);
  const std::string bytes = reference.bytes();
  for (const std::string& isa : supported_isas()) {
    for (const int threads : {1, 3}) {
      set_threads(threads), set_isa(isa);
      Training<P, G> other(spec, {2, 0, 1});
      other.run(3);
      EXPECT_TRUE(other.bytes() == bytes) << isa << ", " << threads << " threads, another order";
    }
  }
}

TEST(Storage, BitsDependOnNeitherInstructionSetNorThreadsNorOrder) {
  for (const std::string& rule : rule_cases()) {
    for (const std::string& storage : kStorages) check_bits<float, float>(rule + storage);
  }
  for (const char* spec : {"rmsprop,storage=8bit", "rmsprop,storage=bfloat16,momentum=0.9",
                           "adamw,storage=bfloat16", "rmsprop,correction=true"}) {
    check_bits<BFloat16, BFloat16>(spec);
    check_bits<BFloat16, float>(spec);
    check_bits<double, double>(spec);
  }
}

// All that a slot holds, as numbers.
std::vector<float> values_of(const StateEntry& e) {
  std::vector<float> values(e.size);
  const auto put = [&](auto* data) {
    for (size_t i = 0; i < e.size; ++i) values[i] = float(data[i]);
  };
  if (e.dtype == DType::kFloat32) put(static_cast<const float*>(e.data));
  if (e.dtype == DType::kInt16) put(static_cast<const int16_t*>(e.data));
  if (e.dtype == DType::kBFloat16) {
    codecs().from_bfloat16(static_cast<const uint16_t*>(e.data), values.data(), e.size);
  }
  if (e.dtype == DType::kUint8) {  // the sign of a NaN does not count
    put(static_cast<const uint8_t*>(e.data));
    for (float& x : values) x = x == 255 && e.slot != "square_avg" ? 127 : x;
  }
  return values;
}

// Gradients with infinities, NaNs of all kinds, zeros and denormals.
template <class P, class G>
std::vector<std::vector<float>> wild_training(const std::string& spec) {
  Training<P, G> training(spec);
  for (int step = 0; step < 4; ++step) {
    for (size_t i = 0; i < 3; ++i) {
      auto values = wild_values<float>(training.g[i].size(), 50 + i + 3 * size_t(step));
      for (size_t j = 0; j < values.size(); ++j) {
        if (j % 256 < 200) values[j] = std::isfinite(values[j]) ? values[j] : 1e30f;
        if (j % 256 == 250) values[j] = std::bit_cast<float>(0xFFFFFFFF);
        if (j % 256 == 251) values[j] = std::bit_cast<float>(0x7FFFFFFF);
        if (j / 256 % 2 == 0 && !std::isfinite(values[j])) values[j] = 1e-15f;
      }
      if constexpr (std::is_same_v<G, BFloat16>) {
        for (size_t j = 0; j < values.size(); ++j) {
          training.g[i][j].bits = uint16_t(bits_of(values[j]) >> 16);
        }
      } else {
        std::ranges::copy(values, training.g[i].begin());
      }
    }
    training.optimizer.step();
  }
  std::vector<std::vector<float>> all;
  for (const auto& p : training.p) {
    if constexpr (std::is_same_v<P, BFloat16>)
      all.push_back(widen(p));
    else
      all.push_back(p);
  }
  for (const StateEntry& e : training.optimizer.state().entries) all.push_back(values_of(e));
  return all;
}

template <class P, class G>
void check_wild(const std::string& spec) {
  const RuntimeScope scope;
  set_isa(supported_isas().front());
  const auto expected = wild_training<P, G>(spec);
  for (const std::string& isa : supported_isas()) {
    set_isa(isa);
    const auto actual = wild_training<P, G>(spec);
    ASSERT_EQ(actual.size(), expected.size());
    for (size_t k = 0; k < actual.size(); ++k) {
      EXPECT_EQ(differing(actual[k], expected[k]), 0u) << spec << ", " << isa << ", buffer " << k;
    }
  }
}

TEST(Storage, BitsOfWhatIsNotFiniteAreTheSameToo) {
  for (const char* rule : {"rmsprop", "rmsprop,momentum=0.9", "rmsprop,centered=true", "adam"}) {
    for (const char* storage : {"", ",storage=bfloat16", ",storage=8bit"}) {
      const std::string spec = std::string(rule) + storage;
      check_wild<float, float>(spec);
      check_wild<BFloat16, float>(spec);
      check_wild<BFloat16, BFloat16>(spec);
      check_wild<BFloat16, BFloat16>(spec + ",correction=true");
    }
  }
}

TEST(Storage, AStateResumesBitForBit) {
  for (const std::string& rule : rule_cases()) {
    for (const std::string& storage : kStorages) {
      SCOPED_TRACE(rule + storage);
      Training<BFloat16, float> a(rule + storage + ",correction=true"),
          b(a.optimizer.spec().text());
      a.run(5), b.run(2);
      Training<BFloat16, float> resumed(a.optimizer.spec().text());
      for (size_t i = 0; i < 3; ++i) std::ranges::copy(b.p[i], resumed.p[i].begin());
      resumed.optimizer.load(b.optimizer.state());
      resumed.run(3);
      EXPECT_TRUE(resumed.bytes() == a.bytes());
    }
  }
}

// Nor does the next step differ from that of an optimizer that has never skipped one.
TEST(Storage, ASkippedStepChangesNothingAndNoneWritesAGradient) {
  for (const std::string& rule : rule_cases()) {
    for (const char* storage : {",storage=bfloat16", ",storage=8bit", ",correction=true"}) {
      SCOPED_TRACE(rule + storage);
      Training<BFloat16, BFloat16> skipping(rule + storage + ",nonfinite=skip"),
          plain(rule + storage);
      skipping.run(2), plain.run(2);
      const std::string before = skipping.bytes();
      skipping.g[1][9000] = narrow({NAN})[0];
      const auto gradients = skipping.g;
      EXPECT_FALSE(skipping.optimizer.step());
      EXPECT_TRUE(skipping.bytes() == before);
      EXPECT_TRUE(skipping.g == gradients);
      skipping.run(2), plain.run(2);
      EXPECT_TRUE(skipping.bytes() == plain.bytes());
      const auto used = skipping.g;
      EXPECT_TRUE(skipping.optimizer.step());
      EXPECT_TRUE(skipping.g == used);
    }
  }
}

TEST(Storage, TheCorrectionMakesBFloat16ParametersExact) {
  for (const char* spec : {"rmsprop", "adamw,weight_decay=0.1", "rmsprop,momentum=0.9"}) {
    Training<BFloat16, float> split(std::string(spec) + ",correction=true");
    Training<float, float> whole(spec);
    for (size_t i = 0; i < 3; ++i) std::ranges::copy(widen(split.p[i]), whole.p[i].begin());
    split.run(20), whole.run(20);
    for (size_t i = 0; i < 3; ++i) {
      std::vector<uint16_t> high(whole.p[i].size());
      std::vector<int16_t> low(whole.p[i].size());
      codecs().split(whole.p[i].data(), high.data(), low.data(), high.size());
      for (size_t j = 0; j < high.size(); ++j) ASSERT_EQ(split.p[i][j].bits, high[j]);
    }
  }
}

TEST(Storage, RandomNumbersChangeWithSeedStepAndName) {
  const auto moved = [](const char* spec, const char* name, int steps) {
    std::vector<BFloat16> p(512, narrow({1})[0]);
    std::vector<float> g(512, 1);
    Optimizer optimizer(spec);
    optimizer.add(name, std::span(p), std::span<const float>(g));
    for (int i = 0; i < steps; ++i) optimizer.step();
    return widen(p);
  };
  const auto one = moved("sgd,lr=1e-3", "a", 1);
  EXPECT_NE(moved("sgd,lr=1e-3,rounding_seed=1", "a", 1), one);
  EXPECT_NE(moved("sgd,lr=1e-3", "b", 1), one);
  EXPECT_EQ(moved("sgd,lr=1e-3", "a", 1), one);
  double mean = 0;
  for (const float x : moved("sgd,lr=1e-4", "a", 100)) mean += x / 512;
  EXPECT_NEAR(mean, 0.99, 1e-3);  // a step is 1/39 of what bfloat16 resolves there
}

// Hazards: docs/storage.md.
TEST(Hazard, ABFloat16AverageStallsUnderNearestRounding) {
  const auto average_after = [](const std::string& options) {
    std::vector<float> p(512), g(512, 1);
    Optimizer optimizer("rmsprop,alpha=0.999,initial=0.5,storage=bfloat16" + options);
    optimizer.add("p", p, g);
    for (int i = 0; i < 2000; ++i) optimizer.step();
    const StateEntry e = optimizer.state().entries.at(0);
    double mean = 0;
    for (float x : widen({static_cast<BFloat16*>(e.data), static_cast<BFloat16*>(e.data) + 512})) {
      mean += x / 512;
    }
    return mean;
  };
  EXPECT_EQ(average_after(",rounding=nearest"), 0.5);  // never moves
  EXPECT_NEAR(average_after(""), 1 - 0.5 * std::pow(0.999, 2000), 5e-3);
}

TEST(Hazard, AnEightBitAverageNeverReachesZero) {
  std::vector<float> p(256), g(256, 1e-12f);
  g[0] = 1e6;
  Optimizer optimizer("rmsprop,storage=8bit,lr=1e-3,eps=0");
  optimizer.add("p", p, g);
  for (int i = 0; i < 50; ++i) optimizer.step();
  for (const float x : p) EXPECT_LE(std::fabs(x), 50 * 4e-3) << "an average of 0 divides by 0";
}

TEST(Hazard, WeightDecayIsLostBelowBFloat16sResolution) {
  const auto decayed = [](const std::string& options) {
    std::vector<BFloat16> p(512, narrow({1})[0]);
    std::vector<float> g(512, 0);
    Optimizer optimizer("adamw,lr=1e-3,weight_decay=0.1" + options);
    optimizer.add("p", std::span(p), std::span<const float>(g));
    for (int i = 0; i < 1000; ++i) optimizer.step();
    double mean = 0;
    for (const float x : widen(p)) mean += x / 512;
    return mean;
  };
  EXPECT_EQ(decayed(",rounding=nearest"), 1);
  EXPECT_NEAR(decayed(""), std::pow(1 - 1e-4, 1000), 5e-3);
  EXPECT_NEAR(decayed(",correction=true"), std::pow(1 - 1e-4, 1000), 3e-3);
}

TEST(Storage, TakesAsManyBytesAsItSays) {
  std::vector<float> p(1000), g(1000);
  const auto bytes = [&](const char* spec) {
    Optimizer optimizer(spec);
    optimizer.add("p", p, g);
    return optimizer.state_bytes();
  };
  EXPECT_EQ(bytes("rmsprop"), 4000u);
  EXPECT_EQ(bytes("rmsprop,storage=bfloat16"), 2000u);
  EXPECT_EQ(bytes("rmsprop,storage=8bit"), 1000u + 4 * 2);
  EXPECT_EQ(bytes("rmsprop,momentum=0.9,storage=square_avg:8bit+velocity:bfloat16"), 3008u);
  EXPECT_EQ(bytes("rmsprop,momentum=0.9,storage=velocity:bfloat16"), 6000u);
}

TEST(Storage, WrongWordsAreNamed) {
  EXPECT_EQ(testing::error_of("rmsprop,storage=8bits"),
            "rmsprop: storage: one of same, float32, bfloat16, 8bit, got '8bits'; did you mean "
            "'8bit'?; or of each slot: square_avg:8bit+velocity:bfloat16");
  EXPECT_EQ(testing::error_of("rmsprop,storage=square_av:8bit"),
            "rmsprop: storage: there is no slot 'square_av'; did you mean 'square_avg'? (it has "
            "square_avg, grad_avg, velocity)");
  EXPECT_EQ(testing::error_of("rmsprop,storage=square_avg:1bit").substr(0, 30),
            "rmsprop: storage: one of same,");
}

TEST(Storage, RefusesGradientsThatTheArithmeticWouldLose) {
  std::vector<float> p(3);
  std::vector<double> g(3);
  Optimizer optimizer("rmsprop");
  EXPECT_EQ(ravine::error_of<UsageError>([&] {
              optimizer.add({"p", {3}, DType::kFloat32, 3, p.data(), g.data(), DType::kFloat64});
            }),
            "the gradient of 'p' is float64, but a float32 parameter is computed in float32");
}

}  // namespace
}  // namespace ravine
