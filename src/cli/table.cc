#include "table.h"

#include <fmt/format.h>

#include <algorithm>

namespace ravine::cli {
namespace {

constexpr int kGap = 2;

}  // namespace

Table::Table(std::vector<Column> columns, int width) : columns_(std::move(columns)) {
  int total = -kGap;
  for (size_t i = 0; i < columns_.size(); ++i) {
    columns_[i].width = std::max(columns_[i].width, int(columns_[i].title.size()));
    total += kGap + columns_[i].width;
    shown_.push_back(i);
  }
  while (total > width && shown_.size() > 1) {
    const auto worst = std::max_element(shown_.begin(), shown_.end(), [&](size_t a, size_t b) {
      return columns_[a].rank < columns_[b].rank;
    });
    total -= kGap + columns_[*worst].width;
    shown_.erase(worst);
  }
}

std::string Table::heading() const {
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  return row(titles);
}

std::string Table::row(const std::vector<std::string>& cells) const {
  std::string line;
  for (const size_t i : shown_) {
    const int gap = line.empty() ? 0 : kGap;
    line += fmt::format("{:>{}}", i < cells.size() ? cells[i] : "", gap + columns_[i].width);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace ravine::cli
