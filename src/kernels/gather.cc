// Bytes to floats: MNIST's epoch is 47 MB in and 188 MB out, so a hardware division keeps pace.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gather.cc"
#include "kernels/gather.h"

#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "kernels/choose.h"

HWY_BEFORE_NAMESPACE();
namespace ravine::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void BytesToUnit(const uint8_t* in, float* out, size_t count) {
  const hn::ScalableTag<float> d;
  const hn::Rebind<int32_t, decltype(d)> whole;
  const hn::Rebind<uint8_t, decltype(d)> bytes;
  const size_t lanes = hn::Lanes(d);
  const auto scale = hn::Set(d, 255.0f);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto value = hn::ConvertTo(d, hn::PromoteTo(whole, hn::LoadU(bytes, in + i)));
    hn::StoreU(hn::Div(value, scale), d, out + i);
  }
  for (; i < count; ++i) out[i] = float(in[i]) / 255.0f;
}

}  // namespace ravine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {

void bytes_to_unit(const uint8_t* in, float* out, size_t count) {
  RAVINE_CHOOSE(BytesToUnit)(in, out, count);
}

}  // namespace ravine
#endif
