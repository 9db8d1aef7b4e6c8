#include "monitor.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "bar.h"
#include "ravine/format.h"
#include "ravine/runtime.h"

namespace ravine::cli {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds(100);

// Says which layer is the output.
std::string model_text(const Model& model) {
  return fmt::format("{} ({} {})", model.spec(), model.summary().back().spec,
                     model.output_added() ? "added" : "is the output");
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
    text += wrapped(part, width, 2);  // one that is too long on its own breaks at blanks
    column += columns_of(part);
  }
  return text;
}

std::string layers_table(const Model& model) {
  std::vector<std::vector<std::string>> rows = {{"", "layer", "output", "parameters"}};
  for (const LayerSummary& layer : model.summary()) {
    rows.push_back({layer.name, layer.spec, layer.output.text(), count_text(layer.parameters)});
  }
  rows.push_back({"", "total", "", count_text(model.parameter_count())});
  std::vector<size_t> widths(4);
  for (const auto& row : rows) {
    for (size_t i = 0; i < 4; ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    text += fmt::format("{:>{}}  {:<{}}  {:<{}}  {:>{}}\n", row[0], widths[0] + 2, row[1],
                        widths[1], row[2], widths[2], row[3], widths[3]);
  }
  return text;
}

std::string times(int64_t count, const char* what) {
  return fmt::format("{} {}{}", count_text(count), what, count == 1 ? "" : "s");
}

std::string data_text(const RunStart& start) {
  const TrainTest& data = start.data;
  return fmt::format("{}: {} to train, {}", start.config.data, count_text(data.train.size()),
                     data.test.size() > 0 ? fmt::format("{} to test", count_text(data.test.size()))
                                          : "no test set");
}

// "label 'quality' (the last column): 6 classes"
std::string label_text(const RunStart& start) {
  const Preparation& preparation = *start.data.preparation;
  const PreparedColumn& label = preparation.label();
  const std::string name = label.name.empty()
                               ? fmt::format("column {}", &label - preparation.columns.data() + 1)
                               : fmt::format("'{}'", label.name);
  return fmt::format("label {}{}: {}", name,
                     start.config.table.label.empty() ? " (the last column)" : "",
                     preparation.regression() ? std::string("regression")
                                              : fmt::format("{} classes", label.values.size()));
}

}  // namespace

// A line in a file is as long as it is.
int Monitor::line_width() const {
  return screen_.live() ? screen_.width() : std::numeric_limits<int>::max();
}

void Monitor::start(const RunStart& start) {
  const TrainConfig& config = start.config;
  std::vector<std::string> parts = {data_text(start)};
  if (start.data.preparation) {
    parts.push_back(label_text(start));
    parts.push_back(times(start.model.input().size(), "input"));
  }
  for (const std::string& part :
       {model_text(start.model),
        fmt::format("{} parameters", count_text(start.model.parameter_count())), config.optimizer,
        times(threads(), "thread"), std::string(isa())}) {
    parts.push_back(part);
  }
  screen_.line(flow(parts, line_width()));
  if (summary_) screen_.text(layers_table(start.model));
  start_table(start);
  began_ = Clock::now();
}

void Monitor::start_table(const RunStart& start) {
  const TrainConfig& config = start.config;
  validation_ = config.validation > 0;
  test_ = start.data.test.size() > 0;
  accuracy_ = start.data.train.classes() > 0;
  epochs_ = config.epochs;
  steps_ = config.steps;
  std::vector<Column> columns = {{"epoch", 5, 0}, {"step", 6, 9}};
  const auto add = [&](const char* loss, int rank) {
    columns.push_back({loss, 7, rank});
    columns.push_back({accuracy_ ? "accuracy" : "abs error", 7, rank + 1});
  };
  add("train loss", 4);
  if (validation_) add("validation loss", 2);
  if (test_) add("test loss", 0);
  columns.push_back({"seconds", 7, 8});
  table_ = std::make_unique<Table>(std::move(columns), line_width());
  screen_.line(screen_.dim(table_->heading()));
}

Callback Monitor::callback() {
  return {.on_batch = [this](const BatchEvent& event) { batch(event); },
          .on_log = [this](const LogRecord& record) { log(record); },
          .on_epoch = [this](const EpochRecord& record) { epoch(record); }};
}

void Monitor::batch(const BatchEvent& event) {
  if (!screen_.live()) return;
  const auto now = Clock::now();
  if (now - drawn_ < kRedraw) return;
  drawn_ = now;
  Progress p{.epoch = event.epoch, .epochs = epochs_, .step = event.step};
  if (epochs_ > 0) p.steps = epochs_ * event.batches;
  if (steps_ > 0) p.steps = p.steps > 0 ? std::min(p.steps, steps_) : steps_;
  if (p.steps > 0) p.epochs = (p.steps + event.batches - 1) / event.batches;
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

void Monitor::log(const LogRecord& record) {
  screen_.line(table_->row(
      {fmt::format("{}", record.epoch), fmt::format("{}", record.step), loss_text(record.loss)}));
  drawn_ = {};
}

void Monitor::epoch(const EpochRecord& record) {
  std::vector<std::string> cells = {fmt::format("{}", record.epoch),
                                    fmt::format("{}", record.step)};
  const auto add = [&](const Scores& scores) {
    cells.push_back(loss_text(scores.loss));
    cells.push_back(accuracy_ ? percent_text(scores.accuracy)
                              : loss_text(scores.mean_absolute_error));
  };
  add(record.train);
  if (validation_) add(record.validation);
  if (test_) add(record.test);
  cells.push_back(seconds_text(record.seconds));
  screen_.line(table_->row(cells));
  drawn_ = {};
}

void Monitor::finish(const RunResult& result, const std::filesystem::path& folder) {
  const History& history = result.history;
  double seconds = 0;
  for (const EpochRecord& epoch : history.epochs) seconds += epoch.seconds;
  if (!history.epochs.empty()) {
    const EpochRecord& last = history.epochs.back();
    const Scores& scores = test_ ? last.test : last.train;
    const std::string metric =
        accuracy_ ? fmt::format("accuracy {}", percent_text(scores.accuracy))
                  : fmt::format("mean absolute error {}", loss_text(scores.mean_absolute_error));
    screen_.line("\n" + wrapped(fmt::format("{} {}, loss {} after {} and {}, {} s of training",
                                            test_ ? "test" : "train", metric,
                                            loss_text(scores.loss), times(last.epoch, "epoch"),
                                            times(last.step, "step"), seconds_text(seconds)),
                                line_width(), 2));
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
  screen_.line(wrapped(fmt::format("written to {}: {}", folder.string(), files), line_width(), 2));
  screen_.line(fmt::format("evaluate with: ravine eval {}", shell_text(folder.string())));
}

}  // namespace ravine::cli
