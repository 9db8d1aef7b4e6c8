// What a training shows: where it starts, how it goes, what came out.
#pragma once
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "ravine/run.h"
#include "screen.h"
#include "table.h"

namespace ravine::cli {

class Report {
 public:
  // `asked`: the model as it was asked for. `summary`: shows a table of layers as well.
  Report(Screen& screen, std::string asked, bool summary)
      : screen_(screen), asked_(std::move(asked)), summary_(summary) {}

  void start(const RunStart& start);
  Callback callback();
  void finish(const RunResult& result, const std::filesystem::path& folder);

 private:
  using Clock = std::chrono::steady_clock;

  void batch(const BatchEvent& event);
  void log(const LogRecord& record);
  void epoch(const EpochRecord& record);
  void start_table(const RunStart& start);

  Screen& screen_;
  std::string asked_;
  bool summary_;
  std::unique_ptr<Table> table_;
  bool validation_ = false, test_ = false, accuracy_ = false;
  size_t test_size_ = 0;
  int64_t epochs_ = 0, steps_ = 0;  // the most that can come; 0: no bound
  Clock::time_point began_, drawn_{};
};

}  // namespace ravine::cli
