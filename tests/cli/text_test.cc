// Tables and the bar, as text.
#include <gtest/gtest.h>

#include <cmath>

#include "../../src/cli/bar.h"
#include "../../src/cli/table.h"

namespace ravine::cli {
namespace {

TEST(TableOfColumns, LeavesOutTheHighestRankAndStaysAligned) {
  const std::vector<Column> columns = {
      {"epoch", 5, 0}, {"step", 6, 9}, {"test loss", 7, 0}, {"accuracy", 7, 1}};
  const std::vector<std::string> cells = {"1", "313", "0.2312", "93.10%"};
  const Table wide(columns, 34);
  EXPECT_EQ(wide.heading(), "epoch    step  test loss  accuracy");
  EXPECT_EQ(wide.row(cells), "    1     313     0.2312    93.10%");
  EXPECT_EQ(wide.row({"1", "313"}), "    1     313");
  EXPECT_EQ(Table(columns, 33).row(cells), "    1     0.2312    93.10%");
  EXPECT_EQ(Table(columns, 16).row(cells), "    1     0.2312");
  EXPECT_EQ(Table(columns, 1).heading(), "test loss");
}

int columns_of_utf8(const std::string& text) {
  int columns = 0;
  for (const unsigned char c : text) columns += (c & 0xC0) != 0x80;
  return columns;
}

TEST(Bar, FitsEveryWidthAndKeepsTheLossLongest) {
  const Progress p{.epoch = 3,
                   .epochs = 10,
                   .step = 1234,
                   .steps = 3130,
                   .fraction = 0.394,
                   .loss = 0.2312,
                   .accuracy = 0.9313,
                   .rate = 45310,
                   .left = 12};
  for (int width = 0; width <= 200; ++width) {
    const std::string bar = bar_text(p, width, true);
    EXPECT_LE(columns_of_utf8(bar), width) << bar;
    if (width >= 23) {
      EXPECT_NE(bar.find("loss 0.2312"), bar.npos) << width << bar;
    }
  }
  EXPECT_EQ(bar_text(p, 99, false),
            "epoch  3/10  ###-------   39%  step 1,234/3,130  loss 0.2312  accuracy  93.1%  "
            " 45,310/s  0:12 left");
}

}  // namespace
}  // namespace ravine::cli
