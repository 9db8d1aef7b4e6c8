#include "base/pool.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

#include "ravine/error.h"

namespace ravine {
namespace {

TEST(Pool, MemoryIsAlignedAndLargeEnough) {
  for (const size_t bytes : {0, 1, 63, 64, 65, 200, 257, 320, 321, 4097, 100'000, (2 << 20) + 1}) {
    void* const memory = acquire(bytes);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % 64, 0u);
    if (bytes >= 2 << 20) {
      EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % (2 << 20), 0u);
    }
    std::memset(memory, 0xFF, bytes);
    release(memory, bytes);
  }
}

TEST(Pool, ReleasedMemoryComesBackAndNoMoreIsTaken) {
  for (size_t bytes = 1; bytes < 5000; bytes += 7) {
    void* const first = acquire(bytes);
    release(first, bytes);
    const size_t taken = pool_bytes();
    void* const second = acquire(bytes);
    EXPECT_EQ(first, second);
    EXPECT_EQ(pool_bytes(), taken);
    release(second, bytes);
  }
}

TEST(Pool, BlocksInUseDoNotOverlap) {
  std::vector<Buffer<uint8_t>> buffers;
  for (size_t i = 0; i < 200; ++i) {
    buffers.emplace_back(i * 5);
    if (i > 0) std::memset(buffers.back().data(), int(i), i * 5);
  }
  for (size_t i = 0; i < 200; ++i) {
    for (const uint8_t byte : buffers[i]) ASSERT_EQ(byte, uint8_t(i));
  }
}

TEST(Pool, ThreadsMayShareIt) {
  const auto work = [] {
    for (int i = 0; i < 2000; ++i) {
      Buffer<uint32_t> buffer(1 + i % 50);
      buffer[0] = uint32_t(i);
      ASSERT_EQ(buffer[0], uint32_t(i));
    }
  };
  std::thread other(work);
  work();
  other.join();
}

TEST(Pool, TooMuchIsAnErrorThatSaysHowMuch) {
  EXPECT_THROW(acquire(size_t{1} << 63), Error);
  try {
    acquire(size_t{1} << 60);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("1152921504606846976"), std::string::npos);
  }
}

}  // namespace
}  // namespace ravine
