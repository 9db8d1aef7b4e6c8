// Files: read at once or piece by piece, written whole or not at all.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace ravine {

// The bytes of a file. Throws Error: it is missing, a folder, or cannot be read.
std::string read_file(const std::filesystem::path& path);

// A file that is read as far as asked for. Throws Error as read_file() does.
class InputFile {
 public:
  explicit InputFile(const std::filesystem::path& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  size_t read(char* to, size_t count);  // fewer than `count` only at the end
  uint64_t size() const;                // 0: not known, as of a pipe

 private:
  std::filesystem::path path_;
  int fd_;
};

// Writes beside `path` and renames at finish(), so that `path` is the old file or the whole new
// one. Throws Error, and leaves nothing behind, when the folder is missing, read-only or full.
class OutputFile {
 public:
  explicit OutputFile(const std::filesystem::path& path);
  ~OutputFile();  // what is not finished is gone
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view bytes);
  void finish();

 private:
  std::filesystem::path path_, part_;
  int fd_;
  bool finished_ = false;
};

void write_file(const std::filesystem::path& path, std::string_view bytes);  // at once

std::string path_text(const std::filesystem::path& path);  // for messages

}  // namespace ravine
