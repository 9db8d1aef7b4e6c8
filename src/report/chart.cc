#include "report/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "report/html.h"

namespace ravine::report {
namespace {

// Units of the viewBox; text is 12 high.
constexpr double kWidth = 400, kRight = 14, kBottom = 36;
constexpr double kLegendRow = 18, kKeyWidth = 26, kCharacter = 7.3;
constexpr int kColors = 8, kMarkers = 5;
constexpr size_t kMarkersShown = 10;

// Coordinates with one decimal, and none where it is 0.
std::string number(double value) {
  std::string text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

double text_width(std::string_view text) {
  const auto characters = std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; });
  return kCharacter * double(characters);
}

std::string shortened(const std::string& name) {  // bytes of a path's end say more than its start
  constexpr size_t kLongest = 34;
  if (name.size() <= kLongest) return name;
  size_t cut = name.size() - kLongest + 1;
  while (cut < name.size() && (name[cut] & 0xC0) == 0x80) ++cut;
  return "\u2026" + name.substr(cut);
}

std::string marker_path(int look, double x, double y) {
  static constexpr const char* kShapes[kMarkers] = {
      "m-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0-6.4 0",  // circle
      "m-2.9-2.9h5.8v5.8h-5.8z",                          // square
      "m0-3.9l3.7 6.4h-7.4z",                             // triangle
      "m0-4l4 4l-4 4l-4-4z",                              // diamond
      "m0 3.9l3.7-6.4h-7.4z",                             // triangle, upside down
  };
  return fmt::format("M{} {}{}", number(x), number(y), kShapes[look % kMarkers]);
}

std::string line_class(const Series& series) {
  static constexpr const char* kLines[] = {"line", "line dashed", "line dotted", "line none"};
  return kLines[int(series.line)];
}

std::string color_class(const Series& series) {
  return series.look == kNeutral ? "cn" : fmt::format("c{}", series.look % kColors);
}

// ---- the chart ----

class Drawing {
 public:
  explicit Drawing(const Chart& chart) : chart_(chart) {
    std::vector<double> xs, ys;
    for (const Series& series : chart.series) {
      for (const Point& point : series.points) xs.push_back(point.x), ys.push_back(point.y);
      ys.insert(ys.end(), series.low.begin(), series.low.end());
      ys.insert(ys.end(), series.high.begin(), series.high.end());
    }
    for (const auto& contour : chart.contours) {
      for (const Point& point : contour) xs.push_back(point.x), ys.push_back(point.y);
    }
    if (chart.diagonal) xs.insert(xs.end(), ys.begin(), ys.end()), ys = xs;
    y_ = make_ruler(chart.y, ys, 5, chart.contours.empty());
    for (const Tick& tick : y_.ticks) left_ = std::max(left_, 12 + text_width(tick.text));
    x_ = make_ruler(chart.x, xs, chart.diagonal ? 5 : 6, chart.diagonal);
    lay_out_legend();
  }

  std::string svg() {
    const double height = top_ + chart_.height + kBottom;
    add(R"(<svg class="chart" id="{0}" viewBox="0 0 {1} {2}" role="img" tabindex="0" )"
        R"(aria-labelledby="{0}-title {0}-text" data-plot="{3} {4} {5} {6}" data-x="{7}">)",
        chart_.id, number(kWidth), number(height), number(left_), number(top_), number(width()),
        number(chart_.height), escaped(chart_.x.title));
    add(R"(<title id="{}-title">{}</title><desc id="{}-text">{}</desc>)", chart_.id,
        escaped(chart_.title), chart_.id, escaped(chart_.description));
    draw_axes();
    draw_legend();
    if (chart_.diagonal) {
      add(R"(<path class="diagonal" d="M{} {}L{} {}"/>)", number(left_), number(bottom()),
          number(left_ + width()), number(top_));
    }
    draw_contours();
    for (const Series& series : chart_.series) draw_band(series);
    for (const Series& series : chart_.series) draw_series(series);
    if (!anything_) {
      add(R"(<text class="empty" x="{}" y="{}">no finite values</text>)",
          number(left_ + width() / 2), number(top_ + chart_.height / 2));
    }
    add("</svg>");
    return std::move(text_);
  }

 private:
  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
  }

  double width() const { return kWidth - left_ - kRight; }
  double bottom() const { return top_ + chart_.height; }
  double x_at(double x) const { return left_ + width() * x_.scale.at(x); }
  double y_at(double y) const { return bottom() - chart_.height * y_.scale.at(y); }
  bool shows(const Point& p) const { return x_.scale.shows(p.x) && y_.scale.shows(p.y); }

