#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "ravine/error.h"

namespace ravine {
namespace {

[[noreturn]] void fail(std::string_view what, const std::filesystem::path& path, int error) {
  throw Error(fmt::format("{} {}: {}", what, path_text(path), std::strerror(error)));
}

}  // namespace

std::string path_text(const std::filesystem::path& path) { return path.string(); }

std::string read_file(const std::filesystem::path& path) {
  InputFile file(path);
  std::string bytes;
  bytes.reserve(size_t(file.size()) + 1);
  for (;;) {
    const size_t have = bytes.size(), room = std::max(bytes.capacity() - have, size_t{65536});
    bytes.resize(have + room);
    const size_t got = file.read(bytes.data() + have, room);
    bytes.resize(have + got);
    if (got < room) return bytes;
  }
}

InputFile::InputFile(const std::filesystem::path& path)
    : path_(path), fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (fd_ < 0) fail("cannot open", path, errno);
}

InputFile::~InputFile() { ::close(fd_); }

size_t InputFile::read(char* to, size_t count) {
  size_t have = 0;
  while (have < count) {
    const ssize_t n = ::read(fd_, to + have, count - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("cannot read", path_, errno);
    if (n == 0) break;
    have += size_t(n);
  }
  return have;
}

uint64_t InputFile::size() const {
  struct stat status;
  if (::fstat(fd_, &status) != 0) fail("cannot read", path_, errno);
  return S_ISREG(status.st_mode) ? uint64_t(status.st_size) : 0;
}

OutputFile::OutputFile(const std::filesystem::path& path)
    : path_(path), part_(path.string() + fmt::format(".part{}", ::getpid())) {
  fd_ = ::open(part_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd_ < 0) fail("cannot write", path, errno);
}

OutputFile::~OutputFile() {
  ::close(fd_);
  if (!finished_) ::unlink(part_.c_str());
}

void OutputFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("cannot write", path_, errno);
    bytes.remove_prefix(size_t(n));
  }
}

void OutputFile::finish() {
  if (::fsync(fd_) != 0 && errno != EINVAL && errno != EROFS) fail("cannot write", path_, errno);
  if (::rename(part_.c_str(), path_.c_str()) != 0) fail("cannot write", path_, errno);
  finished_ = true;
}

void write_file(const std::filesystem::path& path, std::string_view bytes) {
  OutputFile file(path);
  file.write(bytes);
  file.finish();
}

}  // namespace ravine
