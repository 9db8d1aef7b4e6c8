#include "base/text.h"

#include <gtest/gtest.h>

namespace ravine {
namespace {

TEST(Text, NumbersAreReadWholeOrNotAtAll) {
  EXPECT_EQ(parse_double("1e-3"), 1e-3);
  EXPECT_EQ(parse_double("+2.5"), 2.5);
  EXPECT_EQ(parse_int("-7"), -7);
  for (const char* bad : {"", " 1", "1 ", "1,5", "0x10", "1e", "+-1", "one"}) {
    EXPECT_FALSE(parse_double(bad)) << bad;
    EXPECT_FALSE(parse_int(bad)) << bad;
  }
  EXPECT_FALSE(parse_int("1.5"));
  EXPECT_FALSE(parse_int("9223372036854775808"));
}

TEST(Text, NumbersAreWrittenShortAndReadBackTheSame) {
  EXPECT_EQ(to_text(1e-3), "0.001");
  EXPECT_EQ(to_text(0.1 + 0.2), "0.30000000000000004");
  for (const double x : {1e-300, 5e-324, 1.7976931348623157e308, 1.0 / 3}) {
    EXPECT_EQ(parse_double(to_text(x)), x);
  }
}

TEST(Text, SplitAndTrim) {
  EXPECT_EQ(split("a,,b", ',').size(), 3u);
  EXPECT_EQ(split("", ',').size(), 1u);
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
}

TEST(Text, TheNearestNameIsSuggestedAndAFarOneIsNot) {
  const std::vector<std::string> names = {"rmsprop", "adam", "adagrad", "sgd"};
  EXPECT_EQ(nearest("rmsporp", names), "rmsprop");
  EXPECT_EQ(nearest("rmspro", names), "rmsprop");
  EXPECT_EQ(nearest("adamm", names), "adam");
  EXPECT_EQ(nearest("lion", names), "");
  EXPECT_EQ(suggestion("agd", names), "; did you mean 'sgd'?");
  EXPECT_EQ(suggestion("xylophone", names), "");
}

TEST(Text, PatternsMatchWholeNames) {
  EXPECT_TRUE(matches("*.bias", "0.bias"));
  EXPECT_TRUE(matches("?.weight", "0.weight"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("a*b*c", "aXbbYc"));
  EXPECT_FALSE(matches("*.bias", "0.weight"));
  EXPECT_FALSE(matches("?.weight", "10.weight"));
  EXPECT_FALSE(matches("a*b", "aXbY"));
}

}  // namespace
}  // namespace ravine
