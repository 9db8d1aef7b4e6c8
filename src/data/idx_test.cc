#include "data/idx.h"

#include <numeric>

#include "data/testing.h"
#include "ravine/random.h"

namespace ravine {
namespace {

class IdxTest : public FolderTest {
 protected:
  Idx read(const std::string& bytes, size_t rank = 3) const {
    return parse_idx(bytes, rank, "images");
  }
  // What is said of a file, which must be named.
  std::string complaint(const std::string& bytes, size_t rank = 3) const {
    const std::string text = error_of([&] { read(bytes, rank); });
    EXPECT_EQ(text.find("images: "), 0u) << text;
    EXPECT_EQ(text.find('\n'), text.npos);
    return text;
  }
  const std::string values_ = [] {
    std::string values(2 * 3 * 4, '\0');
    std::iota(values.begin(), values.end(), char(120));  // past 127 too
    return values;
  }();
  const std::string plain_ = idx_bytes({2, 3, 4}, values_);
};

void expect_contains(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), text.npos) << '"' << part << "\" is not in: " << text;
}

TEST_F(IdxTest, PlainAndGzipFilesReadTheSame) {
  for (const std::string& file : {plain_, gzip_bytes(plain_)}) {
    const Idx idx = read(file);
    EXPECT_EQ(idx.shape, Shape({2, 3, 4}));
    EXPECT_EQ(std::string(idx.bytes.begin(), idx.bytes.end()), values_);
  }
  // gzip may come in several members.
  const Idx idx = read(gzip_bytes(plain_.substr(0, 21)) + gzip_bytes(plain_.substr(21)));
  EXPECT_EQ(std::string(idx.bytes.begin(), idx.bytes.end()), values_);
}

TEST_F(IdxTest, AFileLargerThanThePiecesItIsReadIn) {
  std::string values(3 * 1024 * 1024 + 5, '\0');
  for (size_t i = 0; i < values.size(); ++i) values[i] = char(i * i >> 7);
  const std::string file = idx_bytes({uint32_t(values.size())}, values);
  for (const std::string& bytes : {file, gzip_bytes(file)}) {
    const Idx idx = read(bytes, 1);
    EXPECT_TRUE(std::equal(values.begin(), values.end(), idx.bytes.begin(), idx.bytes.end(),
                           [](char a, uint8_t b) { return uint8_t(a) == b; }));
  }
}

TEST_F(IdxTest, EveryErrorSaysWhatWasExpectedAndFound) {
  expect_contains(error_of([&] { read_idx(folder_ / "none", 3); }), "none: No such file");
  expect_contains(error_of([&] { read_idx(folder_, 3); }), path_text(folder_));
  write_file(folder_ / "empty", "");
  expect_contains(error_of([&] { read_idx(folder_ / "empty", 3); }), "empty: expected an IDX file");
  expect_contains(complaint(""), "found an empty one");
  expect_contains(complaint("<html>"), "expected magic 0x00000803");
  expect_contains(complaint("<html>"), "found 0x3c68746d (not an IDX file)");
  expect_contains(complaint(idx_bytes({3}, "abc")), "unsigned bytes in 1 dimensions");
  std::string floats = plain_;
  floats[2] = 0x0D;
  expect_contains(complaint(floats), "values of type 0x0d");
  expect_contains(complaint(plain_ + "xy"), "expected 24 bytes of data, found more");
  expect_contains(complaint(gzip_bytes(plain_ + "xy")), "expected 24 bytes of data, found more");
  expect_contains(complaint(plain_.substr(0, 20)), "[2, 3, 4]");
  expect_contains(complaint(gzip_bytes(plain_.substr(0, 20))),
                  "expected 24 bytes of data, found 4");
  expect_contains(complaint(plain_.substr(0, 9)), "expected 12 bytes of sizes, found 5");
  expect_contains(complaint(idx_bytes({2, 0, 4}, "")), "found sizes [2, 0, 4]");
  const std::string packed = gzip_bytes(plain_);
  expect_contains(complaint(packed.substr(0, packed.size() - 1)), "expected a whole gzip stream");
  expect_contains(complaint(packed + "tail"), "incorrect header check");
  std::string other_sum = packed;
  other_sum[packed.size() - 6] ^= 1;
  expect_contains(complaint(other_sum), "incorrect data check");
}

TEST_F(IdxTest, AHeaderCannotClaimMoreThanTheFileHolds) {
  const std::vector<uint32_t> dims = {UINT32_MAX, UINT32_MAX, UINT32_MAX};
  for (const std::string& file : {idx_bytes(dims, values_), gzip_bytes(idx_bytes(dims, values_))}) {
    expect_contains(complaint(file), "can hold");
  }
  // 64 MB of zeros in 65 kB: what the header does not promise is not unpacked.
  const std::string bomb = gzip_bytes(idx_bytes({1, 2, 2}, std::string(64'000'000, '\0')));
  ASSERT_LT(bomb.size(), 100'000u);
  expect_contains(complaint(bomb), "expected 4 bytes of data, found more");
}

TEST_F(IdxTest, EveryTruncationIsAnError) {
  for (const std::string& file : {plain_, gzip_bytes(plain_)}) {
    for (size_t size = 0; size < file.size(); ++size) complaint(file.substr(0, size));
  }
}

TEST_F(IdxTest, FlippedBitsGiveAnErrorOrAnotherFileOfThatSize) {
  Random random(1);
  for (const std::string& file : {plain_, gzip_bytes(plain_)}) {
    for (int trial = 0; trial < 2000; ++trial) {
      std::string damaged = file;
      for (uint64_t flips = 1 + random.below(4); flips-- > 0;) {
        damaged[random.below(file.size())] ^= char(1 << random.below(8));
      }
      try {
        const Idx idx = read(damaged);
        EXPECT_EQ(idx.bytes.size(), values_.size());
      } catch (const Error&) {
      }
    }
  }
}

}  // namespace
}  // namespace ravine
