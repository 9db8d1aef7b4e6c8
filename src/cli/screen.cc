#include "screen.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "environment.h"
#include "interrupt.h"
#include "ravine/error.h"
#include "ravine/report.h"

namespace ravine::cli {

Screen::Screen()
    : live_(::isatty(STDOUT_FILENO) && environment("TERM") != "dumb"),
      color_(live_ && environment("NO_COLOR").empty()),
      utf8_(locale_is_utf8()) {}

Screen::~Screen() { clear(); }

int Screen::width() const {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

TextOptions Screen::text_options() const {
  return {.width = width(), .utf8 = utf8(), .color = color()};
}

void Screen::line(std::string_view text) { this->text(fmt::format("{}\n", text)); }

void Screen::text(std::string_view text) {
  if (quiet_) return;
  clear();
  write(text);
}

// One write a frame, so that no half of it is ever seen. The cursor stays visible, behind the text:
// however the program ends, there is nothing to restore.
void Screen::redraw(std::string_view text) {
  if (!live()) return;
  std::string frame = to_first_line();
  for (const char c : text) frame += c == '\n' ? "\x1b[K\n" : std::string(1, c);
  const int lines = 1 + int(std::count(text.begin(), text.end(), '\n'));
  write(frame + (lines < drawn_ ? "\x1b[J" : "\x1b[K"));
  drawn_ = lines;
  set_line_drawn(true);
}

void Screen::clear() {
  if (drawn_ == 0) return;
  write(to_first_line() + (drawn_ > 1 ? "\x1b[J" : "\x1b[K"));
  drawn_ = 0;
  set_line_drawn(false);
}

std::string Screen::to_first_line() const {
  std::string text = "\r";
  for (int i = 1; i < drawn_; ++i) text += "\x1b[A";
  return text;
}

void Screen::warn(std::string_view text) {
  clear();
  const std::string line = fmt::format("ravine: warning: {}\n", text);
  (void)!::write(STDERR_FILENO, line.data(), line.size());
}

std::string Screen::bold(std::string_view text) const { return styled("1", text); }
std::string Screen::dim(std::string_view text) const { return styled("2", text); }

std::string Screen::styled(const char* code, std::string_view text) const {
  return color_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

// Nothing is thrown into a training that is under way: it is asked to stop.
void Screen::write(std::string_view bytes) {
  while (!bytes.empty() && error_ == 0) {
    const ssize_t n = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (n > 0) bytes.remove_prefix(size_t(n));
    if (n < 0 && errno != EINTR) {
      error_ = errno;
      request_stop();
    }
  }
}

bool Screen::check() const {
  if (error_ != 0 && error_ != EPIPE) {
    throw Error(fmt::format("cannot write standard output: {}", std::strerror(error_)));
  }
  return error_ == 0;
}

int columns_of(std::string_view text) {
  int columns = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      i = std::min(text.find('m', i), text.size() - 1);
    } else if ((uint8_t(text[i]) & 0xC0) != 0x80) {
      ++columns;
    }
  }
  return columns;
}

}  // namespace ravine::cli
