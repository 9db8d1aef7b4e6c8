#include "report/chart_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ravine/format.h"

namespace ravine::report {
namespace {

constexpr int kRows = 12, kNarrowest = 8, kLabelGap = 2;
constexpr std::string_view kMarks = "*o+x#@%&";
constexpr const char* kCodes[] = {"34", "31", "32", "35", "33", "36", "37", "93"};

int columns_in(std::string_view text) {
  return int(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

// The first `width` columns, with a mark where something is left out.
std::string cut(std::string_view text, int width, bool utf8) {
  if (columns_in(text) <= width) return std::string(text);
  std::string result;
  int columns = 0;
  for (const char c : text) {
    if ((c & 0xC0) != 0x80 && ++columns >= width) break;
    result += c;
  }
  return result + (utf8 ? "\u2026" : "~");
}

// A grid of cells that hold a mark, or two by four dots of a curve.
class Canvas {
 public:
  Canvas(int columns, const TextOptions& options)
      : columns_(columns), options_(options), cells_(size_t(columns * kRows)) {}

  void line(double x0, double y0, double x1, double y1, int look) {
    const int steps =
        2 * int(std::max(std::fabs(x1 - x0) * 2 * columns_, std::fabs(y1 - y0) * 4 * kRows)) + 1;
    for (int i = 0; i <= steps; ++i) {
      const double t = double(i) / steps;
      dot(x0 + t * (x1 - x0), y0 + t * (y1 - y0), look);
    }
  }

  void mark(double x, double y, int look) {
    Cell& cell = at(x, y);
    cell.mark = mark_of(look), cell.look = look;
  }

  std::string row(int r) const {
    std::string text;
    for (int c = 0; c < columns_; ++c) text += cell_text(cells_[size_t(r * columns_ + c)]);
    return text;
  }

  static int row_of(double y) { return std::min(int((1 - y) * kRows), kRows - 1); }
  static char mark_of(int look) { return kMarks[size_t(look) % kMarks.size()]; }

 private:
  struct Cell {
    char mark = 0;
    uint8_t dots = 0;  // of the braille pattern
    int look = 0;
  };

  Cell& at(double x, double y) {
    const int column = std::min(int(x * columns_), columns_ - 1);
    return cells_[size_t(row_of(y) * columns_ + column)];
  }

  void dot(double x, double y, int look) {
    static constexpr uint8_t kDots[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    Cell& cell = at(x, y);
    const int column = std::min(int(x * 2 * columns_), 2 * columns_ - 1) % 2;
    const int row = std::min(int((1 - y) * 4 * kRows), 4 * kRows - 1) % 4;
    cell.dots |= kDots[row][column];
    if (cell.mark == 0) cell.look = look;
  }

  std::string cell_text(const Cell& cell) const {
    if (cell.mark == 0 && cell.dots == 0) return " ";
    std::string text(1, cell.mark != 0 ? cell.mark : '.');
    if (cell.mark == 0 && options_.utf8) {
      text = {char(0xE2), char(0xA0 | cell.dots >> 6), char(0x80 | (cell.dots & 0x3F))};
    }
    return painted(text, cell.look, options_);
  }

 public:
  static std::string painted(const std::string& text, int look, const TextOptions& options) {
    if (!options.color || look == kNeutral) return text;
    return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[size_t(look) % std::size(kCodes)], text);
  }

 private:
  int columns_;
  const TextOptions& options_;
  std::vector<Cell> cells_;
};

// What stands at the end of a curve.
struct Label {
  int row;
  std::string text;
  int look;
};

class Drawing {
 public:
  Drawing(const Chart& chart, const TextOptions& options) : chart_(chart), options_(options) {
    std::vector<double> xs, ys;
    for (const Series& series : chart.series) {
      for (const Point& point : series.points) xs.push_back(point.x), ys.push_back(point.y);
    }
    y_ = make_ruler(chart.y, ys, 4, true);
    x_ = make_ruler(chart.x, xs, 6, false);
    for (const Tick& tick : y_.ticks) left_ = std::max(left_, columns_in(tick.text) + 1);
    make_labels();
    columns_ = std::max(options.width - left_ - 1 - right_, kNarrowest);
  }

  std::string text() const {
    Canvas canvas(columns_, options_);
    for (const Series& series : chart_.series) draw(canvas, series);
    std::string text;
    for (int row = 0; row < kRows; ++row) {
      text += fmt::format("{:>{}}{}{}", tick_at(row), left_, frame("\u2502", "|"), canvas.row(row));
      for (const Label& label : labels_) {
        if (label.row == row) text += "  " + Canvas::painted(label.text, label.look, options_);
      }
      text.erase(text.find_last_not_of(' ') + 1);
      text += '\n';
    }
    return text + x_axis();
  }

 private:
  std::string frame(const char* utf8, const char* ascii) const {
    return options_.utf8 ? utf8 : ascii;
  }

  bool shows(const Point& p) const { return x_.scale.shows(p.x) && y_.scale.shows(p.y); }

  void draw(Canvas& canvas, const Series& series) const {
    const Point* before = nullptr;
    for (const Point& p : series.points) {
      if (!shows(p)) {
        before = nullptr;
        continue;
      }
      const double x = x_.scale.at(p.x), y = y_.scale.at(p.y);
      if (before) canvas.line(x_.scale.at(before->x), y_.scale.at(before->y), x, y, series.look);
      before = &p;
    }
    if (int(series.points.size()) > columns_ / 2) return;
    for (const Point& p : series.points) {
      if (shows(p)) canvas.mark(x_.scale.at(p.x), y_.scale.at(p.y), series.look);
    }
  }

  // Down from the end of each curve to the next row that is free.
  void make_labels() {
    if (!chart_.legend || int(chart_.series.size()) > kRows) return;
    for (const Series& series : chart_.series) {
      for (auto p = series.points.rbegin(); p != series.points.rend(); ++p) {
        if (!shows(*p)) continue;
        const bool ends =
            p == series.points.rbegin();  // its last value would be no such thing else
        labels_.push_back({Canvas::row_of(y_.scale.at(p->y)),
                           fmt::format("{} {} {}", Canvas::mark_of(series.look), series.name,
                                       ends ? value_text(p->y, chart_.y.unit) : "diverged"),
                           series.look});
        break;
      }
    }
    std::ranges::stable_sort(labels_, {}, &Label::row);
    for (size_t i = 1; i < labels_.size(); ++i) {
      labels_[i].row = std::max(labels_[i].row, labels_[i - 1].row + 1);
    }
    for (int last = kRows - 1, i = int(labels_.size()) - 1; i >= 0; --i, --last) {
      labels_[size_t(i)].row = std::min(labels_[size_t(i)].row, last);
    }
    const int most = options_.width / 3 - kLabelGap;
    for (Label& label : labels_) {
      label.text = cut(label.text, most, options_.utf8);
      right_ = std::max(right_, columns_in(label.text) + kLabelGap);
    }
  }

  std::string tick_at(int row) const {
    for (const Tick& tick : y_.ticks) {
      if (Canvas::row_of(y_.scale.at(tick.value)) == row) return tick.text;
    }
    return "";
  }

  std::string x_axis() const {
    std::string line = fmt::format("{:>{}}{}", "", left_, frame("\u2514", "+")), numbers;
    for (int i = 0; i < columns_; ++i) line += frame("\u2500", "-");
    for (const Tick& tick : x_.ticks) {
      const int center = left_ + 1 + int(x_.scale.at(tick.value) * (columns_ - 1));
      const int begin = center - columns_in(tick.text) / 2;
      if (begin < columns_in(numbers) + (numbers.empty() ? 0 : 2)) continue;
      if (begin + columns_in(tick.text) > options_.width) continue;
      numbers += std::string(size_t(begin - columns_in(numbers)), ' ') + tick.text;
    }
    return fmt::format("{}\n{}\n", line, numbers);
  }

  const Chart& chart_;
  const TextOptions& options_;
  Ruler x_, y_;
  std::vector<Label> labels_;
  int left_ = 2, right_ = 0, columns_ = 0;
};

}  // namespace

std::string chart_text(const Chart& chart, std::string_view note, const TextOptions& options) {
  const std::string title =
      fmt::format("{} by {}{}{}{}", chart.title, chart.x.title, chart.y.log ? ", logarithmic" : "",
                  note.empty() ? "" : ": ", note);
  return wrapped(title, options.width, 2) + '\n' + Drawing(chart, options).text();
}

}  // namespace ravine::report
