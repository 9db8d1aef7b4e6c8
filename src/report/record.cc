#include "report/record.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/file.h"
#include "ravine/error.h"
#include "ravine/format.h"
#include "train/folder.h"

namespace ravine::report {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSets[] = {"train", "validation", "test"};

fs::path identity_of(const fs::path& path) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(path, error);
  return error ? path.lexically_normal() : canonical;
}

void check_folders(std::span<const fs::path> folders) {
  if (folders.empty()) throw UsageError("report: no run is given; name a run folder");
  for (size_t i = 0; i < folders.size(); ++i) {
    if (!fs::is_directory(folders[i])) {
      throw UsageError(
          fmt::format("report: {} is no folder; name run folders, as `ravine train` "
                      "writes them",
                      path_text(folders[i])));
    }
    for (size_t j = 0; j < i; ++j) {
      if (identity_of(folders[i]) == identity_of(folders[j])) {
        throw UsageError(fmt::format("report: {} is given twice", path_text(folders[i])));
      }
    }
  }
}

std::optional<Diagnosis> read_diagnosis_in(const fs::path& folder) {
  const fs::path file = folder / kDiagnosisFile;
  std::error_code error;
  if (!fs::exists(file, error)) return std::nullopt;
  return read_diagnosis(file);
}

// A column "test_accuracy" is the metric "accuracy" of the set "test".
std::string metric_name(const std::string& column, const char* set) {
  const std::string prefix = fmt::format("{}_", set);
  return column.starts_with(prefix) ? column.substr(prefix.size()) : "";
}

std::string title_of(const std::string& column) {
  std::string name = title_words(column);
  if (!name.empty() && name[0] >= 'a' && name[0] <= 'z') name[0] = char(name[0] - 'a' + 'A');
  return name;
}

Metric& metric_in(std::vector<Metric>& metrics, const std::string& name) {
  const auto found = std::ranges::find(metrics, name, &Metric::name);
  if (found != metrics.end()) return *found;
  const Unit unit = name == "accuracy" ? Unit::kPercent : Unit::kNumber;
  return metrics.emplace_back(Metric{name, title_of(name), unit, {}});
}

// The mean squared error of a run that was trained on it is its loss once more.
bool repeats(const Metric& metric, const Metric& other) {
  return std::ranges::equal(metric.curves, other.curves, {}, &Curve::values, &Curve::values);
}

}  // namespace

std::vector<Record> read_records(std::span<const fs::path> folders) {
  check_folders(folders);
  std::vector<Record> records;
  for (const fs::path& folder : folders) {
    records.push_back({.name = path_text(identity_of(folder).filename()),
                       .folder = folder,
                       .config = make_config(folder / kConfigFile),
                       .history = read_history(folder / kHistoryFile),
                       .results = read_results(folder / kResultsFile),
                       .diagnosis = read_diagnosis_in(folder)});
  }
  const auto same_name = [&](const Record& record) {
    return std::ranges::count(records, record.name, &Record::name) > 1;
  };
  if (std::ranges::any_of(records, same_name)) {
    for (Record& record : records) record.name = path_text(record.folder);
  }
  return records;
}

std::string title_words(std::string name) {
  std::ranges::replace(name, '_', ' ');
  return name;
}

std::vector<Metric> metrics_of(std::span<const Record> records) {
  std::vector<Metric> metrics;
  for (size_t run = 0; run < records.size(); ++run) {
    for (const HistoryTable::Column& column : records[run].history.columns) {
      for (const char* set : kSets) {
        const std::string name = metric_name(column.name, set);
        if (!name.empty()) metric_in(metrics, name).curves.push_back({run, set, column.values});
      }
    }
  }
  std::ranges::stable_sort(metrics, std::greater(),
                           [](const Metric& m) { return m.unit == Unit::kPercent; });
  const auto loss = std::ranges::find(metrics, "loss", &Metric::name);
  if (loss != metrics.end()) {
    const Metric copy = *loss;
    std::erase_if(metrics, [&](const Metric& m) { return m.name != "loss" && repeats(m, copy); });
  }
  return metrics;
}

std::string main_set(const Metric& metric) {
  for (const char* set : {"test", "validation"}) {
    if (std::ranges::find(metric.curves, set, &Curve::set) != metric.curves.end()) return set;
  }
  return "train";
}

std::string examined_text(const Examined& examined) {
  return fmt::format("{} {} example{}", count_text(examined.examples),
                     examined.set == "train" ? "training" : examined.set,
                     examined.examples == 1 ? "" : "s");
}

std::vector<double> seconds_so_far(const Record& record) {
  std::vector<double> seconds = *record.history.find("seconds");
  std::partial_sum(seconds.begin(), seconds.end(), seconds.begin());
  return seconds;
}

}  // namespace ravine::report
