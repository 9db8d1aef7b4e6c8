#include "table.h"

#include <fmt/format.h>

#include <algorithm>

namespace ravine::cli {
namespace {

std::string without_end_blanks(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

}  // namespace

Table::Table(std::vector<Column> columns, int width)
    : columns_(std::move(columns)), shown_(columns_.size(), true) {
  for (Column& column : columns_) column.width = std::max(column.width, int(column.title.size()));
  while (!fit(width, 2) && !fit(width, 1)) {
    size_t worst = columns_.size();
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (!shown_[i]) continue;
      if (worst == columns_.size() || columns_[i].rank > columns_[worst].rank) worst = i;
    }
    if (places_.size() <= 1) return;
    shown_[worst] = false;
  }
}

// Places the columns with `gap` blanks inside of a group and one more between groups.
bool Table::fit(int width, int gap) {
  places_.clear();
  int total = 0;
  const std::string* group = nullptr;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (!shown_[i]) continue;
    const Column& column = columns_[i];
    const bool inside = group != nullptr && !group->empty() && *group == column.group;
    const int before = group == nullptr ? 0 : inside ? gap : gap + 1;
    places_.push_back({i, before, column.width});
    total += before + column.width;
    group = &column.group;
  }
  return total <= width;
}

std::string Table::group_line() const {
  std::string line;
  for (size_t i = 0; i < places_.size();) {
    const std::string& group = columns_[places_[i].column].group;
    int width = places_[i].width;
    const int gap = places_[i].gap;
    for (++i; i < places_.size() && !group.empty(); ++i) {
      if (columns_[places_[i].column].group != group) break;
      width += places_[i].gap + places_[i].width;
    }
    line += fmt::format("{:{}}{:>{}}", "", gap, group, width);
  }
  return without_end_blanks(line);
}

std::string Table::heading() const {
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  return group_line() + '\n' + row(titles);
}

std::string Table::row(const std::vector<std::string>& cells) const {
  std::string line;
  for (const Place& place : places_) {
    line += fmt::format("{:{}}{:>{}}", "", place.gap, cells[place.column], place.width);
  }
  return without_end_blanks(line);
}

}  // namespace ravine::cli
