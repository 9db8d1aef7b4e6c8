#include "bench/harness.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>

#include "ravine/error.h"
#include "ravine/runtime.h"

namespace ravine::bench {
namespace {

double quantile(const std::vector<double>& sorted, double q) {
  const double at = q * double(sorted.size() - 1);
  const size_t i = size_t(at);
  return std::lerp(sorted[i], sorted[std::min(i + 1, sorted.size() - 1)], at - double(i));
}

// The first `count` streams of each segment; where there are fewer, `spare` is another.
std::vector<Segment> with_streams(std::vector<Segment> memory, size_t count, float* spare) {
  for (Segment& s : memory) {
    if (s.streams.size() < count) s.streams.push_back(spare);
    s.streams.resize(count);
    spare += s.size;
  }
  return memory;
}

size_t elements(const std::vector<Segment>& memory) {
  size_t size = 0;
  for (const Segment& s : memory) size += s.size;
  return size;
}

}  // namespace

bool Selection::takes(std::string_view name, std::string_view size) const {
  const auto in = [](const std::vector<std::string>& list, std::string_view x) {
    return list.empty() || x.empty() || std::find(list.begin(), list.end(), x) != list.end();
  };
  return in(names, name) && in(sizes, size);
}

Spread spread(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {quantile(values, 0.5), quantile(values, 0.1), quantile(values, 0.9)};
}

Spread ratio(const std::vector<double>& above, const std::vector<double>& below) {
  std::vector<double> ratios(above.size());
  for (size_t i = 0; i < ratios.size(); ++i) ratios[i] = above[i] / below[i];
  return spread(std::move(ratios));
}

double seconds(const Work& work, int repeats) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  for (int i = 0; i < repeats; ++i) work();
  return std::chrono::duration<double>(Clock::now() - begin).count() / repeats;
}

int repeats_for(const Work& work) {
  work();
  int repeats = 1;
  while (repeats < 1'000'000 && seconds(work, repeats) * repeats < 2e-3) repeats *= 2;
  return repeats;
}

std::vector<std::vector<double>> interleave(std::span<const Work> works, int rounds) {
  std::vector<int> repeats;
  for (const Work& work : works) repeats.push_back(repeats_for(work));
  std::vector<std::vector<double>> times(works.size(), std::vector<double>(size_t(rounds)));
  for (size_t r = 0; r < size_t(rounds); ++r) {
    for (size_t k = 0; k < works.size(); ++k) {
      const size_t i = r % 2 == 0 ? k : works.size() - 1 - k;
      times[i][r] = seconds(works[i], repeats[i]);
    }
  }
  return times;
}

StepResult measure_step(std::string name, std::string size, int threads,
                        const std::vector<Segment>& memory, const Work& step, const Work& hardware,
                        int pairs) {
  set_threads(threads);
  const bool has_slot = memory[0].streams.size() > 2;
  const Buffer<float> spare(has_slot ? 1 : elements(memory));
  if (!has_slot) std::memset(spare.data(), 0, spare.size() * sizeof(float));
  const Traffic common(with_streams(memory, 3, spare.data())), own(memory);
  const int common_variant = common.fastest(), own_variant = own.fastest();

  std::vector<Work> works = {step, [&] { common.run(common_variant); },
                             [&] { own.run(own_variant); }};
  if (hardware) works.push_back(hardware);
  const auto times = interleave(works, pairs);
  StepResult result{.name = std::move(name), .size = std::move(size), .threads = threads};
  result.ratio = ratio(times[1], times[0]);
  result.reference_gb_s = common.bytes() / spread(times[1]).median * 1e-9;
  result.own_ratio = ratio(times[2], times[0]);
  result.own_reference_gb_s = own.bytes() / spread(times[2]).median * 1e-9;
  if (hardware) result.over_hardware = ratio(times[3], times[0]);
  return result;
}

std::vector<std::string> step_sizes() { return {"100k", "1M", "25M", "100M", "resnet50"}; }

std::vector<size_t> tensors_of(std::string_view size) {
  if (size == "100k") return {100'000};
  if (size == "1M") return {1'000'000};
  if (size == "25M") return {25'000'000};
  if (size == "100M") return {100'000'000};
  if (size != "resnet50") throw UsageError("there is no size '" + std::string(size) + "'");
  // He et al., arXiv:1512.03385: a convolution of 7 x 7, four stages of bottlenecks, a dense layer.
  std::vector<size_t> tensors;
  const auto convolution = [&](size_t in, size_t out, size_t side) {
    tensors.insert(tensors.end(), {out * in * side * side, out, out});  // with its normalisation
  };
  convolution(3, 64, 7);
  size_t in = 64;
  constexpr size_t kBlocks[] = {3, 4, 6, 3};
  for (size_t stage = 0; stage < 4; ++stage) {
    const size_t width = size_t{64} << stage;
    for (size_t block = 0; block < kBlocks[stage]; ++block) {
      convolution(in, width, 1);
      convolution(width, width, 3);
      convolution(width, 4 * width, 1);
      if (block == 0) convolution(in, 4 * width, 1);
      in = 4 * width;
    }
  }
  tensors.insert(tensors.end(), {2048 * 1000, 1000});
  return tensors;
}

}  // namespace ravine::bench
