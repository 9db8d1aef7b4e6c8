// The traffic loops and the FMA loop, for every instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/traffic.cc"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <atomic>

#include "base/team.h"
#include "bench/harness.h"
#include "kernels/choose.h"

HWY_BEFORE_NAMESPACE();
namespace ravine::bench::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<uint32_t>;

// x and nothing of g: `none` is 0, which the compiler does not know.
struct Mix {
  uint32_t none;
  void operator()(uint32_t* x, const uint32_t* g, size_t i) const {
    const D d;
    const auto nothing = hn::And(hn::LoadU(d, g + i), hn::Set(d, none));
    hn::StoreU(hn::Xor(hn::LoadU(d, x + i), nothing), d, x + i);
  }
};

template <size_t kWritten>
void plain(uint32_t* const* x, const uint32_t* g, Mix mix, size_t begin, size_t end) {
  for (size_t i = begin; i < end; i += hn::Lanes(D())) {
    for (size_t k = 0; k < kWritten; ++k) mix(x[k], g, i);
  }
}

template <size_t kWritten>
void prefetching(uint32_t* const* x, const uint32_t* g, Mix mix, size_t begin, size_t end) {
  constexpr size_t kLine = 16, kAhead = 512;  // elements: 64 bytes, 2 KiB
  for (size_t i = begin; i < end; i += kLine) {
    hwy::Prefetch(g + i + kAhead);
    for (size_t k = 0; k < kWritten; ++k) hwy::Prefetch(x[k] + i + kAhead);
    for (size_t j = i; j < std::min(end, i + kLine); j += hn::Lanes(D())) {
      for (size_t k = 0; k < kWritten; ++k) mix(x[k], g, j);
    }
  }
}

template <size_t kWritten>
void by_stream(uint32_t* const* x, const uint32_t* g, Mix mix, size_t begin, size_t end) {
  constexpr size_t kBlock = 2048;  // 8 KiB of each stream: all stay in L1
  for (size_t i = begin; i < end; i += kBlock) {
    for (size_t k = 0; k < kWritten; ++k) {
      for (size_t j = i; j < std::min(end, i + kBlock); j += hn::Lanes(D())) mix(x[k], g, j);
    }
  }
}

template <size_t kWritten>
void move(int variant, uint32_t* const* x, const uint32_t* g, Mix mix, size_t begin, size_t end) {
  const size_t whole = begin + (end - begin) / hn::Lanes(D()) * hn::Lanes(D());
  if (variant == 0) plain<kWritten>(x, g, mix, begin, whole);
  if (variant == 1) prefetching<kWritten>(x, g, mix, begin, whole);
  if (variant == 2) by_stream<kWritten>(x, g, mix, begin, whole);
  for (size_t i = whole; i < end; ++i) {
    for (size_t k = 0; k < kWritten; ++k) x[k][i] ^= g[i] & mix.none;
  }
}

void move_any(int variant, size_t written, uint32_t* const* x, const uint32_t* g, uint32_t none,
              size_t begin, size_t end) {
  constexpr std::array kMove = {&move<1>, &move<2>, &move<3>, &move<4>, &move<5>};
  kMove.at(written - 1)(variant, x, g, {none}, begin, end);
}

// `rounds` times 12 multiply-adds of whole vectors, all in registers. Returns their FLOP.
double multiply_add(size_t rounds, float* sink) {
  const hn::ScalableTag<float> d;
  const auto a = hn::Set(d, 0.5f), b = hn::Set(d, 1.0f);
  // Each starts elsewhere: of equal ones the compiler would keep a single chain.
  const auto start = [&](float x) { return hn::Set(d, x + *sink); };
  auto x0 = start(0), x1 = start(1), x2 = start(2), x3 = start(3), x4 = start(4), x5 = start(5);
  auto x6 = start(6), x7 = start(7), x8 = start(8), x9 = start(9), x10 = start(10), x11 = start(11);
  for (size_t i = 0; i < rounds; ++i) {
    x0 = hn::MulAdd(x0, a, b), x1 = hn::MulAdd(x1, a, b), x2 = hn::MulAdd(x2, a, b);
    x3 = hn::MulAdd(x3, a, b), x4 = hn::MulAdd(x4, a, b), x5 = hn::MulAdd(x5, a, b);
    x6 = hn::MulAdd(x6, a, b), x7 = hn::MulAdd(x7, a, b), x8 = hn::MulAdd(x8, a, b);
    x9 = hn::MulAdd(x9, a, b), x10 = hn::MulAdd(x10, a, b), x11 = hn::MulAdd(x11, a, b);
  }
  const auto s0 = hn::Add(hn::Add(x0, x1), hn::Add(x2, x3));
  const auto s1 = hn::Add(hn::Add(x4, x5), hn::Add(x6, x7));
  const auto s2 = hn::Add(hn::Add(x8, x9), hn::Add(x10, x11));
  *sink = hn::GetLane(hn::Add(s0, hn::Add(s1, s2)));
  return 2.0 * 12 * double(hn::Lanes(d)) * double(rounds);
}

}  // namespace ravine::bench::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine::bench {
namespace {
std::atomic<uint32_t> none = 0;
}

Traffic::Traffic(std::vector<Segment> segments) : segments_(std::move(segments)) {
  size_t end = 0;
  for (const Segment& s : segments_) ends_.push_back(end += s.size);
}

double Traffic::bytes() const {
  double bytes = 0;
  for (const Segment& s : segments_) {
    bytes += double(s.size) * sizeof(float) * double(2 * s.streams.size() - 1);
  }
  return bytes;
}

void Traffic::run(int variant) const {
  const auto move = RAVINE_CHOOSE(move_any);
  const auto words = [](float* floats) { return reinterpret_cast<uint32_t*>(floats); };
  parallel_ranges(ends_.back(), 4096, [&](size_t begin, size_t end) {
    size_t k = size_t(std::upper_bound(ends_.begin(), ends_.end(), begin) - ends_.begin());
    for (; k < segments_.size() && begin < end; ++k) {
      const Segment& s = segments_[k];
      const size_t start = ends_[k] - s.size, stop = std::min(end, ends_[k]);
      std::array<uint32_t*, 5> written{words(s.streams[0])};
      for (size_t i = 2; i < s.streams.size(); ++i) written.at(i - 1) = words(s.streams[i]);
      move(variant, s.streams.size() - 1, written.data(), words(s.streams[1]), none, begin - start,
           stop - start);
      begin = stop;
    }
  });
}

int Traffic::fastest(int rounds) const {
  std::vector<Work> works;
  for (int v = 0; v < kVariants; ++v) works.push_back([this, v] { run(v); });
  std::array<double, kVariants> median{};
  const auto times = interleave(works, rounds);
  for (size_t v = 0; v < kVariants; ++v) median.at(v) = spread(times[v]).median;
  return int(std::min_element(median.begin(), median.end()) - median.begin());
}

double peak_gflop_s() {
  const auto work = RAVINE_CHOOSE(multiply_add);
  constexpr size_t kRounds = 1 << 20;
  std::vector<float> sinks(size_t(threads()) * 16);
  double best = 0;
  for (int i = 0; i < 10; ++i) {
    std::atomic<double> flop = 0;
    const double time = seconds([&] {
      parallel_for(size_t(threads()), [&](size_t t) { flop += work(kRounds, &sinks[t * 16]); });
    });
    best = std::max(best, flop / time * 1e-9);
  }
  return best;
}

}  // namespace ravine::bench
#endif
