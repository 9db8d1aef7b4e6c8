#include "train/history.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "ravine/error.h"
#include "train/metric.h"

namespace ravine {
namespace {

struct Set {
  const char* name;
  Scores EpochRecord::*scores;
  bool shown;
  bool empty = false;
};

// Calls f(set, name, score) for each column of scores. Without a test set its columns are empty.
template <class F>
void for_each_score(const HistoryColumns& columns, const F& f) {
  const Set sets[] = {{"train", &EpochRecord::train, true},
                      {"validation", &EpochRecord::validation, columns.validation},
                      {"test", &EpochRecord::test, true, !columns.test}};
  for (const Set& set : sets) {
    if (!set.shown) continue;
    f(set, "loss", &Scores::loss);
    for (const Metric& metric : metrics()) {
      if (metric.labels == columns.labels) f(set, metric.name, metric.score);
    }
  }
}

[[noreturn]] void reject(const std::filesystem::path& path, size_t line, const std::string& why) {
  throw Error(
      fmt::format("{}:{}: {}; this is not the history of a run", path_text(path), line, why));
}

HistoryTable parse_header(const std::filesystem::path& path, std::string_view header) {
  HistoryTable table;
  for (const std::string_view name : split(header, ',')) {
    if (table.find(name)) reject(path, 1, fmt::format("column '{}' stands there twice", name));
    table.columns.push_back({std::string(name), {}});
  }
  for (const char* name : {"epoch", "step", "seconds", "lr"}) {
    if (!table.find(name)) reject(path, 1, fmt::format("there is no column '{}'", name));
  }
  return table;
}

bool is_of_test(const HistoryTable::Column& column) { return column.name.starts_with("test_"); }

}  // namespace

const std::vector<double>* HistoryTable::find(std::string_view name) const {
  const auto column = std::ranges::find(columns, name, &Column::name);
  return column == columns.end() ? nullptr : &column->values;
}

HistoryTable read_history(const std::filesystem::path& path) {
  const std::string text = read_file(path);
  const std::vector<std::string_view> lines = split(trim(text), '\n');
  HistoryTable table = parse_header(path, trim(lines[0]));
  for (size_t line = 1; line < lines.size(); ++line) {
    const std::vector<std::string_view> cells = split(trim(lines[line]), ',');
    if (cells.size() != table.columns.size()) {
      reject(path, line + 1,
             fmt::format("{} values under {} columns", cells.size(), table.columns.size()));
    }
    for (size_t i = 0; i < cells.size(); ++i) {
      if (cells[i].empty() && is_of_test(table.columns[i])) continue;
      const std::optional<double> value = parse_double(cells[i]);
      if (!value) {
        reject(path, line + 1,
               fmt::format("{} '{}' is no number", table.columns[i].name, cells[i]));
      }
      table.columns[i].values.push_back(*value);
    }
  }
  for (const HistoryTable::Column& column : table.columns) {
    if (!column.values.empty() && column.values.size() != table.rows()) {
      reject(path, lines.size(), fmt::format("{} is empty in some lines", column.name));
    }
  }
  std::erase_if(table.columns, [&](const HistoryTable::Column& column) {
    return lines.size() > 1 && column.values.empty();  // there was no test set
  });
  return table;
}

std::string history_csv(const History& history, const HistoryColumns& columns) {
  std::string text = "epoch,step,seconds,lr";
  for_each_score(columns, [&](const Set& set, const char* name, auto) {
    text += fmt::format(",{}_{}", set.name, name);
  });
  text += '\n';
  for (const EpochRecord& epoch : history.epochs) {
    text += fmt::format("{},{},{:.4f},{}", epoch.epoch, epoch.step, epoch.seconds, epoch.lr);
    for_each_score(columns, [&](const Set& set, const char*, double Scores::*score) {
      text += set.empty ? "," : fmt::format(",{}", epoch.*set.scores.*score);
    });
    text += '\n';
  }
  return text;
}

}  // namespace ravine
