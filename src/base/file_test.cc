#include "base/file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/testing.h"
#include "ravine/error.h"

namespace ravine {
namespace {

class FileTest : public testing::Test {
 protected:
  FileTest() { std::filesystem::create_directories(folder_); }
  ~FileTest() override { std::filesystem::remove_all(folder_); }
  size_t entries() const {
    return size_t(std::distance(std::filesystem::directory_iterator(folder_), {}));
  }
  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("ravine file tést " + std::to_string(::getpid()));
};

TEST_F(FileTest, WhatIsWrittenIsRead) {
  std::string bytes(200'000, 'x');
  bytes[1] = '\0';
  write_file(folder_ / "a", bytes);
  EXPECT_EQ(read_file(folder_ / "a"), bytes);
  write_file(folder_ / "a", "");
  EXPECT_EQ(read_file(folder_ / "a"), "");
  EXPECT_EQ(entries(), 1u);  // no temporary file stays
}

TEST_F(FileTest, OnAFullDiskTheOldFileStays) {
  write_file(folder_ / "a", "old");
  std::string message;
  {
    const FullDisk full;
    message = error_of([&] { write_file(folder_ / "a", std::string(200'000, 'x')); });
  }
  EXPECT_NE(message.find("cannot write " + (folder_ / "a").string()), message.npos) << message;
  EXPECT_EQ(read_file(folder_ / "a"), "old");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(FileTest, AFailureNamesThePathAndLeavesNothing) {
  EXPECT_THROW(read_file(folder_ / "missing"), Error);
  EXPECT_THROW(read_file(folder_), Error);
  EXPECT_THROW(write_file(folder_ / "no" / "folder", "x"), Error);
  std::filesystem::create_directories(folder_ / "taken");
  try {
    write_file(folder_ / "taken", "x");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("taken"), std::string::npos);
  }
  EXPECT_EQ(entries(), 1u);
}

}  // namespace
}  // namespace ravine
