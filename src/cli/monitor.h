// What a training shows: where it starts, how it goes, what came out.
#pragma once
#include <chrono>
#include <filesystem>
#include <memory>

#include "ravine/run.h"
#include "screen.h"
#include "table.h"

namespace ravine::cli {

class Monitor {
 public:
  Monitor(Screen& screen, bool summary) : screen_(screen), summary_(summary) {}

  void start(const RunStart& start);
  Callback callback();
  void finish(const RunResult& result, const std::filesystem::path& folder);

 private:
  using Clock = std::chrono::steady_clock;

  void batch(const BatchEvent& event);
  void log(const LogRecord& record);
  void epoch(const EpochRecord& record);
  int line_width() const;
  void start_table(const RunStart& start);

  Screen& screen_;
  bool summary_;
  std::unique_ptr<Table> table_;
  bool validation_ = false, test_ = false, accuracy_ = false;
  int64_t epochs_ = 0, steps_ = 0;  // the most that can come; 0: no bound
  Clock::time_point began_, drawn_{};
};

}  // namespace ravine::cli
