#include "lab/contours.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace ravine::lab {
namespace {

using report::Point;

// The sides of the squares, numbered: those along x, then those along y.
class Squares {
 public:
  Squares(const Heights& heights, double level) : h_(heights), level_(level) {}

  std::vector<std::vector<Point>> lines() {
    for (size_t row = 0; row + 1 < h_.rows; ++row) {
      for (size_t column = 0; column + 1 < h_.columns; ++column) cut(column, row);
    }
    std::vector<std::vector<Point>> lines;
    for (const bool open : {true, false}) {  // those with ends begin at one
      for (const auto& [side, next] : neighbours_) {
        if (!next.empty() && (!open || next.size() == 1)) lines.push_back(follow(side));
      }
    }
    return lines;
  }

 private:
  double at(size_t column, size_t row) const { return h_.values[row * h_.columns + column]; }
  size_t along_x(size_t column, size_t row) const { return row * h_.columns + column; }
  size_t along_y(size_t column, size_t row) const {
    return h_.rows * h_.columns + along_x(column, row);
  }

  void join(size_t a, size_t b) {
    neighbours_[a].push_back(b);
    neighbours_[b].push_back(a);
  }

  // Joins the sides of a square that the line crosses.
  void cut(size_t c, size_t r) {
    const double corners[] = {at(c, r), at(c + 1, r), at(c + 1, r + 1), at(c, r + 1)};
    const size_t sides[] = {along_x(c, r), along_y(c + 1, r), along_x(c, r + 1), along_y(c, r)};
    std::vector<size_t> crossed;
    double sum = 0;
    for (size_t i = 0; i < 4; ++i) {
      if (!std::isfinite(corners[i])) return;
      sum += corners[i];
      if (above(corners[i]) != above(corners[(i + 1) % 4])) crossed.push_back(sides[i]);
    }
    if (crossed.size() == 2) join(crossed[0], crossed[1]);
    if (crossed.size() < 4) return;
    const bool apart = above(sum / 4) != above(corners[0]);  // corner 0 is cut off by itself
    join(crossed[0], crossed[apart ? 3 : 1]);
    join(crossed[2], crossed[apart ? 1 : 3]);
  }

  bool above(double height) const { return height >= level_; }

  Point place(size_t side) const {
    const size_t half = h_.rows * h_.columns, index = side % half;
    const size_t c = index % h_.columns, r = index / h_.columns;
    const bool vertical = side >= half;
    const double from = at(c, r), to = vertical ? at(c, r + 1) : at(c + 1, r);
    const double part = (level_ - from) / (to - from);
    const double x = double(c) + (vertical ? 0 : part), y = double(r) + (vertical ? part : 0);
    return {h_.view[0] + (h_.view[1] - h_.view[0]) * x / double(h_.columns - 1),
            h_.view[2] + (h_.view[3] - h_.view[2]) * y / double(h_.rows - 1)};
  }

  std::vector<Point> follow(size_t side) {
    std::vector<Point> line = {place(side)};
    while (!neighbours_[side].empty()) {
      const size_t next = neighbours_[side].back();
      neighbours_[side].pop_back();
      std::erase(neighbours_[next], side);
      line.push_back(place(side = next));
    }
    return line;
  }

  const Heights& h_;
  double level_;
  std::map<size_t, std::vector<size_t>> neighbours_;  // of a side that is crossed: one or two
};

}  // namespace

std::vector<double> levels_of(const Heights& heights) {
  std::vector<double> sorted;
  for (const double value : heights.values) {
    if (std::isfinite(value)) sorted.push_back(value);
  }
  std::ranges::sort(sorted);
  std::vector<double> levels;
  for (const double share : {0.02, .05, .1, .17, .26, .36, .47, .59, .71, .83, .94}) {
    if (sorted.empty()) break;
    const double level = sorted[size_t(share * double(sorted.size() - 1))];
    if (levels.empty() || level > levels.back()) levels.push_back(level);
  }
  return levels;
}

std::vector<std::vector<Point>> contours(const Heights& heights, double level) {
  return Squares(heights, level).lines();
}

}  // namespace ravine::lab
