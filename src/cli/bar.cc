#include "bar.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "ravine/format.h"

namespace ravine::cli {
namespace {

constexpr int kGap = 2, kShortestBar = 6, kLongestBar = 32;

struct Field {
  std::string text;
  int rank;  // the highest one goes first
};

std::string of(int64_t done, int64_t all) {
  if (all == 0) return count_text(done);
  const std::string end = count_text(all);
  return fmt::format("{:>{}}/{}", count_text(done), end.size(), end);
}

// In the order of the screen; the widths hold still while the numbers change.
std::vector<Field> fields_of(const Progress& p) {
  std::vector<Field> fields = {
      {fmt::format("{:>3}%", int(100 * p.fraction)), 3},
      {fmt::format("step {}", of(p.step, p.steps)), 5},
      {fmt::format("loss {:<6}", loss_text(p.loss)), 0},
  };
  if (!std::isnan(p.accuracy)) {
    fields.push_back({fmt::format("accuracy {:>5.1f}%", 100 * p.accuracy), 2});
  }
  fields.push_back({fmt::format("{:>7}/s", count_text(int64_t(p.rate))), 4});
  fields.push_back(
      {std::isnan(p.left) ? std::string(9, ' ') : fmt::format("{:>4} left", duration_text(p.left)),
       1});
  return fields;
}

int columns(const std::string& epoch, const std::vector<Field>& fields) {
  int total = int(epoch.size());
  for (const Field& field : fields) total += kGap + int(field.text.size());
  return total;
}

std::string line_of(double fraction, int length, bool utf8) {
  const int done = int(std::clamp(fraction, 0.0, 1.0) * length);
  std::string bar;
  for (int i = 0; i < length; ++i) {
    bar += i < done ? (utf8 ? "\u2501" : "#") : (utf8 ? "\u2500" : "-");
  }
  return bar;
}

}  // namespace

std::string bar_text(const Progress& progress, int width, bool utf8) {
  const std::string epoch = "epoch " + of(progress.epoch, progress.epochs);
  std::vector<Field> fields = fields_of(progress);
  while (columns(epoch, fields) + kGap + kShortestBar > width && fields.size() > 1) {
    fields.erase(std::max_element(fields.begin(), fields.end(),
                                  [](const auto& a, const auto& b) { return a.rank < b.rank; }));
  }
  const int room = width - columns(epoch, fields) - kGap;
  std::string text = epoch;
  if (room >= kShortestBar) {
    text += "  " + line_of(progress.fraction, std::min(room, kLongestBar), utf8);
  }
  for (const Field& field : fields) text += "  " + field.text;
  if (room >= kShortestBar || columns(epoch, fields) <= width) return text;
  return fields[0].text.substr(0, size_t(std::max(width, 0)));
}

}  // namespace ravine::cli
