// Rows in aligned columns under one heading; a narrow screen leaves columns out.
#pragma once
#include <string>
#include <vector>

namespace ravine::cli {

struct Column {
  std::string title;
  int width;     // of the widest cell
  int rank = 0;  // the highest one goes first where the screen is too narrow
};

class Table {
 public:
  Table(std::vector<Column> columns, int width);
  std::string heading() const;
  // A cell for each column, also of those left out; cells at the end may be absent.
  std::string row(const std::vector<std::string>& cells) const;

 private:
  std::vector<Column> columns_;
  std::vector<size_t> shown_;
};

}  // namespace ravine::cli
