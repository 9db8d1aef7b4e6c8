// Bytes to floats. x / 255 = x (2^-8 + 2^-16 + 2^-24) + 2^-24 x / 255: the first term, 0x10101 x of
// 24 bits, is exact, and the second is between half a unit in its last place and a whole one. So
// the rounded quotient of a byte, unless it is 0, is the float next above the first term.
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
  const auto unit = hn::Set(d, 0x1p-24f);
  const auto repeated = hn::Set(whole, 0x10101), one = hn::Set(whole, 1);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto x = hn::PromoteTo(whole, hn::LoadU(bytes, in + i));
    const auto below = hn::Mul(hn::ConvertTo(d, hn::Mul(x, repeated)), unit);
    const auto above = hn::Add(hn::BitCast(whole, below), hn::Min(x, one));
    hn::StoreU(hn::BitCast(d, above), d, out + i);
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
