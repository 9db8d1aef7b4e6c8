#include "ravine/describe.h"

#include <fmt/format.h>

#include "data/testing.h"

namespace ravine {
namespace {

class DescribeTest : public FolderTest {
 protected:
  // `different` images of four bytes, and `again` of them once more.
  DataSummary of_images(uint32_t different, uint32_t again) {
    std::string values;
    const auto add = [&](uint32_t i) {
      for (const int shift : {24, 16, 8, 0}) values.push_back(char(i >> shift));
    };
    for (uint32_t i = 0; i < different; ++i) add(i);
    for (uint32_t i = 0; i < again; ++i) add(i * 7);
    write_file(folder_ / "images", idx_bytes({different + again, 2, 2}, values));
    return describe_idx(folder_ / "images");
  }
};

TEST_F(DescribeTest, CountsWhatComesAgain) {
  const DataSummary summary = of_images(100'000, 14'000);
  EXPECT_EQ(summary.examples, 114'000);
  EXPECT_EQ(summary.duplicates, 14'000);
  EXPECT_FALSE(summary.estimated);
}

// In memory that does not grow any more: of every eighth example here.
TEST_F(DescribeTest, EstimatesItAmongMillions) {
  const DataSummary summary = of_images(4'200'000, 600'000);
  EXPECT_TRUE(summary.estimated);
  EXPECT_NEAR(double(summary.duplicates), 600'000, 0.02 * 600'000);
}

TEST_F(DescribeTest, RowsThatComeTogetherAreCountedByValue) {
  write_file(folder_ / "a.csv", "x,y\n1,a\n1.0,a\n2,a\n");
  write_file(folder_ / "b.csv", "y,x\na,2\nb,2\n");
  const DataSummary summary = describe_table(folder_ / "a.csv", {}, folder_ / "b.csv");
  EXPECT_EQ(summary.duplicates, 1);
  EXPECT_EQ(summary.overlap, 1);
}

}  // namespace
}  // namespace ravine
