// ravine data describe: a data set as a table for the eye.
#include "describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "environment.h"
#include "help.h"
#include "ravine/error.h"
#include "ravine/format.h"

namespace ravine::cli {
namespace {

constexpr size_t kMostClasses = 30;  // that are shown
constexpr int kWidestName = 24;

std::string number_text(double x) { return std::isnan(x) ? "" : fmt::format("{:.4g}", x); }

std::string holds_text(const ColumnSummary& column) {
  if (column.numbers > 0 && column.texts > 0) return "both";
  return column.texts > 0 ? "texts" : column.numbers > 0 ? "numbers" : "nothing";
}

// What to do about a column before training.
std::string note_text(const ColumnSummary& column) {
  if (column.numbers > 0 && column.texts > 0) {
    return fmt::format("{} and {}: --categorical", count_text(column.numbers),
                       count_text(column.texts));
  }
  if (column.numbers + column.texts == 0) return "empty: --ignore";
  if (!column.many && column.values.size() == 1) return "constant";
  return column.many && column.texts > 0 ? "a name or a text: --ignore" : "";
}

std::string shortened(const std::string& name) {
  if (columns_of(name) <= kWidestName) return name;
  size_t end = 0;
  for (int columns = 0; columns < kWidestName - 3; ++end) {
    columns += end + 1 == name.size() || (uint8_t(name[end + 1]) & 0xC0) != 0x80;
  }
  return name.substr(0, end) + "...";
}

// Aligned: the first `left` columns to the left, the others to the right; the last one as it comes.
std::string aligned(const std::vector<std::vector<std::string>>& rows, size_t left) {
  std::vector<int> widths(rows[0].size());
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns_of(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string fill(size_t(widths[i] - columns_of(row[i])), ' ');
      const bool to_left = i < left || i + 1 == row.size();
      line += (i > 0 ? "  " : "") + (to_left ? row[i] + fill : fill + row[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string columns_table(const DataSummary& summary, bool of_file) {
  std::vector<std::vector<std::string>> rows = {
      {"column", "holds", "missing", "different", "min", "mean", "deviation", "max", ""}};
  for (size_t i = 0; i < summary.columns.size(); ++i) {
    const ColumnSummary& c = summary.columns[i];
    if (!of_file && c.numbers == 0) continue;  // labels by name have a table of their own
    const std::string place = of_file ? fmt::format("{} ", i + 1) : "";
    rows.push_back({shortened(place + c.name), holds_text(c), count_text(c.missing),
                    c.many             ? "> 1,000"
                    : c.values.empty() ? ""
                                       : count_text(int64_t(c.values.size())),
                    number_text(c.low), number_text(c.mean), number_text(c.deviation),
                    number_text(c.high), of_file ? note_text(c) : ""});
  }
  return aligned(rows, 2);
}

std::string classes_table(const ColumnSummary& label, int64_t examples) {
  std::vector<std::vector<std::string>> rows = {{"class", "examples", "share", ""}};
  for (const auto& [value, count] : label.values) {
    rows.push_back({shortened(value), count_text(count),
                    percent_text(double(count) / double(std::max<int64_t>(examples, 1))), ""});
  }
  return aligned(rows, 1);
}

size_t label_column(const DataSummary& summary, const std::string& label) {
  const auto& columns = summary.columns;
  if (label.empty()) return columns.size() - 1;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == label || fmt::format("{}", i + 1) == label) return i;
  }
  std::vector<std::string> names;
  for (const ColumnSummary& column : columns) names.push_back(column.name);
  throw UsageError(fmt::format("label: no column '{}' in {}, which has {}{}", label, summary.name,
                               columns.size(), suggestion(label, names)));
}

void show_counts(Screen& screen, const DataSummary& summary, bool table) {
  const bool labels = !table && summary.example.rank() == 0;  // of which all are repeated
  const std::string what = table ? "row" : "example";
  const char* const about = summary.estimated ? "about " : "";
  std::string text = fmt::format("{}: {} {}{}", summary.name, count_text(summary.examples), what,
                                 summary.examples == 1 ? "" : "s");
  if (summary.example.rank() > 0) text += fmt::format(" of {}", summary.example.text());
  if (!labels)
    text += fmt::format(", {}{} of them repeated", about, count_text(summary.duplicates));
  if (summary.constant_inputs > 0 && summary.example.size() > 1) {
    text += fmt::format(", {} of {} inputs constant", count_text(summary.constant_inputs),
                        count_text(summary.example.size()));
  }
  screen.line(wrapped(text, screen.width(), 2));
  if (summary.test_examples > 0) {
    screen.line(fmt::format(
        "test: {} {}{}, {}{} of them among those to train", count_text(summary.test_examples), what,
        summary.test_examples == 1 ? "" : "s", about, count_text(summary.overlap)));
  }
}

}  // namespace

int describe(Screen& screen, const std::string& name, const DescribeFlags& flags) {
  const auto sets = dataset_names();
  const bool is_set = std::ranges::count(sets, name) > 0;
  const bool table = !is_set && !is_idx(name);
  if (!table && !(flags == DescribeFlags())) {
    throw UsageError(
        fmt::format("data: test, label, separator and header are for tables, and {} is "
                    "none",
                    name));
  }
  const DataSummary summary =
      is_set ? describe_data(load_data(name, data_places()))
      : table
          ? describe_table(name, {.separator = flags.separator, .header = flags.header}, flags.test)
          : describe_idx(name);
  const ColumnSummary* label = &summary.columns.back();
  if (table) label = &summary.columns[label_column(summary, flags.label)];
  show_counts(screen, summary, table);
  screen.text('\n' + columns_table(summary, table));
  const bool classes = !label->many && !label->values.empty() &&
                       label->values.size() <= kMostClasses &&
                       int64_t(label->values.size()) < summary.examples;
  if (classes) {
    screen.text(fmt::format("\nlabel{}\n{}",
                            label->name.empty() || label->name == "label" ? "" : " " + label->name,
                            classes_table(*label, summary.examples)));
  }
  return 0;
}

}  // namespace ravine::cli
