#include "lab/space.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/math.h"
#include "base/text.h"
#include "optim/assignments.h"
#include "ravine/error.h"
#include "ravine/random.h"

namespace ravine::lab {
namespace {

[[noreturn]] void refuse(std::string_view name, const std::string& what) {
  throw UsageError(fmt::format("space: {}: {}", name, what));
}

// "lr=..." does, "relu" and "dropout(p=0.2)" do not.
bool begins_entry(std::string_view word) {
  const size_t end = word.find_first_of("=(");
  return end != word.npos && word[end] == '=';
}

std::vector<std::string> entries_of(std::string_view text) {
  std::vector<std::string> entries;
  for (const std::string& word : split_outside(text, ' ')) {
    if (trim(word).empty()) continue;
    if (begins_entry(word)) {
      entries.push_back(word);
    } else if (entries.empty()) {
      throw UsageError(
          fmt::format("space: '{}' is no entry; write NAME=LOW..HIGH or NAME=VALUE,VALUE", word));
    } else {
      entries.back() += " " + word;
    }
  }
  return entries;
}

double rounded(double x) { return *parse_double(fmt::format("{:.2e}", x)); }

double from_unit(const Dimension& d, double unit) {
  if (d.log) return math::exp(math::log(d.low) + unit * (math::log(d.high) - math::log(d.low)));
  return d.low + unit * (d.high - d.low);
}

// Of a place in [0, 1], both ends of the range included.
std::string value_at(const Dimension& d, double unit) {
  const double x = from_unit(d, unit), value = d.whole ? std::floor(x + 0.5) : rounded(x);
  return to_text(std::clamp(value, d.low, d.high));
}

std::vector<std::string> evenly(const Dimension& d, int64_t count) {
  std::vector<std::string> values;
  for (int64_t i = 0; i < count; ++i) {
    std::string value = value_at(d, double(i) / double(count - 1));
    if (values.empty() || values.back() != value) values.push_back(std::move(value));
  }
  return values;
}

// What follows the range: ":log", ":int", ":5".
void read_form(Dimension& d, std::span<const std::string_view> words) {
  int64_t points = 0;
  for (const std::string_view word : words) {
    if (word == "log") {
      d.log = true;
    } else if (word == "int") {
      d.whole = true;
    } else if (const auto count = parse_int(word); count && *count >= 2 && *count <= 10'000) {
      points = *count;
    } else {
      refuse(d.name, fmt::format("a range ends with :log, :int or a number of values from 2, "
                                 "not ':{}'",
                                 word));
    }
  }
  if (!(d.low < d.high)) {
    refuse(d.name, fmt::format("{} is not below {}; write LOW..HIGH", d.low, d.high));
  }
  if (d.log && d.low <= 0) refuse(d.name, fmt::format("a logarithm needs LOW > 0, got {}", d.low));
  if (d.whole && (d.low != std::floor(d.low) || d.high != std::floor(d.high))) {
    refuse(d.name, fmt::format("with :int the ends are whole numbers, got {}..{}", d.low, d.high));
  }
  if (points > 0) d.values = evenly(d, points);
}

// "1e-5..1e-1:log"; false for what does not begin as a range does.
bool read_range(Dimension& d, std::string_view text) {
  const size_t dots = text.find("..");
  if (dots == text.npos) return false;
  const auto low = parse_double(trim(text.substr(0, dots)));
  if (!low) return false;
  const auto words = split(text.substr(dots + 2), ':');
  const auto high = parse_double(trim(words[0]));
  if (!high || !std::isfinite(*low) || !std::isfinite(*high)) {
    refuse(d.name, fmt::format("'{}' is no range; write LOW..HIGH, as 1e-5..1e-1:log", text));
  }
  d.low = *low, d.high = *high;
  read_form(d, std::span(words).subspan(1));
  return true;
}

void read_values(Dimension& d, std::string_view text) {
  for (const std::string& part : split_outside(text, ',')) {
    const std::string value(trim(part));
    if (value.empty()) refuse(d.name, "a value is missing; write NAME=VALUE,VALUE");
    if (std::ranges::count(d.values, value)) refuse(d.name, fmt::format("{} twice", value));
    d.values.push_back(value);
  }
}

Dimension parse_dimension(std::string_view entry) {
  const size_t equals = entry.find('=');
  Dimension d{.name = std::string(trim(entry.substr(0, equals))), .values = {}};
  const std::string_view text = trim(entry.substr(equals + 1));
  if (d.name.empty()) throw UsageError(fmt::format("space: '{}' has no name", entry));
  if (!read_range(d, text)) read_values(d, text);
  return d;
}

}  // namespace

std::vector<std::string> split_outside(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : text) {
    depth += (c == '(') - (c == ')');
    if (c == separator && depth <= 0)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

Space parse_space(std::string_view text) {
  Space space;
  for (const std::string& entry : entries_of(text)) {
    Dimension d = parse_dimension(entry);
    if (std::ranges::count(space, d.name, &Dimension::name)) refuse(d.name, "is there twice");
    space.push_back(std::move(d));
  }
  if (space.empty()) {
    throw UsageError("space: it is empty; write entries like lr=1e-5..1e-1:log or alpha=0.9,0.99");
  }
  return space;
}

// The space begins at a blank before an entry, but for one behind a comma: that is the line's.
SpacedLine split_space(std::string_view text) {
  SpacedLine parts;
  for (const std::string& word : split_outside(text, ' ')) {
    if (trim(word).empty()) continue;
    const bool entry = begins_entry(word) && word[0] != ',' && word[0] != '=';
    const bool in_line = parts.line.empty() || parts.line.ends_with(',') || !entry;
    std::string& part = parts.space.empty() && in_line ? parts.line : parts.space;
    part += (part.empty() ? "" : " ") + word;
  }
  return parts;
}

std::string space_text(const Space& space) {
  std::string text;
  for (const Dimension& d : space) {
    text += fmt::format("{}{}=", text.empty() ? "" : " ", d.name);
    text += d.values.empty() ? fmt::format("{}..{}{}{}", to_text(d.low), to_text(d.high),
                                           d.log ? ":log" : "", d.whole ? ":int" : "")
                             : join(d.values, ",");
  }
  return text;
}

std::vector<Point> random_points(const Space& space, int64_t trials, uint64_t seed) {
  std::vector<Point> points(static_cast<size_t>(trials));
  for (size_t i = 0; i < points.size(); ++i) {
    for (size_t j = 0; j < space.size(); ++j) {
      const Dimension& d = space[j];
      Random random(derive_seed(seed, i), j);
      const size_t count = d.values.size();
      points[i].push_back(
          {d.name, count > 0 ? d.values[random.below(count)] : value_at(d, random.uniform())});
    }
  }
  return points;
}

std::vector<Point> grid_points(const Space& space, int64_t trials) {
  const auto size_with = [&](int64_t values) {
    double size = 1;
    for (const Dimension& d : space)
      size *= double(d.values.empty() ? values : int64_t(d.values.size()));
    return size;
  };
  if (size_with(2) > double(trials)) {
    throw UsageError(
        fmt::format("space: its smallest grid has {:.0f} points, and there are {} trials; give "
                    "more trials or fewer values",
                    size_with(2), trials));
  }
  int64_t values = 2;
  const bool ranges = std::ranges::any_of(space, [](auto& d) { return d.values.empty(); });
  while (ranges && size_with(values + 1) <= double(trials)) ++values;
  std::vector<Point> points(1);
  for (const Dimension& d : space) {
    std::vector<Point> longer;
    for (const Point& point : points) {
      for (const std::string& value : d.values.empty() ? evenly(d, values) : d.values) {
        longer.push_back(point), longer.back().push_back({d.name, value});
      }
    }
    points = std::move(longer);
  }
  return points;
}

std::vector<Point> points_of(const Space& space, std::string_view search, int64_t trials,
                             uint64_t seed) {
  double combinations = 1;
  for (const Dimension& d : space) {
    combinations *= d.values.empty() ? HUGE_VAL : double(d.values.size());
  }
  if (search == "grid" || combinations <= double(trials)) return grid_points(space, trials);
  return random_points(space, trials, seed);
}

std::string point_text(const Point& point) {
  std::string text;
  for (const Setting& s : point)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", s.name, s.text);
  return text;
}

}  // namespace ravine::lab
