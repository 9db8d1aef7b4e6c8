#include "ravine/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ravine {

std::string count_text(int64_t count) {
  std::string text = fmt::format("{}", count);
  for (int i = int(text.size()) - 3; i > (count < 0 ? 1 : 0); i -= 3) text.insert(size_t(i), ",");
  return text;
}

std::string loss_text(double loss) {
  const double size = std::fabs(loss);
  if (!std::isfinite(loss)) return fmt::format("{}", loss);
  if (size != 0 && (size < 1e-3 || size >= 9999999.5)) return fmt::format("{:.1e}", loss);
  const int decimals = size < 10 ? 4 : size < 100 ? 3 : size < 1000 ? 2 : size < 99999.95 ? 1 : 0;
  return fmt::format("{:.{}f}", loss, decimals);
}

std::string percent_text(double share) {
  return std::isnan(share) ? "" : fmt::format("{:.2f}%", 100 * share);
}

std::string duration_text(double seconds) {
  const int64_t whole = int64_t(std::ceil(seconds));
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string seconds_text(double seconds) {
  return fmt::format("{:.{}f}", seconds, seconds < 10 ? 2 : seconds < 1000 ? 1 : 0);
}

std::string shell_text(std::string_view word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == word.npos) return std::string(word);
  std::string text;
  for (const char c : word) text += c == '\'' ? "'\\''" : fmt::format("{}", c);
  return fmt::format("'{}'", text);
}

std::string wrapped(std::string_view text, int width, int indent) {
  std::string lines;
  int column = indent;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool first = column == indent;
    if (!first && column + 1 + int(word.size()) > width) {
      lines += '\n' + std::string(size_t(indent), ' ');
      column = indent;
    } else if (!first) {
      lines += ' ', ++column;
    }
    lines += word;
    column += int(word.size());
  }
  return lines;
}

}  // namespace ravine
