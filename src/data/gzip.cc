#include "data/gzip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "base/file.h"
#include "ravine/error.h"

namespace ravine {

struct ByteReader::File {
  InputFile input;
  uint64_t size;  // 0: not known
  uint64_t taken = 0;
  std::string piece = {};
};

struct ByteReader::Stream {
  z_stream z{};
  bool ended = false;  // of a member: another may follow
  Stream() {
    if (inflateInit2(&z, 15 + 16) != Z_OK) throw Error("out of memory: zlib could not start");
  }
  ~Stream() { inflateEnd(&z); }
};

namespace {
// deflate's best: 258 bytes for 2 bits.
constexpr uint64_t kMostPerByte = 1032;
constexpr size_t kMostAtOnce = size_t{1} << 30;  // zlib counts in 32 bits
constexpr size_t kPiece = size_t{1} << 18;
}  // namespace

ByteReader::ByteReader(std::string name, std::string_view contents)
    : name_(std::move(name)), rest_(contents) {
  start();
}

ByteReader::ByteReader(const std::filesystem::path& path)
    : name_(path_text(path)), file_(new File{InputFile(path), 0}) {
  file_->size = file_->input.size();
  refill();
  start();
}

ByteReader::~ByteReader() = default;

void ByteReader::start() {
  if (rest_.starts_with("\x1f\x8b")) stream_ = std::make_unique<Stream>();
}

bool ByteReader::refill() {
  if (!file_) return false;
  file_->piece.resize(kPiece);
  file_->piece.resize(file_->input.read(file_->piece.data(), kPiece));
  file_->taken += file_->piece.size();
  rest_ = file_->piece;
  return !rest_.empty();
}

uint64_t ByteReader::at_most() const {
  uint64_t rest = rest_.size();
  if (file_ && file_->size < file_->taken) return UINT64_MAX;
  if (file_) rest += file_->size - file_->taken;
  // zlib holds at most a window of 32 KiB that was unpacked already.
  return stream_ ? rest * kMostPerByte + 32768 : rest;
}

size_t ByteReader::read(uint8_t* to, size_t count) {
  size_t have = 0;
  while (have < count) {
    if (rest_.empty() && !refill() && (!stream_ || stream_->ended)) break;
    if (stream_) {
      have += inflate_some(to + have, std::min(count - have, kMostAtOnce));
      continue;
    }
    const size_t n = std::min(count - have, rest_.size());
    std::memcpy(to + have, rest_.data(), n);
    rest_.remove_prefix(n);
    have += n;
  }
  return have;
}

size_t ByteReader::inflate_some(uint8_t* to, size_t count) {
  z_stream& z = stream_->z;
  if (stream_->ended) {
    inflateReset(&z);
    stream_->ended = false;
  }
  const size_t fed = std::min(rest_.size(), kMostAtOnce);
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(rest_.data()));
  z.avail_in = uInt(fed);
  z.next_out = to;
  z.avail_out = uInt(count);
  const int status = inflate(&z, Z_NO_FLUSH);
  rest_.remove_prefix(fed - z.avail_in);
  const size_t made = count - z.avail_out;
  if (status == Z_STREAM_END) {
    stream_->ended = true;
  } else if (status == Z_BUF_ERROR) {
    throw Error(
        fmt::format("{}: truncated: expected a whole gzip stream, found its end after {} "
                    "unpacked bytes",
                    name_, z.total_out));
  } else if (status != Z_OK) {
    throw Error(fmt::format("{}: damaged: expected a gzip stream, found {} after {} unpacked bytes",
                            name_, z.msg ? z.msg : "an error", z.total_out));
  }
  return made;
}

}  // namespace ravine
