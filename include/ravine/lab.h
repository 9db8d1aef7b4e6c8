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
#include "ravine/report.h"
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
  // The same as a rank: smaller is better; infinite if the run diverged or has none.
  double rank(std::string_view metric) const;
  double seconds() const;  // of training
};

struct StudyEvent {
  const char* part;           // of the study: "tuning" or "comparing"
  int64_t planned, finished;  // runs of this part
  double fraction;            // of the work planned, finished or not
  const StudyRun* run;        // which has just ended; null: an epoch has
  bool read;                  // it was finished before, and has been read
  bool accuracy;              // the data have classes
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
  TuneOptions options;                       // as asked, with the share held out
  std::string space, by;                     // as in effect
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

struct CompareOptions {
  std::vector<std::string> sides;  // optimizers, two or more; "adam lr=1e-4..1e-2:log": its space
  TrainConfig train;               // its optimizer is not used; validation 0 stands for a tenth
  int64_t seeds = 5;
  int64_t tune = 0;
  std::string goal;
  std::string by = "auto";

  template <class F>
  void options(F f) {
    f(Option{"seeds", "runs of each side: with seed + 1, seed + 2, ...", kPositive}, seeds);
    f(Option{"tune",
             "trials of each side, in the space of its own rule and with the seed itself; 0: the "
             "options as they are given",
             kNotNegative},
      tune);
    f(Option{"goal", "accuracy=X or loss=X on the held-out examples: when each run reaches it"},
      goal);
    f(Option{"by",
             "what is best, and judged: accuracy or loss; auto: accuracy where there are labels",
             kAny, "auto|accuracy|loss"},
      by);
  }
};

// A mean and its 95 % interval, from mean - half to mean + half.
struct Estimate {
  int64_t count = 0;            // of the values
  double mean = Scores::kNone;  // NaN of none
  double half = Scores::kNone;  // NaN of less than 2
};

struct SideResult {
  std::string asked;                   // "sgd,momentum=0.9"
  std::string optimizer;               // as run
  std::string space;                   // what was searched; empty: nothing
  std::vector<StudyRun> trials, runs;  // of the tuning; one a seed, in order
  int64_t diverged = 0;                // of the runs
  int64_t reached = 0;                 // the goal
  Estimate accuracy, loss;             // of the runs that did not diverge, on CompareResult::set
  Estimate seconds;                    // of training
  Estimate steps_to_goal, seconds_to_goal;  // of the runs that reached it
};

// What the seeds say about two sides: paired by seed, Student's t, Holm's correction over all
// pairs.
struct Verdict {
  size_t first, second;  // sides
  Estimate difference;   // first - second
  double p, corrected;   // NaN: they cannot be compared, for a run diverged or there is one seed
  std::string text;      // in words; its interval is of this pair alone, its p the corrected one
};

struct CompareResult {
  CompareOptions options;  // as asked, with the share held out
  std::string by;          // "accuracy" or "loss"
  std::string set;         // what is judged: "test", or "validation" where there is no test set
  std::vector<SideResult> sides;
  std::vector<Verdict> verdicts;
  int64_t planned = 0, finished = 0;
  bool interrupted = false;  // some of the planned runs are missing, and the verdicts
};

// Trains every side with each seed: the same initial parameters and order of batches for all at a
// seed. With `tune` each side's options are first searched, by what they reach on the held-out
// examples. Those are all that tuning, early stopping and the goal see; the test set is read once,
// at the end of a run. Throws as tune() does.
CompareResult compare(const CompareOptions& options, const StudyOptions& study = {});

// How the verdicts were reached, in a line.
std::string verdicts_note(const CompareResult& result);

// A heading and a row for each side: means and intervals, the goal, and how many runs diverged.
std::vector<std::vector<std::string>> compare_table(const CompareResult& result);

struct LrRangeOptions {
  TrainConfig
      train;  // of `steps` updates, 200 if 0; its epochs and its optimizer's lr are not used
  std::string space = "lr=1e-7..10";
};

struct LrRange {
  struct Point {
    double lr, loss, smoothed;  // the loss of the batch before its update; its average so far
  };
  LrRangeOptions options;
  std::vector<Point> points;         // up to where the loss is 4 times its least, or not finite
  double suggested = Scores::kNone;  // where the smoothed loss falls fastest; NaN: nowhere
};

// One short training in which lr rises. Smith, Cyclical Learning Rates, arXiv:1506.01186.
// Throws UsageError on wrong options, Error where the data are missing.
LrRange lr_range(const LrRangeOptions& options, const DataOptions& places = {});
std::string lr_range_text(const LrRange& range, const TextOptions& options = {});  // the curve
std::string lr_range_page(const LrRange& range);

// The study as one HTML page that needs nothing but itself: curves with bands, table, sensitivity,
// and the commands that train each run again; write_page() of ravine/report.h writes it.
std::string study_page(const TuneResult& result);
std::string study_page(const CompareResult& result);

// Where the program keeps a study that was given no folder: runs/tune-digits-1f3a9c02. The same
// options give the same name.
std::filesystem::path study_folder(const TuneOptions& options);
std::filesystem::path study_folder(const CompareOptions& options);

// The line that trains the run again: "ravine train --data digits ...", in lines of one option.
std::string train_command(const TrainConfig& config);

}  // namespace ravine
