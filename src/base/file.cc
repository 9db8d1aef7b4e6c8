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

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

[[noreturn]] void fail(std::string_view what, const std::filesystem::path& path, int error) {
  throw Error(fmt::format("{} {}: {}", what, path_text(path), std::strerror(error)));
}

void write_all(int fd, std::string_view bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("cannot write", path, errno);
    bytes.remove_prefix(size_t(n));
  }
  if (::fsync(fd) != 0 && errno != EINVAL && errno != EROFS) fail("cannot write", path, errno);
}

}  // namespace

std::string path_text(const std::filesystem::path& path) { return path.string(); }

std::string read_file(const std::filesystem::path& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) fail("cannot open", path, errno);
  struct stat status;
  if (::fstat(file.fd, &status) != 0) fail("cannot read", path, errno);
  std::string bytes;
  if (S_ISREG(status.st_mode)) bytes.reserve(size_t(status.st_size) + 1);
  for (;;) {
    const size_t have = bytes.size(), room = std::max(bytes.capacity() - have, size_t{65536});
    bytes.resize(have + room);
    const ssize_t n = ::read(file.fd, bytes.data() + have, room);
    bytes.resize(have + size_t(std::max<ssize_t>(n, 0)));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("cannot read", path, errno);
    if (n == 0) return bytes;
  }
}

void write_file(const std::filesystem::path& path, std::string_view bytes) {
  const std::filesystem::path part = path.string() + fmt::format(".part{}", ::getpid());
  try {
    const Descriptor file{::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)};
    if (file.fd < 0) fail("cannot write", path, errno);
    write_all(file.fd, bytes, path);
    if (::rename(part.c_str(), path.c_str()) != 0) fail("cannot write", path, errno);
  } catch (...) {
    ::unlink(part.c_str());
    throw;
  }
}

}  // namespace ravine