  struct Item {
    const Series* series;
    double x, y;
  };

  // Rows from the right of the y axis' title on.
  void lay_out_legend() {
    double x = 4 + text_width(chart_.y.title) + 22, y = 12;
    if (chart_.legend) {
      for (const Series& series : chart_.keys.empty() ? chart_.series : chart_.keys) {
        const double room = kKeyWidth + 4 + text_width(shortened(series.name));
        if (x + room > kWidth && x > 4) x = 4, y += kLegendRow;
        legend_.push_back({&series, x, y});
        x += room + 14;
      }
    }
    top_ = y + 16;
  }

  void draw_legend() {
    for (const Item& item : legend_) {
      add(R"svg(<g class="{}" transform="translate({} {})">)svg", color_class(*item.series),
          number(item.x), number(item.y - 4));
      draw_key(*item.series);
      add(R"(<text x="{}" y="4">{}</text></g>)", number(kKeyWidth + 4),
          escaped(shortened(item.series->name)));
    }
  }

  void draw_key(const Series& series) {
    add(R"(<path class="{}" d="M0 0H{}"/>)", line_class(series), number(kKeyWidth));
    if (series.markers) {
      add(R"(<path class="marker" d="{}"/>)", marker_path(series.look, kKeyWidth / 2, 0));
    }
  }

  void draw_axes() {
    add(R"(<text class="axis" x="4" y="12">{}</text>)", escaped(chart_.y.title));
    add(R"(<path class="grid" d=")");
    for (const Tick& tick : y_.ticks) {
      add("M{} {}H{}", number(left_), number(y_at(tick.value)), number(left_ + width()));
    }
    add(R"("/><path class="frame" d="M{} {}H{}")", number(left_), number(bottom()),
        number(left_ + width()));
    add("/>");
    for (const Tick& tick : y_.ticks) {
      add(R"(<text class="tick y" x="{}" y="{}">{}</text>)", number(left_ - 6),
          number(y_at(tick.value) + 4), tick.text);
    }
    draw_x_ticks();
  }

  // Those that have room, from the left.
  void draw_x_ticks() {
    add(R"(<path class="frame" d=")");
    for (const Tick& tick : x_.ticks) {
      add("M{} {}v4", number(x_at(tick.value)), number(bottom()));
    }
    add(R"("/>)");
    double free = 0;
    for (const Tick& tick : x_.ticks) {
      const double half = text_width(tick.text) / 2;
      const double least = left_ - 4 + half;  // not under the lowest number of the other axis
      const double x = std::clamp(x_at(tick.value), least, std::max(least, kWidth - half));
      if (x - half < free) continue;
      free = x + half + 6;
      add(R"(<text class="tick x" x="{}" y="{}">{}</text>)", number(x), number(bottom() + 16),
          tick.text);
    }
    add(R"(<text class="axis x" x="{}" y="{}">{}</text>)", number(left_ + width()),
        number(bottom() + 31), escaped(chart_.x.title));
  }

  void draw_contours() {
    if (chart_.contours.empty()) return;
    add(R"(<path class="contour" d=")");
    for (const auto& contour : chart_.contours) {
      bool gap = true;
      for (const Point& p : contour) {
        if (shows(p)) add("{}{} {}", gap ? 'M' : 'L', number(x_at(p.x)), number(y_at(p.y)));
        gap = !shows(p);
      }
    }
    add(R"("/>)");
  }

  void draw_band(const Series& series) {
    if (series.low.empty()) return;
    std::string there, back;
    for (size_t i = 0; i < series.points.size(); ++i) {
      const Point low{series.points[i].x, series.low[i]}, high{low.x, series.high[i]};
      if (!shows(low) || !shows(high)) continue;
      there += fmt::format("{}{} {}", there.empty() ? 'M' : 'L', number(x_at(high.x)),
                           number(y_at(high.y)));
      back.insert(0, fmt::format("L{} {}", number(x_at(low.x)), number(y_at(low.y))));
    }
    if (!there.empty())
      add(R"(<path class="band {}" d="{}{}Z"/>)", color_class(series), there, back);
  }

  void draw_series(const Series& series) {
    std::string path, values, markers, points;  // points: each by itself, so that many are darker
    bool gap = true;
    const size_t every = std::max<size_t>(1, series.points.size() / kMarkersShown);
    const bool each = series.points.size() <= 2 * kMarkersShown || series.line == Line::kNone;
    for (size_t i = 0; i < series.points.size(); ++i) {
      const Point& p = series.points[i];
      if (!shows(p)) {
        gap = true;
        continue;
      }
      const double x = x_at(p.x), y = y_at(p.y);
      path += fmt::format("{}{} {}", gap ? 'M' : 'L', number(x), number(y));
      values += fmt::format("{}{}|{}", values.empty() ? "" : ";", value_text(p.x, chart_.x.unit),
                            value_text(p.y, chart_.y.unit));
      const bool alone = gap && (i + 1 == series.points.size() || !shows(series.points[i + 1]));
      const bool marked = each || i % every == size_t(series.look) % every;
      if (series.line == Line::kNone) {
        points += fmt::format(R"(<path class="marker point" d="{}"/>)",
                              marker_path(std::max(series.look, 0), x, y));
      } else if (alone || (series.markers && marked)) {
        markers += marker_path(series.look, x, y);
      }
      gap = false;
    }
    if (path.empty()) return;
    anything_ = true;
    add(R"(<g class="{}"><path class="{}" data-name="{}"{} d="{}"/>)", color_class(series),
        line_class(series), escaped(series.name),
        chart_.values ? fmt::format(R"( data-values="{}")", values) : "", path);
    if (!markers.empty()) add(R"(<path class="marker" d="{}"/>)", markers);
    add("{}</g>", points);
  }

  const Chart& chart_;
  Ruler x_, y_;
  double left_ = 24, top_ = 0;
  std::vector<Item> legend_;
  bool anything_ = false;
  std::string text_;

  friend std::string ravine::report::key_svg(const Series&);
};

}  // namespace

