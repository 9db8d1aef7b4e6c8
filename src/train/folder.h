// The run folder as files.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "ravine/run.h"
#include "train/history.h"
#include "train/results.h"

namespace ravine {

// Each file is whole at any moment, or absent; that of events grows. With an empty path every call
// does nothing.
class RunFolder {
 public:
  // Throws UsageError if `path` has something in it, unless `force`.
  RunFolder(std::filesystem::path path, bool force);

  // Makes the folder and writes the config, a preparation if there is one, an empty history and the
  // results so far. Throws Error if it cannot, or if `model_bytes` more would not fit, and leaves
  // no new folder behind.
  void create(const TrainConfig& config, const Preparation* preparation,
              const HistoryColumns& columns, const Results& results, uint64_t model_bytes);

  void write_history(const History& history);
  void write_results(const Results& results);
  void write_model(const Model& model);
  Callback write_events();  // for TensorBoard
  const std::vector<std::filesystem::path>& written() const { return written_; }

 private:
  void fill(const TrainConfig& config, const Preparation* preparation, const Results& results,
            uint64_t model_bytes);
  std::filesystem::path file(const char* name);

  std::filesystem::path path_;
  HistoryColumns columns_;
  std::vector<std::filesystem::path> written_;
};

inline constexpr const char* kConfigFile = "config.toml";
inline constexpr const char* kPreparationFile = "preparation.json";
inline constexpr const char* kHistoryFile = "history.csv";
inline constexpr const char* kResultsFile = "results.json";
inline constexpr const char* kModelFile = "model.safetensors";
inline constexpr const char* kEventFile = "events.out.tfevents.ravine";
inline constexpr const char* kReportFile = "report.html";        // written by the program
inline constexpr const char* kDiagnosisFile = "diagnosis.json";  // by the program too, if asked

}  // namespace ravine
