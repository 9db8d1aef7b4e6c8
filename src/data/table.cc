#include "data/table.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "base/file.h"
#include "base/text.h"
#include "data/field.h"
#include "ravine/error.h"
#include "ravine/runtime.h"

namespace ravine {
namespace {

using Holds = TableColumn::Holds;
using Use = PreparedColumn::Use;

constexpr size_t kMostTexts = 100;  // of a column that is not said to hold categories
constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

std::vector<size_t> find_columns(const CsvReader& reader, std::string_view option,
                                 const std::string& list) {
  std::vector<size_t> columns;
  if (list.empty()) return columns;
  for (const std::string_view name : split(list, ',')) {
    columns.push_back(find_column(reader, option, trim(name)));
  }
  return columns;
}

std::vector<TableColumn> make_columns(const CsvReader& reader, const TableOptions& options) {
  std::vector<TableColumn> columns(reader.width());
  for (size_t i = 0; i < columns.size(); ++i) {
    columns[i].name = reader.names()[i];
    columns[i].text = reader.column_text(i);
  }
  const size_t label =
      options.label.empty() ? columns.size() - 1 : find_column(reader, "label", options.label);
  columns[label].use = Use::kLabel;
  columns[label].as_texts = options.task == "classification";
  for (const size_t i : find_columns(reader, "ignore", options.ignore)) {
    if (i == label) {
      throw UsageError(
          fmt::format("ignore: {} is the label; --label names another", reader.column_text(i)));
    }
    columns[i].use = Use::kIgnored;
  }
  for (const size_t i : find_columns(reader, "categorical", options.categorical)) {
    if (columns[i].use != Use::kNumber) {
      throw UsageError(fmt::format("categorical: {} is {}", reader.column_text(i),
                                   i == label ? "the label; --task classification takes its values "
                                                "as classes"
                                              : "among those to ignore"));
    }
    columns[i].use = Use::kCategory;
    columns[i].as_texts = true;
  }
  return columns;
}

class TableReading {
 public:
  TableReading(const std::filesystem::path& path, const TableOptions& options)
      : options_(options), reader_(path, {options.separator, options.header}) {
    table_.name = reader_.name();
    table_.columns = make_columns(reader_, options);
    for (size_t i = 0; i < table_.columns.size(); ++i) {
      if (table_.columns[i].use != Use::kIgnored) table_.used.push_back(i);
    }
    table_.cells = Cells(table_.used.size());
  }

  RawTable read() {
    if (table_.used.size() < 2) {
      throw Error(fmt::format("{}: there is no column to learn from beside the label, {}",
                              table_.name, table_.columns[label()].text));
    }
    while (reader_.next()) read_row();
    refuse_missing();
    if (table_.cells.rows() == 0) {
      throw Error(table_.dropped > 0
                      ? fmt::format("{}: each of the {} rows has a missing value; --missing mean "
                                    "keeps them",
                                    table_.name, table_.dropped)
                      : fmt::format("{}: expected rows below the header, found none", table_.name));
    }
    for (const size_t i : table_.used) settle(table_.columns[i]);
    return std::move(table_);
  }

 private:
  size_t label() const {
    size_t i = 0;
    while (table_.columns[i].use != Use::kLabel) ++i;
    return i;
  }

  void read_row() {
    if (options_.missing == "drop" && has_missing()) return void(++table_.dropped);
    float* const cells = table_.cells.add();
    for (size_t i = 0; i < table_.used.size(); ++i) cells[i] = read_cell(table_.used[i]);
  }

  bool has_missing() const {
    float number;
    return std::ranges::any_of(table_.used, [&](size_t i) {
      return read_field(reader_.fields()[i], number) == FieldKind::kMissing;
    });
  }

  float read_cell(size_t i) {
    TableColumn& column = table_.columns[i];
    const std::string_view field = reader_.fields()[i];
    float number = 0;
    const FieldKind kind = read_field(field, number);
    if (kind == FieldKind::kMissing) {
      if (column.missing++ == 0) column.first_missing = reader_.row();
      return kMissing;
    }
    if (column.as_texts) return text_cell(column, i, value_name(field));
    if (kind == FieldKind::kNotFinite) {
      throw Error(
          fmt::format("{}: '{}' is not a finite number; correct it, or leave it empty and "
                      "choose --missing",
                      reader_.place(i), field));
    }
    const Holds holds = kind == FieldKind::kNumber ? Holds::kNumbers : Holds::kTexts;
    if (column.holds == Holds::kNothing) column.holds = holds, column.first_row = reader_.row();
    if (column.holds != holds) refuse_mixture(column, i);
    if (holds == Holds::kTexts) return text_cell(column, i, field);
    if (column.use == Use::kLabel && column.no_share.empty() && !(number >= 0 && number <= 1)) {
      column.no_share = fmt::format("{}: '{}'", reader_.place(i), field);
    }
    return number;
  }

