#include "base/pool.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <bit>
#include <cstdlib>
#include <mutex>
#include <utility>

#include "ravine/error.h"

namespace ravine {
namespace {

constexpr size_t kAlignment = 64, kHugePage = size_t{1} << 21;

// Sizes are rounded up to a power of two times 4, 5, 6 or 7: at most 25 % is lost.
size_t rounded(size_t bytes) {
  if (bytes <= 4 * kAlignment) return (bytes + kAlignment - 1) / kAlignment * kAlignment;
  const size_t unit = std::bit_floor(bytes - 1) / 4;
  return (bytes + unit - 1) / unit * unit;
}

size_t size_class(size_t rounded_bytes) {
  const size_t log = std::bit_width(rounded_bytes) - 1;
  return log * 4 + ((rounded_bytes >> (log - 2)) & 3);
}

struct FreeBlock {
  FreeBlock* next;
};

struct Pool {
  std::mutex mutex;
  FreeBlock* free[64 * 4] = {};
  size_t bytes = 0;
};

Pool& pool() {
  static Pool* const instance = new Pool;  // never destroyed: static objects may still release
  return *instance;
}

void* take_from_system(size_t bytes) {
  const size_t alignment = bytes >= kHugePage ? kHugePage : kAlignment;
  void* const memory =
      std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (memory == nullptr) {
    throw Error(
        fmt::format("out of memory: {} bytes were asked for; use a smaller batch or model", bytes));
  }
  if (bytes >= kHugePage) madvise(memory, bytes, MADV_HUGEPAGE);
  return memory;
}

}  // namespace

void* acquire(size_t bytes) {
  if (bytes > (size_t{1} << 62)) throw Error("out of memory: more bytes than addresses");
  bytes = rounded(bytes == 0 ? 1 : bytes);
  Pool& p = pool();
  const std::lock_guard lock(p.mutex);
  FreeBlock*& free = p.free[size_class(bytes)];
  if (free != nullptr) return std::exchange(free, free->next);
  void* const memory = take_from_system(bytes);
  p.bytes += bytes;
  return memory;
}

void release(void* memory, size_t bytes) noexcept {
  if (memory == nullptr) return;
  Pool& p = pool();
  const std::lock_guard lock(p.mutex);
  FreeBlock*& free = p.free[size_class(rounded(bytes == 0 ? 1 : bytes))];
  free = new (memory) FreeBlock{free};
}

size_t pool_bytes() {
  const std::lock_guard lock(pool().mutex);
  return pool().bytes;
}

}  // namespace ravine
