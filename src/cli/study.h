// What the commands of the lab share: their flags, and what a study shows while it runs.
#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "ravine/lab.h"
#include "screen.h"
#include "table.h"

namespace ravine::cli {

// What a study's results do not depend on.
struct StudyFlags {
  std::string config, out, isa;
  int64_t workers = 0;
  bool quiet = false;

  template <class F>
  void options(F f) {
    f(Option{"config", "a run's config.toml to begin from; other options override it"}, config);
    f(Option{"out",
             "folder of the study; with the same options it goes on where it ended. If not given, "
             "a name in runs/ that the same options give again"},
      out);
    f(Option{"workers",
             "runs at a time, on a thread each; a processor each if not given",
             {.low = 1, .high = 1024}},
      workers);
    f(Option{"isa", "instruction set, as of `ravine train`"}, isa);
    f(Option{"quiet", "show nothing but errors"}, quiet);
  }
};

// On a terminal the best runs so far and a bar, redrawn; else a line for each run that has ended.
class StudyMonitor {
 public:
  using Heading = std::function<std::string(const StudyEvent&)>;  // of each part of the study
  StudyMonitor(Screen& screen, std::string by, Heading heading);

  void event(const StudyEvent& event);
  // The best runs, best first, with a heading; a line more where there are others.
  std::string board(size_t most) const;

 private:
  using Clock = std::chrono::steady_clock;

  void begin_part(const StudyEvent& event);
  void head(const StudyEvent& event);
  std::string row(const StudyRun& run) const;
  std::string bar(const StudyEvent& event) const;
  bool better(const StudyRun& a, const StudyRun& b) const;

  Screen& screen_;
  std::string by_;
  Heading heading_;
  bool accuracy_ = true;
  Table table_;
  std::string part_;
  int64_t read_ = 0;  // runs of this part that were finished before
  bool begun_ = false;
  std::vector<StudyRun> runs_;  // best first
  Clock::time_point began_ = Clock::now();
  double fraction_before_ = -1;  // of what earlier starts have done
  bool headed_ = false;
};

// Sets what the flags say of the screen and the processor, and reads what is trained: --config and
// the other options.
TrainConfig begin_study(Screen& screen, const StudyFlags& flags,
                        const std::vector<Setting>& settings);
// In --out, else in `usual`. Ctrl-C ends the runs in flight; they are begun anew when the study
// goes on.
StudyOptions study_options(const StudyFlags& flags, const std::filesystem::path& usual);
// One line for a study that was interrupted, and its exit code.
int tell_interrupted(Screen& screen, int64_t finished, int64_t planned);

}  // namespace ravine::cli
