// Another file of the columns that a preparation was fitted on.
#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <vector>

#include "data/csv.h"
#include "ravine/table.h"

namespace ravine {

// Reads its rows one by one as the inputs of a model.
class PreparedRows {
 public:
  // `labels`: whether the label is asked for. Throws Error if a column is not there.
  PreparedRows(const std::filesystem::path& path, const Preparation& preparation,
               const TableOptions& options, bool labels);

  // The next row's inputs, and its label as encode() gives it; false at the end. Rows with missing
  // values are skipped where the preparation drops them and labels are asked for.
  bool next(float* inputs, float* label);
  int64_t dropped() const { return dropped_; }
  const std::string& name() const { return reader_.name(); }

 private:
  void find_by_name();
  void find_by_place(bool labels);
  bool read_cells();  // false: the row has a missing value, and is dropped
  float cell(const PreparedColumn& column, size_t from) const;
  float missing(const PreparedColumn& column, size_t from, std::string_view field) const;

  const Preparation& preparation_;
  CsvReader reader_;
  bool labels_;
  std::vector<std::optional<size_t>> from_;  // column of the file, of each of the preparation
  std::vector<std::map<std::string, float, std::less<>>> codes_;  // of its values
  std::vector<float> cells_;
  int64_t dropped_ = 0;
};

}  // namespace ravine
