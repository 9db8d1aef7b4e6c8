// What is in a data set, before anything is trained on it.
//
//   DataSummary summary = describe_table("wine.csv", {}, "test.csv");
//   for (const ColumnSummary& column : summary.columns) show(column.name, column.mean);
#pragma once
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "ravine/data.h"
#include "ravine/table.h"

namespace ravine {

// A column of a table. Numbers are NaN where it holds none.
struct ColumnSummary {
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  std::string name;  // "" without a header
  int64_t numbers = 0, texts = 0, missing = 0;
  double low = kNone, mean = kNone, deviation = kNone,
         high = kNone;  // deviation: of the population
  // The different values and how often each comes, in the order of classes; beyond 1,000 of them
  // none are kept and `many` is true.
  std::vector<std::pair<std::string, int64_t>> values;
  bool many = false;
};

struct DataSummary {
  std::string name;
  int64_t examples = 0;
  int64_t duplicates = 0;     // examples equal to an earlier one in all they have, label included
  int64_t test_examples = 0;  // where a test set was given
  int64_t overlap = 0;        // of these, equal to an example of the data
  // Beyond a million different examples, of which no more are kept, the two are counted in a part
  // of them, chosen by their hash, and multiplied.
  bool estimated = false;
  std::vector<ColumnSummary> columns;

  // Of images: the shape of one, their values, and inputs that are the same in all examples.
  Shape example;
  int64_t constant_inputs = 0;
};

// Tables: nothing in them is refused but rows of another width. `test` may be empty. Of `options`
// separator and header hold. Throws as read_csv().
DataSummary describe_table(const std::filesystem::path& path, const TableOptions& options = {},
                           const std::filesystem::path& test = {});

// Data sets in memory: one column of all inputs, and one of the labels.
DataSummary describe_data(const TrainTest& data);

// One IDX file, of images or labels.
DataSummary describe_idx(const std::filesystem::path& path);

}  // namespace ravine
