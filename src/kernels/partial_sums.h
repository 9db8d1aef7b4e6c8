// Sixteen sums side by side, as many vectors as that takes. Included once a target.
#if defined(RAVINE_PARTIAL_SUMS) == defined(HWY_TARGET_TOGGLE)
#ifdef RAVINE_PARTIAL_SUMS
#undef RAVINE_PARTIAL_SUMS
#else
#define RAVINE_PARTIAL_SUMS
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ravine::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr size_t kPartials = 16;
using Lanes16 = hn::CappedTag<float, kPartials>;
constexpr size_t kVectors = kPartials / hn::MaxLanes(Lanes16());

// The sum of 16 values: halves are added until one is left.
HWY_INLINE float total_of(float* values) {
  for (size_t half = kPartials / 2; half > 0; half /= 2) {
    for (size_t i = 0; i < half; ++i) values[i] += values[i + half];
  }
  return values[0];
}

class PartialSums {
 public:
  PartialSums() {
    for (auto& sum : sums_) sum = hn::Zero(Lanes16());
  }
  void add(size_t i, hn::Vec<Lanes16> values) { sums_[i] = hn::Add(sums_[i], values); }
  void add(const float* values) {
    const Lanes16 d;
    for (size_t i = 0; i < kVectors; ++i) add(i, hn::LoadU(d, values + i * hn::Lanes(d)));
  }
  float total() const {
    const Lanes16 d;
    HWY_ALIGN float values[kPartials];
    for (size_t i = 0; i < kVectors; ++i) hn::StoreU(sums_[i], d, values + i * hn::Lanes(d));
    return total_of(values);
  }

 private:
  hn::Vec<Lanes16> sums_[kVectors];
};

}  // namespace ravine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
