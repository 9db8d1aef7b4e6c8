#include "kernels/gather.h"

#include <gtest/gtest.h>

#include <vector>

#include "ravine/runtime.h"

namespace ravine {
namespace {

TEST(BytesToUnit, IsTheRoundedQuotientOnEveryInstructionSetLengthAndAlignment) {
  std::vector<uint8_t> in(320);
  for (size_t i = 0; i < in.size(); ++i) in[i] = uint8_t(i * 7 + 3);  // all 256 values
  const std::string before = isa();
  for (const std::string& name : supported_isas()) {
    set_isa(name);
    for (size_t offset = 0; offset < 3; ++offset) {
      for (size_t count = 0; count <= 300; count += count < 40 ? 1 : 37) {
        std::vector<float> out(count + offset + 1, -7.0f);
        bytes_to_unit(in.data() + offset, out.data() + offset, count);
        for (size_t i = 0; i < count; ++i) {
          // A quotient of doubles rounded to float: never near a tie, since 255 is odd.
          ASSERT_EQ(out[offset + i], float(double(in[offset + i]) / 255.0)) << name << ' ' << i;
        }
        ASSERT_EQ(out[offset + count], -7.0f) << name << ": wrote past the end";
      }
    }
  }
  set_isa(before);
}

}  // namespace
}  // namespace ravine
