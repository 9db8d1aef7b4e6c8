// Run folders as a report reads them: files alone, neither data nor model.
#pragma once
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ravine/diagnosis.h"
#include "ravine/run.h"
#include "report/scale.h"
#include "train/history.h"
#include "train/results.h"

namespace ravine::report {

struct Record {
  std::string name;  // the folder's, or its path where two have the same
  std::filesystem::path folder;
  TrainConfig config;
  HistoryTable history;
  Results results;
  std::optional<Diagnosis> diagnosis;  // of a run with one
};

// Throws UsageError: none, one twice, or no folder; Error: a file in it is missing or damaged.
std::vector<Record> read_records(std::span<const std::filesystem::path> folders);

// One column of scores of one run.
struct Curve {
  size_t run;
  std::string set;  // "train", "validation" or "test"
  std::vector<double> values;
};

// What was measured, of all runs: history.csv says what there is.
struct Metric {
  std::string name;   // "mean_squared_error"
  std::string title;  // "Mean squared error"
  Unit unit;
  std::vector<Curve> curves;  // run by run
};
std::vector<Metric> metrics_of(std::span<const Record> records);

std::string title_words(std::string name);  // "mean squared error"

// The set that tells most: test, else validation, else train.
std::string main_set(const Metric& metric);

// "320 test examples", "1,599 training examples".
std::string examined_text(const Examined& examined);

// Seconds of training up to the end of each epoch.
std::vector<double> seconds_so_far(const Record& record);

}  // namespace ravine::report
