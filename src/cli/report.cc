#include "report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "bar.h"
#include "format.h"
#include "ravine/runtime.h"

namespace ravine::cli {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds(100);

// "dense(128) relu dense(10)", and whether the output layer was there.
std::string model_text(const std::string& asked, const Model& model) {
  const auto layers = [](const std::string& spec) {
    return std::count(spec.begin(), spec.end(), '(');
  };
  (void)layers;
  (void)asked;
  return model.spec();
}

// As many of `parts` in a line as fit into `width` columns.
std::string flow(const std::vector<std::string>& parts, int width) {
  std::string text;
  int column = 0;
  for (const std::string& part : parts) {
    const bool first = text.empty();
    if (!first && column + 3 + columns_of(part) > width) {
      text += "\n  ";
      column = 2;
    } else if (!first) {
      text += " | ";
      column += 3;
    }
    text += part;
    column += columns_of(part);
  }
  return text;
}

std::string layers_table(const Model& model) {
  size_t widest = 5;
  for (const LayerSummary& layer : model.summary()) widest = std::max(widest, layer.spec.size());
  std::string text =
      fmt::format("     {:<{}}  {:<12}  {:>12}\n", "layer", widest, "output", "parameters");
  for (const LayerSummary& layer : model.summary()) {
    text += fmt::format("{:>3}  {:<{}}  {:<12}  {:>12}\n", layer.name, layer.spec, widest,
                        layer.output.text(), count_text(layer.parameters));
  }
  return text + fmt::format("     {:<{}}  {:<12}  {:>12}\n", "total", widest, "",
                            count_text(model.parameter_count()));
}

std::string times(int64_t count, const char* what) {
  return fmt::format("{} {}{}", count_text(count), what, count == 1 ? "" : "s");
}

}  // namespace

void Report::start(const RunStart& start) {
  const TrainConfig& config = start.config;
  const std::vector<std::string> parts = {
      fmt::format("{}: {} to train, {} to test", config.data, count_text(start.data.train.size()),
                  count_text(start.data.test.size())),
      model_text(asked_, start.model),
      fmt::format("{} parameters", count_text(start.model.parameter_count())),
      config.optimizer,
      times(threads(), "thread"),
      isa(),
  };
  screen_.line(flow(parts, screen_.live() ? screen_.width() : 1 << 20));
  if (summary_) screen_.text(layers_table(start.model));
  start_table(start);
  began_ = Clock::now();
}

void Report::start_table(const RunStart& start) {
  const TrainConfig& config = start.config;
  const int64_t batches = (int64_t(start.data.train.size()) + config.batch - 1) / config.batch;
  validation_ = config.validation > 0;
  test_size_ = start.data.test.size();
  test_ = test_size_ > 0;
  accuracy_ = start.data.train.classes() > 0;
  epochs_ = config.epochs;
  if (config.steps > 0) {
    const int64_t needed = (config.steps + batches - 1) / batches;
    epochs_ = epochs_ > 0 ? std::min(epochs_, needed) : needed;
  }
  const int width = screen_.live() ? screen_.width() : 1 << 20;
  const std::string accuracy = width < 60 ? "acc" : "accuracy";
  std::vector<Column> columns = {{"", "epoch", 5, 0}, {"", "step", 6, 9}};
  const auto add = [&](const char* group, int rank) {
    columns.push_back({group, "loss", 7, rank});
    if (accuracy_) columns.push_back({group, accuracy, 7, rank + 1});
  };
  add("train", 4);
  if (validation_) add("validation", 2);
  if (test_) add("test", 0);
  columns.push_back({"", "seconds", 7, 8});
  table_ = std::make_unique<Table>(std::move(columns), width);
  screen_.line(screen_.dim(table_->heading()));
}

Callback Report::callback() {
  return {.on_batch = [this](const BatchEvent& event) { batch(event); },
          .on_log = [this](const LogRecord& record) { log(record); },
          .on_epoch = [this](const EpochRecord& record) { epoch(record); }};
}

void Report::batch(const BatchEvent& event) {
  if (!screen_.live()) return;
  const auto now = Clock::now();
  if (now - drawn_ < kRedraw) return;
  drawn_ = now;
  Progress p{.epoch = event.epoch, .epochs = epochs_, .step = event.step};
  // Validation makes an epoch shorter than the data: the event knows its batches.
  if (epochs_ > 0) p.steps = epochs_ * event.batches;
  if (steps_ > 0) p.steps = p.steps > 0 ? std::min(p.steps, steps_) : steps_;
  p.fraction = p.steps > 0 ? double(event.step) / double(p.steps)
                           : double(event.batch) / double(event.batches);
  p.loss = event.mean_loss;
  p.accuracy = event.mean_accuracy;
  p.rate = event.seconds > 0 ? double(event.examples) / event.seconds : 0;
  const double elapsed = std::chrono::duration<double>(now - began_).count();
  p.left = p.steps > 0 && elapsed > 0.5 ? elapsed * (1 / p.fraction - 1)
                                        : std::numeric_limits<double>::quiet_NaN();
  screen_.redraw(bar_text(p, screen_.width() - 1, screen_.utf8()));
}

void Report::log(const LogRecord& record) {
  std::vector<std::string> cells(12);
  cells[0] = fmt::format("{}", record.epoch);
  cells[1] = fmt::format("{}", record.step);
  cells[2] = loss_text(record.loss);
  screen_.line(table_->row(cells));
  drawn_ = {};
}

void Report::epoch(const EpochRecord& record) {
  std::vector<std::string> cells = {fmt::format("{}", record.epoch),
                                    fmt::format("{}", record.step)};
  const auto add = [&](const Scores& scores) {
    cells.push_back(loss_text(scores.loss));
    if (accuracy_) cells.push_back(percent_text(scores.accuracy));
  };
  add(record.train);
  if (validation_) add(record.validation);
  if (test_) add(record.test);
  cells.push_back(seconds_text(record.seconds));
  screen_.line(table_->row(cells));
  drawn_ = {};
}

void Report::finish(const RunResult& result, const std::filesystem::path& folder) {
  const History& history = result.history;
  double seconds = 0;
  for (const EpochRecord& epoch : history.epochs) seconds += epoch.seconds;
  if (!history.epochs.empty()) {
    const EpochRecord& last = history.epochs.back();
    const Scores& scores = test_ ? last.test : last.train;
    const std::string accuracy = accuracy_
                                     ? fmt::format("{} accuracy {}, ", test_ ? "test" : "train",
                                                   percent_text(scores.accuracy))
                                     : "";
    screen_.line(fmt::format("\n{}loss {} after {} and {}, {} s of training",
                             screen_.bold(accuracy), loss_text(scores.loss),
                             times(last.epoch, "epoch"), times(last.step, "step"),
                             seconds_text(seconds)));
  }
  if (history.skipped > 0) {
    screen_.line(
        fmt::format("{} skipped: a gradient was not finite", times(history.skipped, "update")));
  }
  if (history.stopped != "epochs" && history.stopped != "steps") {
    screen_.line(fmt::format("stopped by {}",
                             history.stopped == "interrupted" ? "an interrupt" : history.stopped));
  }
  std::string files;
  for (const auto& path : result.written) {
    files += (files.empty() ? "" : ", ") + path.filename().string();
  }
  screen_.line(fmt::format("written to {}: {}", folder.string(), files));
  screen_.line(fmt::format("evaluate with: ravine eval {}", shell_text(folder.string())));
}

}  // namespace ravine::cli