std::string chart_svg(const Chart& chart) { return Drawing(chart).svg(); }

std::string key_svg(const Series& series) {
  return fmt::format(
      R"(<svg class="key {}" viewBox="0 -6 {} 12" aria-hidden="true"><path class="{}" )"
      R"(d="M0 0H{}"/>{}</svg>)",
      color_class(series), number(kKeyWidth), line_class(series), number(kKeyWidth),
      series.markers ? fmt::format(R"(<path class="marker" d="{}"/>)",
                                   marker_path(series.look, kKeyWidth / 2, 0))
                     : "");
}

// The colours are Okabe and Ito's, which colour-blind readers tell apart, darkened on white and
// lightened on black until each has a contrast of 3 : 1.
std::string_view chart_style() {
  return R"css(
:root{--c0:#0072b2;--c1:#c14d00;--c2:#00855f;--c3:#b0548a;--c4:#b98500;--c5:#3797cf;--c6:#444;--c7:#8a8a8a;
--ink:#1c2733;--soft:#5b6773;--rule:#dfe4e9;--paper:#fff}
@media (prefers-color-scheme:dark){:root{--c0:#4fa8e8;--c1:#f07f3c;--c2:#2cc296;--c3:#e08fbf;--c4:#e5ad2e;
--c5:#8fd0f5;--c6:#c8c8c8;--c7:#efe24a;--ink:#e4e9ee;--soft:#9aa6b2;--rule:#2b343d;--paper:#14191e}}
.c0{--c:var(--c0)}.c1{--c:var(--c1)}.c2{--c:var(--c2)}.c3{--c:var(--c3)}
.cn{--c:var(--soft)}.c4{--c:var(--c4)}.c5{--c:var(--c5)}.c6{--c:var(--c6)}.c7{--c:var(--c7)}
.chart{display:block;width:100%;height:auto;font:12px system-ui,sans-serif;overflow:visible}
.chart text{fill:var(--ink);font-variant-numeric:tabular-nums}
.chart .tick,.chart .axis{fill:var(--soft)}
.chart .tick.y,.chart .axis.x{text-anchor:end}
.chart .tick.x,.chart .empty{text-anchor:middle}
.chart .grid{stroke:var(--rule);fill:none}
.chart .frame{stroke:var(--soft);fill:none}
.chart .diagonal{stroke:var(--soft);stroke-dasharray:2 4;fill:none}
.line{stroke:var(--c);stroke-width:2;fill:none;stroke-linejoin:round;stroke-linecap:round}
.line.dashed{stroke-dasharray:6 5}
.line.dotted{stroke-dasharray:.1 4.5}
.line.none{stroke:none}
.marker{fill:var(--c);stroke:var(--paper);stroke-width:.8}
.point{fill-opacity:.4;stroke:none}
.contour{stroke:var(--soft);stroke-width:.7;stroke-opacity:.55;fill:none}
.band{fill:var(--c);opacity:.18}
.key{width:26px;height:12px;vertical-align:middle}
)css";
}

}  // namespace ravine::report
