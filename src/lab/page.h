// What the pages of studies share.
#pragma once
#include <string>
#include <vector>

#include "ravine/lab.h"
#include "report/page.h"
#include "report/scale.h"

namespace ravine::lab {

// The command of a study: its words, and the options that are not at their defaults.
std::string study_command(const std::string& words, const std::vector<OptionRef>& own,
                          const std::vector<OptionRef>& usual, const TrainConfig& config);

std::string lead(const std::string& first, const TrainConfig& config);
std::string footer();
std::string commands_section(const std::string& study, const std::vector<const StudyRun*>& runs);

// A row a run: its scores (of the test set too, where it was read) and seconds.
report::Table runs_table(const std::string& caption, const std::vector<const StudyRun*>& runs);

double score_of(const StudyRun& run, const std::string& by);  // NaN if it diverged
report::Axis axis_of(const std::string& metric);

}  // namespace ravine::lab
