// Which character separates the fields of a file, and whether its first row is a header.
#include <algorithm>
#include <map>

#include "data/csv.h"
#include "data/field.h"

namespace ravine {
namespace {

constexpr size_t kRows = 100;  // that are looked at

using Row = std::vector<std::string>;

// The first rows, as far as they can be cut.
std::vector<Row> first_rows(std::string_view text, bool last, char separator) {
  std::string copy(text);
  RowParser parser(separator);
  std::vector<Row> rows;
  char *at = copy.data(), *const end = at + copy.size();
  while (at < end && rows.size() < kRows) {
    if (parser.parse(at, end, last) != RowParser::Result::kRow) break;
    parser.unquote();
    if (!parser.blank) rows.emplace_back(parser.fields.begin(), parser.fields.end());
  }
  return rows;
}

// How many rows have the width that most have, if that is two at least and half of them do.
size_t rows_of_one_width(const std::vector<Row>& rows) {
  std::map<size_t, size_t> count;
  for (const Row& row : rows) ++count[row.size()];
  size_t most = 0, width = 0;
  for (const auto& [w, n] : count) {
    if (n > most) most = n, width = w;
  }
  return width >= 2 && 2 * most >= rows.size() ? most : 0;
}

FieldKind kind_of(const std::string& field) {
  float number;
  return read_field(field, number);
}

// Whether some value of the column comes twice below the first row, and that row's own never.
bool stands_apart(const std::vector<Row>& rows, size_t column) {
  std::map<std::string, size_t> count;
  size_t most = 0;
  for (size_t i = 1; i < rows.size(); ++i) {
    if (column < rows[i].size()) most = std::max(most, ++count[rows[i][column]]);
  }
  return most >= 2 && !count.contains(rows[0][column]);
}

bool has_numbers(const std::vector<Row>& rows, size_t column) {
  return std::any_of(rows.begin() + 1, rows.end(), [&](const Row& row) {
    return column < row.size() && kind_of(row[column]) == FieldKind::kNumber;
  });
}

}  // namespace

char sniff_separator(std::string_view text, bool last) {
  char best = ',';
  size_t most = 0;
  for (const char separator : {'\t', ';', ',', ' '}) {
    const size_t rows = rows_of_one_width(first_rows(text, last, separator));
    if (rows > most) most = rows, best = separator;
  }
  return best;
}

bool sniff_header(std::string_view text, bool last, char separator,
                  const std::vector<std::string>& names) {
  const std::vector<Row> rows = first_rows(text, last, separator);
  if (rows.empty()) return false;
  for (const std::string& name : names) {
    if (!name.empty() && std::ranges::count(rows[0], name) > 0) return true;
  }
  for (const std::string& field : rows[0]) {
    if (!field.empty() && kind_of(field) != FieldKind::kText) return false;
  }
  if (rows.size() == 1) return true;  // names alone
  bool apart = false, repeated = false;
  for (size_t i = 0; i < rows[0].size(); ++i) {
    if (has_numbers(rows, i)) return true;
    for (size_t k = 1; k < rows.size(); ++k) {
      repeated |= i < rows[k].size() && rows[k][i] == rows[0][i];
    }
    apart |= stands_apart(rows, i);
  }
  return apart && !repeated;
}

}  // namespace ravine
