#include <gtest/gtest.h>

#include <algorithm>

#include "ravine/error.h"
#include "ravine/runtime.h"

namespace ravine {
namespace {

TEST(Isa, AllOfThePlatformAreCompiled) {
#if defined(__x86_64__)
  EXPECT_EQ(compiled_isas(),
            (std::vector<std::string>{"scalar", "ssse3", "sse4", "avx2", "avx512"}));
#endif
}

TEST(Isa, EachSupportedOneCanBeChosen) {
  const std::string best = isa();
  EXPECT_EQ(best, supported_isas().back());
  for (const std::string& name : supported_isas()) {
    set_isa(name);
    EXPECT_EQ(isa(), name);
  }
  set_isa(best);
}

TEST(Isa, AnotherIsRefused) {
  EXPECT_THROW(set_isa("avx3"), UsageError);
  for (const std::string& name : compiled_isas()) {
    const auto have = supported_isas();
    if (std::find(have.begin(), have.end(), name) == have.end()) {
      EXPECT_THROW(set_isa(name), UsageError);
    }
  }
}

}  // namespace
}  // namespace ravine
