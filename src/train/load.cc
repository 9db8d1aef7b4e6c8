#include "train/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "ravine/error.h"

namespace ravine {
namespace {

namespace fs = std::filesystem;

void refuse_table_options(const TrainConfig& config) {
  TableOptions given = config.table, defaults;
  const auto a = list_options(given), b = list_options(defaults);
  for (size_t i = 0; i < a.size(); ++i) {
    if (value_text(a[i]) == value_text(b[i])) continue;
    throw UsageError(fmt::format("train: {} is for tables (CSV files), and the data are {}",
                                 a[i].option.name, config.data));
  }
}

void check_file(const std::string& data) {
  std::error_code error;
  if (fs::is_directory(data, error)) {
    throw Error(fmt::format(
        "data: {} is a folder; --data mnist --data-dir {} reads IDX files in it", data, data));
  }
  if (!fs::exists(data, error)) {
    const auto names = dataset_names();
    const std::string what = fmt::format("data: no set and no file '{}'{} (sets: {})", data,
                                         suggestion(data, names), join(names, ", "));
    if (data.find_first_of("./") == data.npos) throw UsageError(what);  // meant as a name
    throw Error(what);
  }
  if (is_idx(data)) {
    throw Error(
        fmt::format("{}: is an IDX file, and images need their labels; --data mnist "
                    "--data-dir DIR reads all four files of a set",
                    data));
  }
}

}  // namespace

bool is_table(const std::string& data) { return std::ranges::count(dataset_names(), data) == 0; }

const char* task_of(const Preparation& preparation) {
  return preparation.regression() ? "regression" : "classification";
}

TrainTest load_data(const TrainConfig& config, const DataOptions& places,
                    const Preparation* prepared) {
  if (!is_table(config.data)) {
    refuse_table_options(config);
    DataOptions options = places;
    options.dir = config.data_dir;
    return load_data(config.data, options);
  }
  check_file(config.data);
  if (!config.data_dir.empty()) {
    throw UsageError("train: data_dir is for data sets by name, and the data are a file");
  }
  const uint64_t seed = uint64_t(config.seed);
  TableOptions table = config.table;
  table.target_is_share = config.loss == "binary_cross_entropy";
  return prepared ? read_csv(config.data, *prepared, table, seed)
                  : read_csv(config.data, table, seed);
}

}  // namespace ravine
