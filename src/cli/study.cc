#include "study.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "environment.h"
#include "interrupt.h"
#include "ravine/format.h"
#include "ravine/runtime.h"
#include "runtime_options.h"

namespace ravine::cli {
namespace {

constexpr size_t kLiveRows = 5;
constexpr int kShortestBar = 6, kLongestBar = 32;

int width_of(const Screen& screen) {
  return screen.live() ? screen.width() - 1 : std::numeric_limits<int>::max();
}

std::vector<Column> columns_of_board(bool accuracy) {
  std::vector<Column> columns = {{"run", 16, 0}};
  if (accuracy) columns.push_back({"accuracy", 8, 1});
  columns.push_back({"loss", 7, 2});
  columns.push_back({"seconds", 7, 4});
  return columns;
}

std::string cut(const std::string& text, int width) {
  if (columns_of(text) <= width) return text;
  return text.substr(0, size_t(std::max(0, width - 3))) + "...";
}

}  // namespace

StudyMonitor::StudyMonitor(Screen& screen, std::string by, Heading heading)
    : screen_(screen),
      by_(std::move(by)),
      heading_(std::move(heading)),
      table_(columns_of_board(accuracy_), width_of(screen)) {}

// As the library ranks them.
bool StudyMonitor::better(const StudyRun& a, const StudyRun& b) const {
  const char* const first = accuracy_ && by_ != "loss" ? "accuracy" : "loss";
  const double x = a.rank(first), y = b.rank(first);
  return x != y ? x < y : a.rank("loss") < b.rank("loss");
}

std::string StudyMonitor::row(const StudyRun& run) const {
  std::vector<std::string> cells = {run.name};
  if (accuracy_) cells.push_back(run.diverged() ? "" : percent_text(run.validation("accuracy")));
  cells.push_back(run.diverged() ? "diverged" : loss_text(run.validation("loss")));
  cells.push_back(seconds_text(run.seconds()));
  return cut(table_.row(cells) + "  " + run.what, width_of(screen_));
}

std::string StudyMonitor::board(size_t most) const {
  std::string text = screen_.dim(cut(table_.heading(), width_of(screen_)));
  for (size_t i = 0; i < std::min(most, runs_.size()); ++i) text += "\n" + row(runs_[i]);
  if (runs_.size() > most) text += fmt::format("\nand {} more", runs_.size() - most);
  return text;
}

std::string StudyMonitor::bar(const StudyEvent& event) const {
  const double elapsed = std::chrono::duration<double>(Clock::now() - began_).count();
  const double share = (event.fraction - fraction_before_) / (1 - fraction_before_);
  std::string text = fmt::format("{}/{} runs", event.finished, event.planned);
  if (elapsed > 0.5 && share > 0) {
    text += fmt::format("  {:>4} left", duration_text(elapsed * (1 / share - 1)));
  }
  const int room = std::min(width_of(screen_) - int(text.size()) - 2, kLongestBar);
  if (room < kShortestBar) return cut(text, width_of(screen_));
  const int done = int(event.fraction * room);
  std::string line;
  for (int i = 0; i < room; ++i) {
    line += i < done ? (screen_.utf8() ? "\u2501" : "#") : (screen_.utf8() ? "\u2500" : "-");
  }
  return line + "  " + text;
}

void StudyMonitor::begin_part(const StudyEvent& event) {
  screen_.clear();
  part_ = event.part, accuracy_ = event.accuracy;
  table_ = Table(columns_of_board(accuracy_), width_of(screen_));
  runs_.clear(), read_ = 0;
  began_ = Clock::now(), fraction_before_ = -1, begun_ = headed_ = false;
}

// Once it is known how many runs were finished before.
void StudyMonitor::head(const StudyEvent& event) {
  read_ += event.read;
  if (begun_ || (event.read && event.finished < event.planned)) return;
  begun_ = true;
  const std::string before = read_ == 0 ? ""
                                        : fmt::format("; {} finished already",
                                                      read_ == event.planned ? "all are"
                                                      : read_ == 1           ? "1 is"
                                                                   : fmt::format("{} are", read_));
  screen_.line(heading_(event) + before);
}

void StudyMonitor::event(const StudyEvent& event) {
  if (part_ != event.part) begin_part(event);
  head(event);
  if (event.run) {
    const auto place = std::upper_bound(runs_.begin(), runs_.end(), *event.run,
                                        [&](auto& a, auto& b) { return better(a, b); });
    runs_.insert(place, *event.run);
  }
  if (event.read) return;  // many at once: they show with the first that ends
  if (fraction_before_ < 0) fraction_before_ = std::min(event.fraction, 0.999);
  if (screen_.live()) return screen_.redraw(board(kLiveRows) + "\n" + bar(event));
  if (event.run == nullptr) return;
  if (!headed_) screen_.line(table_.heading());
  headed_ = true;
  screen_.line(row(*event.run));
}

TrainConfig begin_study(Screen& screen, const StudyFlags& flags,
                        const std::vector<Setting>& settings) {
  if (flags.quiet) screen.quiet();
  RuntimeOptions{.isa = flags.isa}.apply();
  set_warning_handler([&screen](std::string_view text) { screen.warn(text); });
  return make_config(flags.config, settings);
}

StudyOptions study_options(const StudyFlags& flags, const std::filesystem::path& usual) {
  defer_interrupts();
  return {.out = flags.out.empty() ? usual : std::filesystem::path(flags.out),
          .workers = flags.workers,
          .places = data_places(),
          .stop = stop_flag()};
}

int tell_interrupted(Screen& screen, int64_t finished, int64_t planned) {
  screen.line(fmt::format("interrupted: {} of {} runs are finished; the same command goes on",
                          finished, planned));
  return kInterrupted;
}

}  // namespace ravine::cli
