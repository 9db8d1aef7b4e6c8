#include "base/memory.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

namespace ravine {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::infinity();

double available_of_system() {
  std::ifstream file("/proc/meminfo");
  for (std::string word; file >> word;) {
    double kibibytes;
    if (word == "MemAvailable:" && file >> kibibytes) return 1024 * kibibytes;
  }
  return kUnknown;
}

double limit_of_group() {
  std::ifstream file("/sys/fs/cgroup/memory.max");
  double bytes;
  return file >> bytes ? bytes : kUnknown;  // "max" is no number
}

}  // namespace

double available_memory() { return std::min(available_of_system(), limit_of_group()); }

}  // namespace ravine
