// IDX: magic (0, 0, type, rank), `rank` big-endian sizes, then the values.
#include "data/idx.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/file.h"
#include "ravine/error.h"
#include "ravine/table.h"

namespace ravine {
namespace {

constexpr uint8_t kUnsignedByte = 0x08;
constexpr size_t kFirstPiece = size_t{1} << 20;

[[noreturn]] void fail(const std::string& name, std::string_view what) {
  throw Error(fmt::format("{}: {}", name, what));
}

uint32_t big_endian(const uint8_t* b) {
  return uint32_t{b[0]} << 24 | uint32_t{b[1]} << 16 | uint32_t{b[2]} << 8 | b[3];
}

void check_magic(const std::string& name, const uint8_t* found, size_t rank) {
  if (found[0] == 0 && found[1] == 0 && found[2] == kUnsignedByte && found[3] == rank) return;
  const uint32_t magic = big_endian(found);
  std::string why = "not an IDX file";
  if (magic >> 16 == 0) {
    why = found[2] != kUnsignedByte ? fmt::format("values of type 0x{:02x}", found[2])
                                    : fmt::format("unsigned bytes in {} dimensions", found[3]);
  }
  fail(name,
       fmt::format("expected magic 0x{:08x} (unsigned bytes in {} dimensions), found 0x{:08x} ({})",
                   uint32_t{kUnsignedByte} << 8 | uint32_t(rank), rank, magic, why));
}

// The bytes that the header promises, unless the file cannot hold so many.
size_t promised(const std::string& name, std::span<const int64_t> dims, uint64_t most) {
  uint64_t count = 1;
  for (const int64_t dim : dims) {
    if (dim == 0) fail(name, fmt::format("expected data, found sizes [{}]", fmt::join(dims, ", ")));
    if (__builtin_mul_overflow(count, uint64_t(dim), &count)) count = UINT64_MAX;
  }
  if (count > most) {
    fail(name, fmt::format("truncated or damaged: expected the [{}] values of its header, found a "
                           "file that can hold {} at most",
                           fmt::join(dims, ", "), most));
  }
  return size_t(count);
}

}  // namespace

Shape read_idx_header(ByteReader& reader, const std::string& name, size_t rank) {
  std::array<uint8_t, 4 + 4 * Shape::kMaxRank> header;
  const auto read = [&](uint8_t* to, size_t count, std::string_view what) {
    const size_t got = reader.read(to, count);
    if (got < count) {
      fail(name, fmt::format("truncated: expected {} bytes of {}, found {}", count, what, got));
    }
  };
  read(header.data(), 4, "magic");
  if (rank == 0) rank = std::clamp<size_t>(header[3], 1, Shape::kMaxRank);
  check_magic(name, header.data(), rank);
  read(header.data() + 4, 4 * rank, "sizes");
  std::vector<int64_t> dims;
  for (size_t i = 1; i <= rank; ++i) dims.push_back(big_endian(&header[4 * i]));
  promised(name, dims, reader.at_most());
  return Shape(std::span<const int64_t>(dims));
}

void read_idx_values(ByteReader& reader, const std::string& name, std::span<uint8_t> to) {
  const size_t got = reader.read(to.data(), to.size());
  if (got < to.size()) {
    fail(name, fmt::format("truncated: expected {} bytes of data, found {}", to.size(), got));
  }
}

Idx parse_idx(std::string_view file, size_t rank, const std::string& name) {
  if (file.empty()) fail(name, "expected an IDX file, found an empty one");
  ByteReader reader(name, file);
  Idx idx{read_idx_header(reader, name, rank), {}};
  const size_t count = size_t(idx.shape.size());
  for (size_t have = 0; have < count;) {
    const size_t piece = std::min(count - have, std::max({have, kFirstPiece, 6 * file.size()}));
    idx.bytes.resize(have + piece);
    const size_t got = reader.read(idx.bytes.data() + have, piece);
    have += got;
    if (got < piece) {
      fail(name, fmt::format("truncated: expected {} bytes of data, found {}", count, have));
    }
  }
  uint8_t extra;
  if (reader.read(&extra, 1) != 0) {
    fail(name, fmt::format("expected {} bytes of data, found more after them", count));
  }
  return idx;
}

Idx read_idx(const std::filesystem::path& path, size_t rank) {
  return parse_idx(read_file(path), rank, path_text(path));
}

// IDX of any type: a text has no zero byte.
bool is_idx(const std::filesystem::path& path) {
  ByteReader reader(path);
  std::array<uint8_t, 4> magic{};
  return reader.read(magic.data(), magic.size()) == magic.size() && magic[0] == 0 &&
         magic[1] == 0 && magic[2] >= kUnsignedByte && magic[2] <= 0x0e;
}

}  // namespace ravine
