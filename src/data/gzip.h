// The bytes of a file, unpacked on the way if they are gzip.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace ravine {

class ByteReader {
 public:
  // gzip is told by its first two bytes, 1f 8b. `contents` stays where it is; `name` is for errors.
  ByteReader(std::string name, std::string_view contents);
  // Holds a piece of the file at a time.
  explicit ByteReader(const std::filesystem::path& path);
  ~ByteReader();
  ByteReader(const ByteReader&) = delete;
  ByteReader& operator=(const ByteReader&) = delete;

  // Up to `count` bytes; fewer only at the end. Throws Error: a damaged or truncated gzip stream.
  size_t read(uint8_t* to, size_t count);
  // No more bytes than these can follow.
  uint64_t at_most() const;

 private:
  void start();
  bool refill();  // false at the end of the file
  size_t inflate_some(uint8_t* to, size_t count);

  struct File;
  struct Stream;
  std::string name_;
  std::unique_ptr<File> file_;  // none: all is in rest_
  std::string_view rest_;
  std::unique_ptr<Stream> stream_;  // none: plain
};

}  // namespace ravine
