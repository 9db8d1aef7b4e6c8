// Charts as SVG: lines with markers and bands over two axes, a legend, and the values that the
// page's script shows where one points.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "report/scale.h"

namespace ravine::report {

struct Point {
  double x, y;  // where y cannot be shown, the line has a gap
};

enum class Line { kSolid, kDashed, kDotted, kNone };

inline constexpr int kNeutral = -1;  // a look without a colour of its own

struct Series {
  std::string name;
  int look = 0;  // which colour and marker; after 40 they come again
  Line line = Line::kSolid;
  bool markers = true;
  std::vector<Point> points;
  std::vector<double> low = {}, high = {};  // of the band around each point; empty: no band
};

struct Chart {
  std::string id;           // of its elements in the page
  std::string title;        // for readers of the screen, as is:
  std::string description;  // what it shows, in a sentence
  Axis x, y;
  std::vector<Series> series;
  bool legend = true;
  std::vector<Series> keys = {};  // of the legend; none: the series
  bool diagonal = false;          // a line where y = x; both axes then show the same range
  std::vector<std::vector<Point>> contours = {};  // thin lines behind the series
  double height = 196;                            // of the plot, where the chart is 400 wide
  bool values = true;  // lines carry the values that the page's script shows
};

// <svg class="chart">, as wide as its place; chart_style() gives it its colours.
std::string chart_svg(const Chart& chart);

// A small picture of a series' line and marker, for legends and tables.
std::string key_svg(const Series& series);

std::string_view chart_style();

}  // namespace ravine::report
