// How the columns of a table became the inputs of the model.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "ravine/format.h"
#include "ravine/table.h"
#include "report/html.h"
#include "report/page.h"
#include "report/sections.h"
#include "train/folder.h"

namespace ravine::report {
namespace {

using Use = PreparedColumn::Use;

constexpr size_t kMostValues = 20;  // that are listed

std::string use_text(const PreparedColumn& column) {
  switch (column.use) {
    case Use::kNumber:
      return "number";
    case Use::kCategory:
      return "category";
    case Use::kLabel:
      return column.values.empty() ? "label, a number" : "label, a class";
    default:
      return "ignored";
  }
}

std::string listed(const std::vector<std::string>& values) {
  const size_t count = std::min(values.size(), kMostValues);
  std::vector<std::string> first(values.begin(), values.begin() + ptrdiff_t(count));
  for (std::string& value : first) {
    if (value.find_first_of(", ") != value.npos) value = fmt::format("\"{}\"", value);
  }
  return fmt::format("{}: {}{}", values.size(), join(first, ", "),
                     count < values.size() ? ", ..." : "");
}

std::string taken_as(const PreparedColumn& column) {
  if (column.use == Use::kIgnored) return "";
  if (!column.values.empty()) return listed(column.values);
  if (column.offset == 0 && column.scale == 1) return "x";
  return fmt::format("(x {} {:.6g}) / {:.6g}", column.offset < 0 ? '+' : '-',
                     std::fabs(column.offset), column.scale);
}

}  // namespace

std::string columns_section(const Record& record, int level) {
  const std::filesystem::path file = record.folder / kPreparationFile;
  if (!std::filesystem::exists(file)) return "";
  const Preparation preparation = parse_preparation(read_file(file), path_text(file));
  Table table{"the columns of the table", "words", {"column", "use", "taken as"}, {}};
  for (size_t i = 0; i < preparation.columns.size(); ++i) {
    const PreparedColumn& column = preparation.columns[i];
    table.rows.push_back({escaped(fmt::format("{} {}", i + 1, column.name)), use_text(column),
                          escaped(taken_as(column))});
  }
  return section(level, "Columns", table_html(table));
}

}  // namespace ravine::report