  float text_cell(TableColumn& column, size_t i, std::string_view text) {
    column.holds = Holds::kTexts;
    const uint32_t code = column.code_of(text);
    if (code + 1 == column.texts.size()) check_new_text(column, i, text);
    return float(code);
  }

  void check_new_text(const TableColumn& column, size_t i, std::string_view text) const {
    if (!is_utf8(text)) {
      throw Error(
          fmt::format("{}: the text is not UTF-8; save the file as UTF-8", reader_.place(i)));
    }
    if (column.as_texts) return;
    const bool label = column.use == Use::kLabel;
    if (has_decimal_comma(text)) {
      throw Error(fmt::format(
          "{}: '{}' has a decimal comma, and numbers are read with a point; "
          "write them so{}",
          reader_.place(i), text, label ? "" : ", or take the column as --categorical"));
    }
    if (label && options_.task == "regression") {
      throw Error(fmt::format("{}: '{}' is not a number, which the label of a regression must be",
                              reader_.place(i), text));
    }
    if (column.texts.size() <= kMostTexts) return;
    throw Error(fmt::format(
        "{}: with this one the column has {} different texts, too many for {}; {}",
        reader_.place(i), column.texts.size(), label ? "classes" : "categories",
        label
            ? std::string("--label names another column, --task classification takes this one")
            : fmt::format("--ignore {0} leaves the column out, --categorical {0} takes it all the "
                          "same",
                          i + 1)));
  }

  [[noreturn]] void refuse_mixture(const TableColumn& column, size_t i) const {
    const bool label = column.use == Use::kLabel, numbers = column.holds == Holds::kNumbers;
    throw Error(
        fmt::format("{}: '{}' is a {}, and the column has {} since row {}; correct it, or {}",
                    reader_.place(i), reader_.fields()[i], numbers ? "text" : "number",
                    numbers ? "numbers" : "texts", column.first_row,
                    label ? std::string("take all as classes with --task classification")
                          : fmt::format("take all as categories with --categorical {}", i + 1)));
  }

  void refuse_missing() const {
    int64_t count = 0;
    std::string columns;
    size_t first = 0;
    for (const size_t i : table_.used) {
      const TableColumn& column = table_.columns[i];
      if (column.missing == 0) continue;
      if (options_.missing == "mean" && column.use != Use::kLabel) continue;
      count += column.missing;
      columns +=
          fmt::format("{}{} in {}", columns.empty() ? "" : ", ", column.missing, column.text);
      if (first == 0 || column.first_missing < first) first = column.first_missing;
    }
    if (count == 0) return;
    throw Error(fmt::format(
        "{}: {} value{} missing, the first in row {} ({}); choose --missing drop{}", table_.name,
        count, count == 1 ? " is" : "s are", first, columns,
        options_.missing == "mean" ? ", since a label cannot be made up" : " or --missing mean"));
  }

  void settle(TableColumn& column) const {
    if (column.holds == Holds::kNothing) {
      throw Error(fmt::format("{}: {} has no value in any row; leave it out with --ignore",
                              table_.name, column.text));
    }
    if (column.use == Use::kNumber && column.holds == Holds::kTexts) column.use = Use::kCategory;
  }

  const TableOptions& options_;
  CsvReader reader_;
  RawTable table_;
};

}  // namespace

uint32_t TableColumn::code_of(std::string_view field) {
  const auto found = codes_.find(field);
  if (found != codes_.end()) return found->second;
  texts.emplace_back(field);
  return codes_.emplace(field, uint32_t(texts.size() - 1)).first->second;
}

size_t find_column(const CsvReader& reader, std::string_view option, std::string_view text) {
  const auto& names = reader.names();
  const auto found = std::ranges::find(names, text);
  if (!text.empty() && found != names.end()) {
    const size_t i = size_t(found - names.begin());
    const auto again = std::find(found + 1, names.end(), text);
    if (again == names.end()) return i;
    throw UsageError(fmt::format("{}: columns {} and {} of {} are both named '{}'; give the number",
                                 option, i + 1, again - names.begin() + 1, reader.name(), text));
  }
  const auto number = parse_int(text);
  if (number && *number >= 1 && *number <= int64_t(names.size())) return size_t(*number - 1);
  throw UsageError(fmt::format(
      "{}: no column '{}' in {}, which has {}{}", option, text, reader.name(), names.size(),
      reader.has_header()
          ? fmt::format("{} (they are {})", suggestion(text, names), join(names, ", "))
          : " and no header; give a number from 1"));
}

RawTable read_table(const std::filesystem::path& path, const TableOptions& options) {
  return TableReading(path, options).read();
}

}  // namespace ravine
