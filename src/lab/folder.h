// The folder of a study, held by one process at a time.
#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "lab/study.h"

namespace ravine::lab {

class StudyFolder {
 public:
  // With an empty path every call does nothing. Throws UsageError: something else is in it, or a
  // study with another plan; Error: another process works in it. Writes nothing.
  StudyFolder(std::filesystem::path path, Plan plan);
  ~StudyFolder();
  StudyFolder(const StudyFolder&) = delete;
  StudyFolder& operator=(const StudyFolder&) = delete;

  void create();  // if it is not there; with its plan
  std::optional<StudyRun> finished(const PlannedRun& run) const;
  void write(const StudyRun& run, const PlannedRun& planned) const;

 private:
  std::filesystem::path file(const PlannedRun& run) const;
  void lock();
  void check() const;

  std::filesystem::path path_;
  Plan plan_;
  int lock_ = -1;
};

}  // namespace ravine::lab
