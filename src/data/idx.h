// The IDX files in which MNIST and its kin are published.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "ravine/tensor.h"

namespace ravine {

// Unsigned bytes in `shape`, row-major.
struct Idx {
  Shape shape;
  std::vector<uint8_t> bytes;
};

// Reads a file of unsigned bytes in `rank` dimensions, plain or gzip, whichever it is. Takes memory
// in proportion to what the file holds, not to what its header says. Throws Error, which names the
// file, what was expected and what was found.
Idx read_idx(const std::filesystem::path& path, size_t rank);
Idx parse_idx(std::string_view file, size_t rank, const std::string& name);  // of a file's contents

}  // namespace ravine
