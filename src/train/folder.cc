#include "train/folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "base/file.h"
#include "ravine/error.h"
#include "ravine/safetensors.h"
#include "ravine/tensorboard.h"

namespace ravine {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kTextRoom = 128 << 10;  // bytes of the other files; some 500 epochs

// The topmost folder that does not exist: what create_directories(path) makes first.
fs::path first_missing(const fs::path& path) {
  fs::path missing, at = path;
  for (std::error_code error; !at.empty() && !fs::exists(at, error); at = at.parent_path()) {
    missing = at;
    if (at == at.parent_path()) break;
  }
  return missing;
}

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!fs::is_directory(path)) {
    throw Error(fmt::format("cannot make the folder {}: {}", path_text(path),
                            error ? error.message() : "a file has that name"));
  }
}

}  // namespace

RunFolder::RunFolder(fs::path path, bool force) : path_(std::move(path)) {
  if (path_.empty() || force) return;
  std::error_code error;
  if (fs::is_directory(path_, error) && !fs::is_empty(path_, error) && !error) {
    throw UsageError(
        fmt::format("{} is not empty; choose another folder, or replace the run in it with --force",
                    path_text(path_)));
  }
}

void RunFolder::create(const TrainConfig& config, const Preparation* preparation,
                       const HistoryColumns& columns, const Results& results,
                       uint64_t model_bytes) {
  if (path_.empty()) return;
  columns_ = columns;
  const fs::path made = first_missing(path_);
  try {
    make_folder(path_);
    fill(config, preparation, results, model_bytes);
  } catch (...) {
    std::error_code error;
    if (!made.empty()) fs::remove_all(made, error);
    throw;
  }
}

void RunFolder::fill(const TrainConfig& config, const Preparation* preparation,
                     const Results& results, uint64_t model_bytes) {
  std::error_code error;
  const fs::space_info space = fs::space(path_, error);
  const uint64_t needed = model_bytes + kTextRoom;
  if (!error && space.available < needed) {
    throw Error(fmt::format("{} has {} bytes free, and the run needs {}; choose another folder",
                            path_text(path_), space.available, needed));
  }
  for (const char* former : {kModelFile, kReportFile, kPreparationFile, kEventFile, kDiagnosisFile})
    fs::remove(path_ / former, error);
  write_file(file(kConfigFile), config_toml(config));
  if (preparation) write_file(file(kPreparationFile), preparation_json(*preparation));
  write_history({});
  write_results(results);
}

void RunFolder::write_history(const History& history) {
  if (!path_.empty()) write_file(file(kHistoryFile), history_csv(history, columns_));
}

void RunFolder::write_results(const Results& results) {
  if (!path_.empty()) write_file(file(kResultsFile), results_json(results));
}

void RunFolder::write_model(const Model& model) {
  if (!path_.empty()) save_model(file(kModelFile), model);
}

Callback RunFolder::write_events() {
  return path_.empty() ? Callback() : tensorboard(file(kEventFile));
}

fs::path RunFolder::file(const char* name) {
  fs::path result = path_ / name;
  if (std::ranges::count(written_, result) == 0) written_.push_back(result);
  return result;
}

}  // namespace ravine
