// The lab: studies, which are many trainings with one question (docs/lab.md).
//
//   TuneResult found = tune({.train = {.data = "mnist"}, .space = "lr=1e-5..1e-1:log"},
//                           {.out = "runs/lr"});
//   std::printf("%s\n", train_command(found.best()->config).c_str());
//
// A study's folder holds its plan and a file for each finished run. A study that was interrupted,
// by whatever, goes on when it is begun again with the same folder: no finished run is repeated.
// The results are a function of the options alone, whatever the number of workers.
#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ravine/option.h"
#include "ravine/run.h"
#include "ravine/train.h"

namespace ravine {

// One finished run of a study.
struct StudyRun {
  std::string name;    // "trial-07"
  std::string what;    // "lr=0.00231 alpha=0.9", or which side
  TrainConfig config;  // as effective: `ravine train` with it gives the same parameters
  std::vector<EpochRecord> epochs;  // without test scores
  std::string ended;                // as History::stopped, or "diverged"
  std::string error;                // how it diverged
  Scores test;                      // after the last update, of runs that are compared

  bool diverged() const { return ended == "diverged"; }
  // The last epoch's on the held-out examples: "loss" or "accuracy". NaN: it has none.
  double validation(std::string_view metric) const;
  double seconds() const;  // of training
};

struct StudyEvent {
  int64_t planned, finished;  // runs, of this part of the study
  double fraction;            // of the work planned, finished or not
  const StudyRun* run;        // which has just ended; null: an epoch has
  bool read;                  // it was finished before, and has been read
};

// What the results do not depend on.
struct StudyOptions {
  std::filesystem::path out;  // the study's folder, made if missing; empty: nothing is written
  int64_t workers = 0;        // runs at a time, on a thread each; 0: a processor each
  DataOptions places;
  std::function<void(const StudyEvent&)> on_event;  // one call at a time, from any thread
  const std::atomic<bool>* stop = nullptr;          // set by anyone: ends what runs, unfinished
};

struct TuneOptions {
  TrainConfig train;  // validation 0 stands for a tenth
  std::string space;  // "lr=1e-5..1e-1:log alpha=0.9,0.99"; empty: the rule's own
  std::string search = "random";
  int64_t trials = 20;
  std::string by = "auto";

  template <class F>
  void options(F f) {
    f(Option{"search", "random: points by seed; grid: every combination", kAny, "random|grid"},
      search);
    f(Option{"trials", "runs; of a grid at most", kPositive}, trials);
    f(Option{"by",
             "what is best, on the held-out examples: accuracy or loss; auto: accuracy where there "
             "are labels",
             kAny, "auto|accuracy|loss"},
      by);
  }
};

struct TuneResult {
  std::string space, by;
  std::vector<StudyRun> runs;                // in the order of the trials
  std::vector<std::vector<Setting>> points;  // of each run
  std::vector<size_t> ranking;               // of the runs, best first; diverged ones last
  int64_t planned = 0;
  bool interrupted = false;  // some of the planned runs are missing

  const StudyRun* best() const;  // null: none ended without diverging
};

// Trains at points of a space, and ranks the runs by what they reach on the held-out examples.
// Throws UsageError before anything runs: an option, the space, or a point that is not valid; a
// folder that has something else in it, or a study with other options (and says which). Error: the
// data are missing, the folder cannot be written, another process is at work in it.
TuneResult tune(const TuneOptions& options, const StudyOptions& study = {});

// Where the program keeps a study that was given no folder: runs/tune-digits-1f3a9c02. The same
// options give the same name.
std::filesystem::path study_folder(const TuneOptions& options);

// The line that trains the run again: "ravine train --data digits ...", in lines of one option.
std::string train_command(const TrainConfig& config);

}  // namespace ravine
