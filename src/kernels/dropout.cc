#include "kernels/dropout.h"

#include <algorithm>
#include <cmath>

#include "base/team.h"
#include "ravine/random.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/dropout.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/choose.h"

HWY_BEFORE_NAMESPACE();
namespace ravine::HWY_NAMESPACE {
#include "kernels/philox-inl.h"

constexpr size_t kGroup = kernels::Dropout::kGroup, kBlocks = kernels::Dropout::kBlocks;
static_assert(kBlocks == kPhiloxBlocks);

// factor[i] = kept ? scale : 0, for the elements of one group.
HWY_INLINE void group_factors(const kernels::Dropout& drop, const PhiloxKeys<10>& keys,
                              uint64_t group, float* factor) {
  const Words d;
  const hn::RebindToFloat<Words> df;
  const hn::RebindToSigned<Words> di;
  const auto scale = hn::Set(df, float(drop.scale));
  const auto threshold = hn::Set(di, int32_t(drop.threshold));
  const uint64_t first = group * kBlocks;
  for (size_t block = 0; block < kBlocks; block += hn::Lanes(d)) {
    const Philox random = philox(keys, drop.stream, first + block);
    const auto store = [&](Word bits, size_t at) {
      const auto dropped = hn::Lt(hn::BitCast(di, bits), threshold);
      hn::StoreU(hn::IfThenZeroElse(hn::RebindMask(df, dropped), scale), df, factor + at + block);
    };
    for (size_t w = 0; w < 4; ++w) {
      store(hn::And(random.word(w), hn::Set(d, 0xFFFF)), w * 2 * kBlocks);
      store(hn::ShiftRight<16>(random.word(w)), (w * 2 + 1) * kBlocks);
    }
  }
}

// `first_group` is that of x[0].
void run_dropout(const kernels::Dropout& drop, uint64_t first_group, const float* x, float* y,
                 size_t n, bool add) {
  HWY_ALIGN float factor[kGroup];
  const PhiloxKeys<10> keys(drop.seed);
  const hn::ScalableTag<float> d;
  const hn::CappedTag<float, 1> d1;
  for (size_t at = 0; at < n; at += kGroup) {
    group_factors(drop, keys, first_group + at / kGroup, factor);
    const size_t count = std::min(kGroup, n - at);
    const auto apply = [&](auto tag, size_t i) {
      // A select, not a product: what is dropped is 0 even where x is not finite.
      const auto f = hn::LoadU(tag, factor + i);
      const auto kept =
          hn::IfThenZeroElse(hn::Eq(f, hn::Zero(tag)), hn::Mul(f, hn::LoadU(tag, x + at + i)));
      hn::StoreU(add ? hn::Add(hn::LoadU(tag, y + at + i), kept) : kept, tag, y + at + i);
    };
    size_t i = 0;
    for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) apply(d, i);
    for (; i < count; ++i) apply(d1, i);
  }
}

}  // namespace ravine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {

namespace kernels {

constexpr size_t kGroup = Dropout::kGroup, kBlocks = Dropout::kBlocks;

Dropout dropout_of(double rate, uint64_t seed, uint64_t stream) {
  const double threshold = std::min(std::floor(rate * 65536 + 0.5), 65535.0);
  return {seed, stream, uint32_t(threshold), 1 / (1 - rate)};
}

void dropout(const Dropout& drop, const float* x, float* y, size_t n, bool add) {
  constexpr size_t kGrain = 32 * kGroup;
  parallel_ranges(n, kGrain, [&](size_t begin, size_t end) {
    RAVINE_CHOOSE(run_dropout)(drop, begin / kGroup, x + begin, y + begin, end - begin, add);
  });
}

void dropout(const Dropout& drop, const double* x, double* y, size_t n, bool add) {
  const std::array key{uint32_t(drop.seed), uint32_t(drop.seed >> 32)};
  for (size_t i = 0; i < n; ++i) {
    const uint64_t block = i / kGroup * kBlocks + i % kBlocks;
    const auto words = philox({uint32_t(block), uint32_t(block >> 32), uint32_t(drop.stream),
                               uint32_t(drop.stream >> 32)},
                              key);
    const uint32_t bits =
        (words[i % kGroup / (2 * kBlocks)] >> (i % (2 * kBlocks) < kBlocks ? 0 : 16)) & 0xFFFF;
    y[i] = (add ? y[i] : 0) + (bits < drop.threshold ? 0 : drop.scale * x[i]);
  }
}

}  // namespace kernels
}  // namespace ravine
#endif
