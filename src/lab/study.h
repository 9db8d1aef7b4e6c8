// The engine of every study: a folder, a plan, and the runs that are not finished yet.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lab/space.h"
#include "ravine/lab.h"

namespace ravine::lab {

// What decides a study's results: every option as text, in the order of help.
using Plan = std::vector<Setting>;

struct PlannedRun {
  std::string name;  // of its file
  std::string what;  // as in StudyRun
  TrainConfig config;
  size_t side = 0;    // of a comparison
  bool test = false;  // whether it reads the test set at its end
};

class Study {
 public:
  // Loads the data, and takes the folder: a new one, or one that holds the same plan.
  // Throws UsageError, Error as tune() does; writes nothing yet.
  Study(Plan plan, const TrainConfig& config, const StudyOptions& options);
  ~Study();
  Study(const Study&) = delete;
  Study& operator=(const Study&) = delete;

  const TrainTest& data() const;  // of the config that the study began with
  bool interrupted() const;

  // Throws UsageError if one of them is not valid: before anything of this study is written.
  void check(std::span<const PlannedRun> runs);
  // Reads the finished ones and runs the others; in the order planned. After an interruption those
  // that are not finished are missing. Throws the first error of a run, when all have ended.
  std::vector<StudyRun> run(std::span<const PlannedRun> runs, const char* part);

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

// A run for each point, named "trial-07". Throws UsageError as at_point() does.
std::vector<PlannedRun> runs_at(const TrainConfig& config, std::span<const Point> points,
                                const std::string& prefix);

// The plan of a study whose own options are `own`.
Plan make_plan(std::string_view kind, Plan own, const TrainConfig& config);
std::filesystem::path folder_of(const Plan& plan);  // "runs/tune-digits-1f3a9c02"

// A tenth is held out unless the config says otherwise.
TrainConfig with_validation(TrainConfig config);
// What `by` = auto stands for. Throws UsageError: accuracy without labels.
std::string metric_of(const std::string& by, const Dataset& train);
// The runs by what they reach on the held-out examples, best first; ties by loss, then by order.
std::vector<size_t> ranking_of(std::span<const StudyRun> runs, const std::string& by);

}  // namespace ravine::lab
