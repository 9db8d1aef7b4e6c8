// Rows in aligned columns, under one heading; a narrow screen leaves columns out.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace ravine::cli {

struct Column {
  std::string group, title;  // neighbours of one group share its heading
  int width;                 // of the widest cell
  int rank = 0;              // the highest one goes first where the screen is too narrow
};

class Table {
 public:
  Table(std::vector<Column> columns, int width);
  std::string heading() const;  // two lines
  // A cell for each column, also of those left out. No blanks at the end.
  std::string row(const std::vector<std::string>& cells) const;

 private:
  struct Place {
    size_t column;
    int gap, width;  // blanks before it, and its own columns
  };
  bool fit(int width, int gap);
  std::string group_line() const;

  std::vector<Column> columns_;
  std::vector<bool> shown_;
  std::vector<Place> places_;
};

}  // namespace ravine::cli
