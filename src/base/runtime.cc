#include "ravine/runtime.h"

#include <fmt/format.h>
#include <sched.h>

#include <atomic>
#include <mutex>

#include "base/team.h"
#include "ravine/error.h"
#include "ravine/parameter.h"

namespace ravine {
namespace {

std::atomic<int>& thread_count() {
  static std::atomic<int> count = usable_processors();
  return count;
}

std::mutex warning_mutex;
std::function<void(std::string_view)>& warning_handler() {
  static auto* const handler = new std::function<void(std::string_view)>;
  return *handler;
}

}  // namespace

void set_threads(int count) {
  if (count < 1 || count > 1024) {
    throw UsageError(fmt::format("threads must be from 1 to 1024, got {}", count));
  }
  thread_count() = count;
}

int threads() { return thread_count().load(std::memory_order_relaxed); }

void set_warning_handler(std::function<void(std::string_view)> handler) {
  const std::lock_guard lock(warning_mutex);
  warning_handler() = std::move(handler);
}

void warn(std::string_view text) {
  const std::lock_guard lock(warning_mutex);
  if (warning_handler()) warning_handler()(text);
}

int usable_processors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

std::string version() { return RAVINE_VERSION; }

namespace {
struct TypeFacts {
  const char* name;
  size_t bytes;
};
constexpr TypeFacts kTypes[] = {  // in the order of DType
    {"float32", 4}, {"float64", 8}, {"int32", 4}, {"bfloat16", 2}, {"uint8", 1}, {"int16", 2}};
}  // namespace

size_t size_of(DType dtype) { return kTypes[size_t(dtype)].bytes; }
const char* name_of(DType dtype) { return kTypes[size_t(dtype)].name; }

}  // namespace ravine
