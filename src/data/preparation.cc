#include "data/preparation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "data/field.h"
#include "ravine/error.h"

namespace ravine {
namespace {

using Use = PreparedColumn::Use;

constexpr size_t kMostWholeClasses = 20;  // different whole numbers that are taken as classes

// Replaces each cell of column `at` by f(cell), but for those that are missing.
template <class F>
void map_cells(Cells& cells, size_t at, const F& f) {
  for (size_t i = 0; i < cells.rows(); ++i) {
    float& cell = cells.row(i)[at];
    if (!std::isnan(cell)) cell = f(cell);
  }
}

// Sorts the texts of a column, and makes its cells their numbers in that order.
std::vector<std::string> sort_texts(const std::vector<std::string>& texts, Cells& cells,
                                    size_t at) {
  std::vector<uint32_t> order(texts.size());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::sort(order, [&](uint32_t a, uint32_t b) { return value_less(texts[a], texts[b]); });
  std::vector<std::string> sorted;
  std::vector<float> place(texts.size());
  for (const uint32_t i : order) {
    place[i] = float(sorted.size());
    sorted.push_back(texts[i]);
  }
  map_cells(cells, at, [&](float code) { return place[size_t(code)]; });
  return sorted;
}

// The different numbers of a column in order, as long as they look like classes; else none.
std::vector<float> whole_classes(Cells& cells, size_t at) {
  std::vector<float> seen;
  for (size_t i = 0; i < cells.rows(); ++i) {
    const float number = cells.row(i)[at];
    const auto place = std::ranges::lower_bound(seen, number);
    if (place != seen.end() && *place == number) continue;
    if (number != std::floor(number) || seen.size() == kMostWholeClasses) return {};
    seen.insert(place, number);
  }
  return 2 * seen.size() <= cells.rows() ? seen : std::vector<float>();
}

void fit_label(RawTable& table, const TableOptions& options, size_t at, PreparedColumn& label) {
  const TableColumn& column = table.columns[table.used[at]];
  if (column.holds == TableColumn::Holds::kTexts) {
    label.values = sort_texts(column.texts, table.cells, at);
  } else if (options.task == "auto") {
    const std::vector<float> classes = whole_classes(table.cells, at);
    for (const float number : classes) label.values.push_back(value_name(number));
    if (classes.empty()) return;
    map_cells(table.cells, at, [&](float number) {
      return float(std::ranges::lower_bound(classes, number) - classes.begin());
    });
  }
}

struct Statistics {
  double count = 0, mean = 0, squares = 0;  // squares: of the differences from the mean
  double low = INFINITY, high = -INFINITY;
};

// Of each column of cells, in the order of the rows; those of texts mean nothing.
std::vector<Statistics> statistics_of(Cells& cells, std::span<const uint32_t> rows) {
  std::vector<Statistics> all(cells.width());
  const auto for_each = [&](const auto& f) {
    for (const uint32_t i : rows) {
      const float* const row = cells.row(i);
      for (size_t at = 0; at < all.size(); ++at) {
        if (!std::isnan(row[at])) f(all[at], double(row[at]));
      }
    }
  };
  for_each([](Statistics& s, double x) {
    s.count += 1, s.mean += x;
    s.low = std::min(s.low, x), s.high = std::max(s.high, x);
  });
  for (Statistics& s : all) s.mean = s.low == s.high ? s.low : s.mean / s.count;
  for_each([](Statistics& s, double x) { s.squares += (x - s.mean) * (x - s.mean); });
  return all;
}

void fit_number(const RawTable& table, const TableOptions& options, size_t at, const Statistics& s,
                PreparedColumn& column) {
  if (s.count == 0) {
    throw Error(fmt::format("{}: {} has no value in the training rows; leave it out with --ignore",
                            table.name, table.columns[table.used[at]].text));
  }
  column.mean = {s.mean};
  if (options.scale == "none") return;
  const bool standard = options.scale == "standard";
  column.offset = standard ? s.mean : s.low;
  if (s.low != s.high) column.scale = standard ? std::sqrt(s.squares / s.count) : s.high - s.low;
}

void keep_share(const TableColumn& from, const Statistics& s, PreparedColumn& target) {
  if (!from.no_share.empty()) {
    throw Error(
        fmt::format("{} is no share: the loss takes targets in [0, 1]; mean_squared_error "
                    "takes any",
                    from.no_share));
  }
  target.mean = {s.mean};
}

void fit_categories(RawTable& table, size_t at, std::span<const uint32_t> rows,
                    PreparedColumn& column) {
  column.values = sort_texts(table.columns[table.used[at]].texts, table.cells, at);
  column.mean.assign(column.values.size(), 0);
  double count = 0;
  for (const uint32_t i : rows) {
    const float code = table.cells.row(i)[at];
    if (!std::isnan(code)) column.mean[size_t(code)] += 1, count += 1;
  }
  for (double& share : column.mean) share /= std::max(count, 1.0);
}

double scaled(const PreparedColumn& column, double x) { return (x - column.offset) / column.scale; }

}  // namespace

int64_t Preparation::inputs() const {
  int64_t width = 0;
  for (const PreparedColumn& column : columns) {
    if (column.use == Use::kNumber) ++width;
    if (column.use == Use::kCategory) width += int64_t(column.values.size());
  }
  return width;
}

const PreparedColumn& Preparation::label() const {
  const auto found = std::ranges::find(columns, Use::kLabel, &PreparedColumn::use);
  if (found == columns.end()) throw Error("preparation: no column is the label");
  return *found;
}

Preparation fit_preparation(RawTable& table, const TableOptions& options,
                            std::span<const uint32_t> train) {
  const std::vector<Statistics> statistics = statistics_of(table.cells, train);
  Preparation preparation{.missing = options.missing};
  size_t at = 0;
  for (const TableColumn& from : table.columns) {
    PreparedColumn column{.name = from.name, .use = from.use};
    if (column.use == Use::kLabel) fit_label(table, options, at, column);
    if (column.use == Use::kCategory) fit_categories(table, at, train, column);
    const bool target = column.use == Use::kLabel && column.values.empty();
    if (target && options.target_is_share) {
      keep_share(from, statistics[at], column);
    } else if (column.use == Use::kNumber || target) {
      fit_number(table, options, at, statistics[at], column);
    }
    at += column.use != Use::kIgnored;
    preparation.columns.push_back(std::move(column));
  }
  return preparation;
}

float encode(const Preparation& preparation, const float* cells, float* inputs) {
  float label = 0;
  for (const PreparedColumn& column : preparation.columns) {
    if (column.use == Use::kIgnored) continue;
    const float cell = *cells++;
    const bool missing = std::isnan(cell);
    if (column.use == Use::kLabel) {
      label = column.values.empty() ? float(scaled(column, cell)) : cell;
    } else if (column.use == Use::kNumber) {
      *inputs++ = float(scaled(column, missing ? column.mean[0] : cell));
    } else {
      for (size_t i = 0; i < column.values.size(); ++i) {
        *inputs++ = missing ? float(column.mean[i]) : float(i == size_t(cell));
      }
    }
  }
  return label;
}

}  // namespace ravine
