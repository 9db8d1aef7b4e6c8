#include "base/base64.h"

#include <gtest/gtest.h>

#include "base/testing.h"

namespace ravine {
namespace {

TEST(Base64, IsThatOfTheStandard) {
  const std::pair<std::string, std::string> cases[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"},
                                                       {"\xff\xfe\xfd", "//79"}};
  for (const auto& [plain, text] : cases) {
    const std::vector<uint8_t> bytes(plain.begin(), plain.end());
    EXPECT_EQ(base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes) << text;
  }
}

TEST(Base64, RefusesWhatIsNone) {
  for (const char* bad : {"Zg", "Zg=", "Z===\n", "Zm9*", "Zm=v"}) {
    EXPECT_NE(error_of([&] { (void)from_base64(bad); }), "") << bad;
  }
}

}  // namespace
}  // namespace ravine
