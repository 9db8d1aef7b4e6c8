// The IDX files in which MNIST and its kin are published.
#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/gzip.h"
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

// The same piece by piece: the sizes, of `rank` dimensions or any number (0), then the values.
Shape read_idx_header(ByteReader& reader, const std::string& name, size_t rank = 0);
void read_idx_values(ByteReader& reader, const std::string& name, std::span<uint8_t> to);

}  // namespace ravine
