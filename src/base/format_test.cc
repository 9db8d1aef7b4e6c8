#include "ravine/format.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ravine {
namespace {

TEST(Format, NumbersKeepToTheirColumns) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(1000), "1,000");
  EXPECT_EQ(count_text(1234567), "1,234,567");
  EXPECT_EQ(count_text(-1000), "-1,000");
  EXPECT_EQ(loss_text(0), "0.0000");
  EXPECT_EQ(loss_text(0.23125), "0.2313");
  EXPECT_EQ(loss_text(12.3456), "12.346");
  EXPECT_EQ(loss_text(1.23e-5), "1.2e-05");
  EXPECT_EQ(loss_text(123456.7), "123457");  // an error of house prices
  EXPECT_EQ(loss_text(99999.97), "100000");
  EXPECT_EQ(loss_text(NAN), "nan");
  for (double loss = 1e-9; loss < 1e12; loss *= 1.7) EXPECT_LE(loss_text(loss).size(), 7u) << loss;
  EXPECT_EQ(percent_text(0.9741), "97.41%");
  EXPECT_EQ(percent_text(1), "100.00%");
  EXPECT_EQ(duration_text(11.2), "0:12");
  EXPECT_EQ(duration_text(3723), "1:02:03");
  EXPECT_EQ(shell_text("runs/a-1"), "runs/a-1");
  EXPECT_EQ(shell_text("it's"), "'it'\\''s'");
}

}  // namespace
}  // namespace ravine
