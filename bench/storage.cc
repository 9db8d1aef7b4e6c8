// Low precision against the float32 step of RMSprop: fewer bytes, less time.
#include <algorithm>

#include "bench/harness.h"
#include "ravine/optimizer.h"
#include "ravine/runtime.h"

namespace ravine::bench {
namespace {

struct Case {
  const char* name;
  DType parameter, gradient;
  const char* spec;
};
constexpr DType kWhole = DType::kFloat32, kHalf = DType::kBFloat16;
constexpr Case kCases[] = {
    {"slot bfloat16", kWhole, kWhole, "rmsprop,storage=bfloat16"},
    {"slot 8bit", kWhole, kWhole, "rmsprop,storage=8bit"},
    {"parameter and gradient bfloat16", kHalf, kHalf, "rmsprop"},
    {"all bfloat16", kHalf, kHalf, "rmsprop,storage=bfloat16"},
    {"bfloat16, slot 8bit", kHalf, kHalf, "rmsprop,storage=8bit"},
    {"bfloat16 with correction", kHalf, kHalf, "rmsprop,correction=true"},
};

// One tensor and its gradient, in a type; zeros are as quick as other values.
struct Memory {
  Memory(DType parameter, DType gradient, size_t size)
      : value(size * size_of(parameter)), slope(size * size_of(gradient)) {
    std::ranges::fill(value, std::byte{0x3C});  // 0.01 in float32 and in bfloat16
    std::ranges::fill(slope, std::byte{0x3C});
    view = {"w", {int64_t(size)}, parameter, size, value.data(), slope.data(), gradient};
  }
  Buffer<std::byte> value, slope;
  Parameter view;
};

Optimizer optimizer_over(const char* spec, const Memory& memory) {
  Optimizer optimizer(spec);
  optimizer.add(memory.view);
  return optimizer;
}

}  // namespace

void run_storage(const Selection& selection,
                 const std::function<void(const StorageResult&)>& report) {
  for (const std::string size : {"25M", "100M"}) {
    const size_t n = tensors_of(size)[0];
    for (const Case& c : kCases) {
      if (!selection.takes(c.name, size)) continue;
      const Memory whole(kWhole, kWhole, n), stored(c.parameter, c.gradient, n);
      Optimizer reference = optimizer_over("rmsprop", whole);
      Optimizer optimizer = optimizer_over(c.spec, stored);
      const double bytes = 2.0 * double(size_of(c.parameter)) + double(size_of(c.gradient)) +
                           2.0 * double(optimizer.state_bytes()) / double(n);
      for (const int threads : selection.threads) {
        set_threads(threads);
        const Work works[] = {[&] { reference.step(); }, [&] { optimizer.step(); }};
        for (const Work& work : works) work();
        const auto times = interleave(works, selection.pairs);
        std::vector<double> ratios;
        for (size_t i = 0; i < times[0].size(); ++i) ratios.push_back(times[0][i] / times[1][i]);
        report({c.name, size, threads, bytes, spread(ratios)});
      }
    }
  }
}

}  // namespace ravine::bench
