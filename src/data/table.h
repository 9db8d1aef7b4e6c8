// A table as it is read for the first time, when what its columns hold is found out.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "data/cells.h"
#include "data/csv.h"
#include "ravine/table.h"

namespace ravine {

struct TableColumn {
  enum class Holds { kNothing, kNumbers, kTexts };
  std::string name, text;  // "pH", "column 9 ('pH')"
  PreparedColumn::Use use = PreparedColumn::Use::kNumber;
  bool as_texts = false;  // numbers too: a category or class by wish
  Holds holds = Holds::kNothing;
  size_t first_row = 0;  // with a value
  int64_t missing = 0;
  size_t first_missing = 0;        // its row
  std::string no_share;            // of a label: the first number outside of [0, 1], and its place
  std::vector<std::string> texts;  // in the order in which they came

  // The number of a text among `texts`, which it joins if it is new.
  uint32_t code_of(std::string_view field);

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view key) const { return std::hash<std::string_view>()(key); }
  };
  std::unordered_map<std::string, uint32_t, Hash, std::equal_to<>> codes_;
};

struct RawTable {
  std::string name;                  // of the file
  std::vector<TableColumn> columns;  // of the file
  std::vector<size_t> used;          // the columns that are not ignored: those of the cells
  Cells cells{0};
  int64_t dropped = 0;  // rows
};

// Throws UsageError on options that name no column, Error on what cannot be used: a column of
// numbers and texts, more texts than categories have, missing values where they are refused.
RawTable read_table(const std::filesystem::path& path, const TableOptions& options);

// The column of the file that `text` names or numbers; `option` begins the message.
size_t find_column(const CsvReader& reader, std::string_view option, std::string_view text);

}  // namespace ravine
