// After the first epoch and evaluation a training step takes nothing from the system.
#include <execinfo.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "interpose.h"
#include "ravine/ravine.h"

namespace ravine {
namespace {

constexpr int64_t kExamples = 300, kBatch = 64;  // four batches and a short one

Dataset noise(bool labels) {
  Random random(1);
  if (labels) {
    std::vector<uint8_t> pixels(kExamples * 784);
    std::vector<int32_t> classes(kExamples);
    for (auto& p : pixels) p = uint8_t(random.word());
    for (auto& c : classes) c = int32_t(random.below(10));
    return Dataset::images(pixels, {28, 28}, classes, 10);
  }
  Tensor x = Tensor::empty({kExamples, 20}), y = Tensor::empty({kExamples, 3});
  for (float& v : x.values<float>()) v = float(random.uniform());
  for (float& v : y.values<float>()) v = float(random.uniform());
  return Dataset::table(x, y);
}

std::string where(const interpose::Counts& counts) {
  std::string text = std::to_string(counts.first_size) + " bytes from";
  char** names = backtrace_symbols(counts.first_stack, 16);
  for (int i = 0; names && i < 16 && counts.first_stack[i]; ++i)
    text += std::string("\n  ") + names[i];
  std::free(names);
  return text;
}

void expect_none_of_ours(const interpose::Counts& counts, int64_t steps) {
  EXPECT_EQ(counts.ours, 0u) << where(counts);
  std::printf(
      "%zu calls of malloc in %d steps from within oneDNN or OpenMP, of %zu bytes at most\n",
      counts.libraries, int(steps), counts.largest);
  // Bookkeeping of its calls; a primitive made anew or a scratchpad would be more.
  EXPECT_LE(counts.largest, 4096u);
  EXPECT_LE(counts.libraries, size_t(60 * steps));
}

struct Case {
  const char* name;
  const char* model;
  const char* optimizer;
  const char* loss;
  double l1, l2;
  int threads;
  bool labels;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

const Case kCases[] = {
    {"one_thread", "dense(128) relu dropout(0.2)", "rmsprop", "auto", 0, 0, 1, true},
    {"two_threads", "dense(128) relu dropout(0.2)", "rmsprop", "auto", 0, 0, 2, true},
    {"deep", "dense(64) sigmoid dense(32) tanh", "adam,clip_global_norm=1", "auto", 0, 0, 2, true},
    {"penalties", "softmax", "sgd,momentum=0.9,nonfinite=skip", "auto", 1e-4, 1e-3, 2, true},
    {"one_hot", "dense(16) relu", "rmsprop,schedule=exponential(rate=0.9,per=10)",
     "mean_squared_error", 0, 0, 2, true},
    {"regression", "dense(16) relu", "rmsprop", "auto", 0, 0, 2, false},
    {"binary", "dense(16) relu", "rmsprop", "binary_cross_entropy", 0, 0, 2, false},
};

class Step : public ::testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Memory, Step, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(Step, OfFitTakesNothing) {
  const Case& c = GetParam();
  set_threads(c.threads);
  const Dataset data = noise(c.labels);
  Model model(c.model, {.input = data.example(), .outputs = data.outputs()});
  FitOptions options{.optimizer = c.optimizer,
                     .loss = c.loss,
                     .epochs = 3,
                     .batch = kBatch,
                     .validation = 0.1,
                     .l1 = c.l1,
                     .l2 = c.l2,
                     .log_every = 2};
  interpose::Counts counts;
  int64_t steps = 0;
  options.callbacks = {{.on_batch = [&](const BatchEvent& e) {
    if (e.epoch != 2) return;
    if (e.batch == 1)
      interpose::start();
    else
      ++steps;
    if (e.batch == e.batches) counts = interpose::stop();
  }}};
  fit(model, data, data, options);
  EXPECT_EQ(steps, (270 + kBatch - 1) / kBatch - 1);
  expect_none_of_ours(counts, steps);
}

TEST_P(Step, OfAHandWrittenLoopTakesNothing) {
  const Case& c = GetParam();
  if (!c.labels) GTEST_SKIP() << "the loop is written for labels";
  set_threads(c.threads);
  const Dataset data = noise(true);
  Model model(c.model, {.input = data.example(), .outputs = data.outputs()});
  Optimizer optimizer(c.optimizer);
  optimizer.add(model.parameters());
  Loader loader(data, {.batch_size = kBatch});
  int64_t steps = 0;
  interpose::Counts counts;
  for (int epoch = 1; epoch <= 2; ++epoch) {
    for (const Batch& batch : loader) {
      if (epoch == 2 && steps++ == 0) interpose::start();
      model.zero_grad();
      cross_entropy(model(batch.x), batch.y).backward();
      optimizer.step();
    }
    counts = interpose::stop();
  }
  expect_none_of_ours(counts, steps);
}

TEST(Step, OfEveryRuleTakesNothingHoweverItIsStored) {
  set_threads(2);
  std::vector<float> p(100'000), g(100'000, 0.1f);
  for (const char* rule : {"sgd,momentum=0.9", "adagrad", "rmsprop,momentum=0.9,centered=true",
                           "adam,amsgrad=true", "adamw"}) {
    for (const char* around :
         {"", ",storage=bfloat16", ",storage=8bit", ",rounding=nearest,storage=8bit",
          ",clip_norm=2,clip_global_norm=3,nonfinite=skip"}) {
      Optimizer optimizer(std::string(rule) + around);
      optimizer.add("p", p, g);
      optimizer.step();
      interpose::start();
      for (int i = 0; i < 3; ++i) optimizer.step();
      const auto counts = interpose::stop();
      EXPECT_EQ(counts.ours, 0u) << rule << around << ": " << where(counts);
    }
  }
}

// Work that grows with the square of the number of parameters would take its memory too.
TEST(Add, ManyTimesCostsNoMoreThanOnce) {
  constexpr size_t kParameters = 3000, kSize = 10;
  std::vector<float> values(kParameters * kSize), gradients(kParameters * kSize);
  std::vector<Parameter> list;
  for (size_t k = 0; k < kParameters; ++k) {
    list.push_back({"layer." + std::to_string(k) + ".weight",
                    {kSize},
                    DType::kFloat32,
                    kSize,
                    &values[k * kSize],
                    &gradients[k * kSize]});
  }
  const auto taken = [&](auto add) {
    Optimizer optimizer("adam,clip_global_norm=1");
    interpose::start();
    add(optimizer);
    return interpose::stop();
  };
  const auto once = taken([&](Optimizer& o) { o.add(list); });
  const auto each = taken([&](Optimizer& o) {
    for (const Parameter& p : list) o.add(p);
  });
  EXPECT_LE(each.ours, 2 * once.ours);
  EXPECT_LE(each.bytes, 4 * once.bytes);
}

// The counting itself can fail.
TEST(Interpose, SeesEveryKindOfCall) {
  void* taken[6] = {};
  interpose::start();
  taken[0] = std::malloc(10);
  taken[1] = std::calloc(2, 10);
  taken[2] = std::realloc(nullptr, 5);
  taken[3] = std::aligned_alloc(64, 640);
  const bool failed = posix_memalign(&taken[4], 64, 64) != 0;
  taken[5] = ::operator new(1000);
  void* pages = mmap(nullptr, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const auto counts = interpose::stop();
  EXPECT_EQ(counts.ours, 7u);
  EXPECT_EQ(counts.first_size, 10u);
  EXPECT_EQ(counts.bytes, 10u + 20 + 5 + 640 + 64 + 1000 + (1 << 20));
  EXPECT_FALSE(failed);
  for (int i = 0; i < 5; ++i) std::free(taken[i]);
  ::operator delete(taken[5]);
  munmap(pages, 1 << 20);
}

// Counted page by page: what /proc/self/status sums up may be some 256 KiB off.
int64_t resident_kib() {
  std::ifstream pages("/proc/self/smaps_rollup");
  for (std::string word; pages >> word;) {
    int64_t kib = 0;
    if (word == "Rss:" && pages >> kib) return kib;
  }
  return 0;
}

TEST(Memory, DoesNotGrowFromEpochToEpoch) {
  const Dataset data = noise(true);
  Model model("dense(128) relu dropout(0.2)", {.input = data.example(), .outputs = 10});
  std::vector<int64_t> resident;
  FitOptions options{.epochs = 60, .batch = kBatch, .validation = 0.1, .log_every = 1};
  options.callbacks = {
      {.on_epoch = [&](const EpochRecord&) { resident.push_back(resident_kib()); }}};
  fit(model, data, data, options);
  // What an evaluation takes and gives back settles in malloc's arena within some ten epochs.
  ASSERT_GT(resident[19], 0);
  EXPECT_LE(resident[59] - resident[19], 128);
}

}  // namespace
}  // namespace ravine
