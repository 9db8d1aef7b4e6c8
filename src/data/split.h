// Which examples are held out.
#pragma once
#include <cstdint>
#include <vector>

namespace ravine {

struct SplitRows {
  std::vector<uint32_t> rest, held_out;  // both ascending
};
SplitRows split_rows(size_t count, double share, uint64_t seed);

}  // namespace ravine
