#include "interpose.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <mutex>

extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);
}

namespace interpose {
namespace {

struct Range {
  uintptr_t begin, end;
};

std::atomic<bool> g_counting{false};
std::mutex g_mutex;
Counts g_counts;
Range g_libraries[16];
size_t g_library_count = 0;
thread_local bool t_inside = false;

int find_library(dl_phdr_info* info, size_t, void*) {
  if (!std::strstr(info->dlpi_name, "libdnnl") && !std::strstr(info->dlpi_name, "libgomp"))
    return 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& part = info->dlpi_phdr[i];
    if (part.p_type != PT_LOAD || g_library_count == 16) continue;
    const uintptr_t begin = info->dlpi_addr + part.p_vaddr;
    g_libraries[g_library_count++] = {begin, begin + part.p_memsz};
  }
  return 0;
}

bool in_library(const void* address) {
  for (size_t i = 0; i < g_library_count; ++i) {
    const auto at = reinterpret_cast<uintptr_t>(address);
    if (at >= g_libraries[i].begin && at < g_libraries[i].end) return true;
  }
  return false;
}

// A call is a library's if any frame above it lies in one: these never call back into Ravine.
void count(size_t bytes) {
  if (!g_counting.load(std::memory_order_relaxed) || t_inside) return;
  t_inside = true;
  void* stack[24];
  const int depth = backtrace(stack, 24);
  bool library = false;
  for (int i = 0; i < depth; ++i) library |= in_library(stack[i]);
  {
    const std::lock_guard lock(g_mutex);
    if (!library) g_counts.bytes += bytes;
    if (library) {
      ++g_counts.libraries;
      if (bytes > g_counts.largest) g_counts.largest = bytes;
    } else if (g_counts.ours++ == 0) {
      g_counts.first_size = bytes;
      std::memcpy(g_counts.first_stack, stack, sizeof(void*) * size_t(depth < 16 ? depth : 16));
    }
  }
  t_inside = false;
}

}  // namespace

void start() {
  void* stack[4];
  backtrace(stack, 4);  // its first call allocates
  g_library_count = 0;
  dl_iterate_phdr(find_library, nullptr);
  g_counts = {};
  g_counting = true;
}

Counts stop() {
  g_counting = false;
  return g_counts;
}

}  // namespace interpose

extern "C" {

void* malloc(size_t size) {
  interpose::count(size);
  return __libc_malloc(size);
}

void* calloc(size_t n, size_t size) {
  interpose::count(n * size);
  return __libc_calloc(n, size);
}

void* realloc(void* memory, size_t size) {
  interpose::count(size);
  return __libc_realloc(memory, size);
}

void* memalign(size_t alignment, size_t size) {
  interpose::count(size);
  return __libc_memalign(alignment, size);
}

void* aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void** memory, size_t alignment, size_t size) {
  *memory = memalign(alignment, size);
  return *memory ? 0 : ENOMEM;
}

void* mmap(void* address, size_t size, int protection, int flags, int file, off_t offset) {
  interpose::count(size);
  return reinterpret_cast<void*>(syscall(SYS_mmap, address, size, protection, flags, file, offset));
}

}  // extern "C"
