// The files of a study's folder.
#pragma once
#include <filesystem>
#include <string>

#include "lab/study.h"

namespace ravine::lab {

inline constexpr const char* kPlanFile = "study.json";
inline constexpr const char* kRunsFolder = "runs";

std::string plan_json(const Plan& plan);
// Throws Error that names the file: it is not what plan_json() writes.
Plan read_plan(const std::filesystem::path& path);

// 16 hexadecimal digits that depend on all of the text.
std::string digest(std::string_view text);
std::string digest(const PlannedRun& run);
std::string digest(const TrainTest& data);

std::string run_json(const StudyRun& run, const PlannedRun& planned);
// Throws Error that names the file: it is not what run_json() writes, or of another run.
StudyRun read_run(const std::filesystem::path& path, const PlannedRun& planned);

}  // namespace ravine::lab
