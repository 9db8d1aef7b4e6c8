// What the tests of this layer share.
#pragma once
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/testing.h"
#include "ravine/error.h"

namespace ravine {

// A folder of its own for each test.
class FolderTest : public testing::Test {
 protected:
  size_t entries(const std::filesystem::path& folder) const {
    return size_t(std::distance(std::filesystem::directory_iterator(folder), {}));
  }
  const TempFolder temp_;
  const std::filesystem::path& folder_ = temp_.path;
};

// An IDX file of unsigned bytes.
inline std::string idx_bytes(const std::vector<uint32_t>& dims, const std::string& values) {
  std::string file{'\0', '\0', '\x08', char(dims.size())};
  for (const uint32_t dim : dims) {
    for (const int shift : {24, 16, 8, 0}) file.push_back(char(dim >> shift));
  }
  return file + values;
}

inline std::string gzip_bytes(const std::string& plain) {
  z_stream z{};
  deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&z, plain.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  z.avail_in = uInt(plain.size());
  z.next_out = reinterpret_cast<Bytef*>(packed.data());
  z.avail_out = uInt(packed.size());
  deflate(&z, Z_FINISH);
  packed.resize(z.total_out);
  deflateEnd(&z);
  return packed;
}

}  // namespace ravine
