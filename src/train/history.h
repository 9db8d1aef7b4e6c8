// A history as CSV.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "ravine/train.h"

namespace ravine {

// Which numbers a training has; without a test set its columns stay empty.
struct HistoryColumns {
  bool labels = true, validation = false, test = true;
};

// A line an epoch: epoch,step,seconds,lr, then loss and metrics of train, validation and test.
std::string history_csv(const History& history, const HistoryColumns& columns);

// A history.csv as it stands: columns of numbers under their names, without those that are empty.
struct HistoryTable {
  struct Column {
    std::string name;
    std::vector<double> values;
  };
  std::vector<Column> columns;

  size_t rows() const { return columns.empty() ? 0 : columns[0].values.size(); }
  const std::vector<double>* find(std::string_view name) const;  // nullptr: there is no such column
};

// Throws Error that names file and line: it is missing, has no epoch, step, seconds or lr, a column
// twice, a line of another length, or what is no number.
HistoryTable read_history(const std::filesystem::path& path);

}  // namespace ravine
