#include "ravine/run.h"

#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "ravine/error.h"
#include "ravine/runtime.h"
#include "train/fit.h"
#include "train/results.h"
#include "train/testing.h"

namespace ravine {
namespace {

namespace fs = std::filesystem;
using testing::contents;
using testing::expect_error;
using testing::put;
using testing::TempFolder;

// A set small enough to be trained in no time: MNIST's files with `n` noisy examples of two digits.
class Run : public ::testing::Test {
 protected:
  static constexpr int kTrain = 300, kTest = 100;

  Run() {
    for (const auto& [name, n] : {std::pair("train", kTrain), std::pair("t10k", kTest)}) {
      Random random(1, uint64_t(n));
      std::string images = header(0x803, n) + big_endian(28) + big_endian(28);
      std::string labels = header(0x801, n);
      for (int i = 0; i < n; ++i) {
        const char label = char(random.below(2));
        labels += label;
        for (int j = 0; j < 784; ++j) {
          const bool bright = (j < 392) == (label == 0);
          images += char(random.below(bright ? 256 : 128));
        }
      }
      put(data() / (std::string(name) + "-images-idx3-ubyte"), images);
      put(data() / (std::string(name) + "-labels-idx1-ubyte"), labels);
    }
  }

  static std::string big_endian(uint32_t x) {
    return {char(x >> 24), char(x >> 16), char(x >> 8), char(x)};
  }
  static std::string header(uint32_t magic, int n) {
    return big_endian(magic) + big_endian(uint32_t(n));
  }

  fs::path data() const { return temp_.path; }
  fs::path out() const { return temp_.path / "runs" / "a"; }
  TrainConfig config() const {
    return {.data = "mnist",
            .data_dir = temp_.path.string(),
            .model = "dense(8) relu dropout(0.2)",
            .optimizer = "rmsprop:keras2,learning_rate=0.01",
            .epochs = 3,
            .batch = 32,
            .seed = 4};
  }

  TempFolder temp_;
};

std::vector<std::string> lines_of(const fs::path& path) {
  std::vector<std::string> lines;
  std::istringstream text(contents(path));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

// The columns of a history that may not depend on the clock.
std::vector<std::string> without_seconds(const fs::path& path) {
  std::vector<std::string> lines = lines_of(path);
  for (std::string& line : lines) {
    const size_t begin = line.find(',', line.find(',') + 1);
    line.erase(begin, line.find(',', begin + 1) - begin);
  }
  return lines;
}

TEST_F(Run, LeavesItsConfigHistoryAndModel) {
  const RunResult run = run_training(config(), {.out = out()});
  EXPECT_EQ(run.written,
            (std::vector<fs::path>{out() / "config.toml", out() / "history.csv",
                                   out() / "results.json", out() / "model.safetensors"}));
  const auto history = lines_of(out() / "history.csv");
  ASSERT_EQ(history.size(), 4u);
  EXPECT_EQ(history[0], "epoch,step,seconds,lr,train_loss,train_accuracy,test_loss,test_accuracy");
  EXPECT_TRUE(history[3].starts_with("3,30,")) << history[3];
  EXPECT_EQ(std::distance(fs::directory_iterator(out()), {}), 4);

  const LoadedRun loaded = load_run(out());
  const TrainTest set = load_data(loaded.config);
  const Scores scores = evaluate(loaded.model, set.test, {.loss = loaded.config.loss});
  EXPECT_EQ(scores.loss, run.history.epochs.back().test.loss);
  EXPECT_EQ(scores.accuracy, run.history.epochs.back().test.accuracy);
  EXPECT_GT(scores.accuracy, 0.9);
}

TEST_F(Run, StoresWhatIsEffective) {
  run_training(config(), {.out = out()});
  const TrainConfig stored = load_run(out()).config;
  EXPECT_EQ(stored.model, "dense(8) relu dropout(0.2) dense(10)");
  EXPECT_EQ(stored.optimizer.find(':'), std::string::npos) << stored.optimizer;
  EXPECT_EQ(stored.optimizer, OptimizerSpec(config().optimizer).text());
  EXPECT_EQ(stored.loss, "cross_entropy");
  EXPECT_EQ(contents(out() / "config.toml").find("out ="), std::string::npos);
}

TEST_F(Run, ItsConfigGivesTheSameRunAgain) {
  TrainConfig first = config();
  first.validation = 0.1, first.l2 = 1e-3;
  run_training(first, {.out = out()});
  run_training(make_config(out() / "config.toml"), {.out = temp_.path / "b"});
  EXPECT_EQ(contents(out() / "config.toml"), contents(temp_.path / "b" / "config.toml"));
  for (const char* name : {"model.safetensors", "results.json"}) {
    EXPECT_EQ(contents(out() / name), contents(temp_.path / "b" / name)) << name;
  }
  EXPECT_EQ(without_seconds(out() / "history.csv"),
            without_seconds(temp_.path / "b" / "history.csv"));
  EXPECT_EQ(without_seconds(out() / "history.csv")[0],
            "epoch,step,lr,train_loss,train_accuracy,validation_loss,validation_accuracy,"
            "test_loss,test_accuracy");
}

TEST_F(Run, TakesNoFolderThatIsNotEmpty) {
  fs::create_directories(out());
  run_training(config(), {.out = out()});  // an empty one it does
  put(out() / "mine.txt", "kept");
  TrainConfig other = config();
  other.epochs = 1;
  expect_error<UsageError>([&] { run_training(other, {.out = out()}); }, {"not empty", "--force"});
  EXPECT_EQ(lines_of(out() / "history.csv").size(), 4u);
  run_training(other, {.out = out(), .force = true});
  EXPECT_EQ(lines_of(out() / "history.csv").size(), 2u);
  EXPECT_EQ(contents(out() / "mine.txt"), "kept");
}

TEST_F(Run, SaysBeforeItTrainsThatTheFolderCannotBe) {
  bool started = false;
  const auto attempt = [&](const fs::path& folder) {
    run_training(config(), {.out = folder, .callbacks = {{.on_start = [&] { started = true; }}}});
  };
  put(temp_.path / "file", "x");
  expect_error<Error>([&] { attempt(temp_.path / "file"); }, {"cannot make", "file"});
  expect_error<Error>([&] { attempt(temp_.path / "file" / "below"); }, {"cannot make", "below"});
  EXPECT_FALSE(started);
}

// As a user without rights, whoever runs the tests.
TEST_F(Run, SaysBeforeItTrainsThatTheFolderIsReadOnly) {
  const fs::path closed = temp_.path / "closed", within = closed / "a" / "b";
  fs::create_directories(closed);
  ASSERT_EQ(chmod(temp_.path.c_str(), 0755), 0);
  ASSERT_EQ(chmod(closed.c_str(), 0555), 0);
  const bool root = geteuid() == 0;
  ASSERT_EQ(root ? seteuid(65534) : 0, 0);
  bool started = false;
  const RunOptions options{.callbacks = {{.on_start = [&] { started = true; }}}};
  for (const fs::path& folder : {closed, within}) {
    RunOptions there = options;
    there.out = folder;
    expect_error<Error>([&] { run_training(config(), there); }, {"cannot", "closed", "denied"});
  }
  ASSERT_EQ(root ? seteuid(0) : 0, 0);
  EXPECT_FALSE(started);
  EXPECT_TRUE(fs::is_empty(closed));
}

TEST_F(Run, SaysBeforeItTrainsThatTheDiskIsFull) {
  std::optional<FullDisk> full(std::in_place);
  bool started = false;
  std::string message;
  try {
    run_training(config(), {.out = out(), .callbacks = {{.on_start = [&] { started = true; }}}});
  } catch (const Error& e) {
    message = e.what();
  }
  full.reset();
  EXPECT_NE(message.find("cannot write"), message.npos) << message;
  EXPECT_FALSE(started);
  EXPECT_FALSE(fs::exists(temp_.path / "runs"));
}

TEST_F(Run, ADiskThatFillsUpMeanwhileIsWarnedOfAndToldAtTheEnd) {
  std::optional<FullDisk> full;
  int64_t epochs = 0, warnings = 0;
  set_warning_handler([&](std::string_view) { ++warnings; });
  RunOptions options{.out = out()};
  options.on_start = [&](const RunStart&) { full.emplace(); };
  options.callbacks = {{.on_epoch = [&](const EpochRecord&) { ++epochs; }}};
  std::string message;
  try {
    run_training(config(), options);
  } catch (const Error& e) {
    message = e.what();
  }
  full.reset();
  set_warning_handler({});
  EXPECT_EQ(epochs, 3);
  EXPECT_EQ(warnings, 3);
  EXPECT_NE(message.find("cannot write"), message.npos) << message;
  EXPECT_EQ(lines_of(out() / "history.csv").size(), 1u);
  EXPECT_FALSE(fs::exists(out() / "model.safetensors"));
  EXPECT_EQ(read_results(out() / "results.json").ended, "");
  EXPECT_EQ(std::distance(fs::directory_iterator(out()), {}), 3);
}

TEST_F(Run, WhatIsWrongMakesNoFolder) {
  struct Case {
    void (*spoil)(TrainConfig&);
    std::string_view word;
  };
  const Case cases[] = {
      {[](auto& c) { c.data = "mnits"; }, "mnist"},
      {[](auto& c) { c.model = "dense(8) rleu"; }, "relu"},
      {[](auto& c) { c.model = "dense(99999999999)"; }, "bytes"},
      {[](auto& c) { c.optimizer = "rmsporp"; }, "rmsprop"},
      {[](auto& c) { c.optimizer = "rmsprop,lr=-1"; }, "lr"},
      {[](auto& c) { c.loss = "cross"; }, "cross_entropy"},
      {[](auto& c) { c.batch = 301; }, "301"},
      {[](auto& c) { c.batch = -1; }, "batch"},
      {[](auto& c) { c.epochs = 0; }, "neither"},
      {[](auto& c) { c.patience = 2; }, "validation"},
      {[](auto& c) { c.seed = -1; }, "seed"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.word);
    TrainConfig bad = config();
    c.spoil(bad);
    expect_error<UsageError>([&] { run_training(bad, {.out = out()}); }, {c.word});
    EXPECT_FALSE(fs::exists(temp_.path / "runs"));
  }
  TrainConfig missing = config();
  missing.data_dir = (temp_.path / "nowhere").string();
  expect_error<Error>([&] { run_training(missing, {.out = out()}); }, {"nowhere"});
  EXPECT_FALSE(fs::exists(temp_.path / "runs"));
}

TEST_F(Run, ThatDivergesKeepsTheEpochsBefore) {
  TrainConfig wild = config();
  wild.model = "dense(10)", wild.loss = "mean_squared_error";
  wild.optimizer = "sgd,lr=0.5";
  wild.epochs = 50;
  expect_error<Diverged>([&] { run_training(wild, {.out = out()}); }, {"diverged", "smaller lr"});
  EXPECT_GE(lines_of(out() / "history.csv").size(), 1u);
  EXPECT_EQ(make_config(out() / "config.toml").epochs, 50);
  EXPECT_FALSE(fs::exists(out() / "model.safetensors"));
  expect_error<Error>([&] { load_run(out()); }, {"model.safetensors"});
  const Results results = read_results(out() / "results.json");
  EXPECT_EQ(results.ended, "failed");
  EXPECT_NE(results.error.find("diverged"), results.error.npos);
  EXPECT_FALSE(results.running_loss.points.empty());
}

TEST_F(Run, ThatIsInterruptedLeavesWhatThereIs) {
  std::atomic<bool> stop = false;
  const Callback after_15{.on_batch = [&](const BatchEvent& e) { stop = e.step == 15; }};
  const RunResult run =
      run_training(config(), {.out = out(), .callbacks = {after_15}, .stop = &stop});
  EXPECT_EQ(run.history.stopped, "interrupted");
  EXPECT_TRUE(lines_of(out() / "history.csv").at(2).starts_with("2,15,"));
  EXPECT_EQ(load_run(out()).model.spec(), run.model.spec());
  const Results results = read_results(out() / "results.json");
  EXPECT_EQ(results.ended, "interrupted");
  EXPECT_EQ(results.running_loss.points.back().step, 15);
  EXPECT_EQ(results.examined.examples, kTest);
}

TEST_F(Run, ItsResultsAgreeWithItsHistory) {
  for (const double validation : {0.0, 0.25}) {
    TrainConfig held_out = config();
    held_out.validation = validation;
    const RunResult run = run_training(held_out, {.out = out(), .force = true});
    const Results results = read_results(out() / "results.json");
    EXPECT_EQ(results.train + results.validation, kTrain);
    EXPECT_EQ(results.validation, validation == 0 ? 0 : 75);
    EXPECT_EQ(results.examined.set, "test");
    int64_t all = 0, right = 0;
    for (const auto& [label, predicted, count] : results.examined.confusion) {
      all += count, right += label == predicted ? count : 0;
    }
    EXPECT_EQ(all, kTest);
    EXPECT_EQ(double(right) / double(all), run.history.epochs.back().test.accuracy);
    double sum = 0;
    for (const auto& point : results.running_loss.points) sum += point.mean;
    EXPECT_EQ(results.running_loss.points.size(), validation == 0 ? 30u : 24u);
    EXPECT_GT(sum, 0);
  }
}

TEST_F(Run, WithForceLeavesNoReportOfTheRunBefore) {
  run_training(config(), {.out = out()});
  put(out() / "report.html", "old");
  run_training(config(), {.out = out(), .force = true});
  EXPECT_FALSE(fs::exists(out() / "report.html"));
}

TEST_F(Run, KeepsItsHistoryUpToDate) {
  size_t lines = 0;
  const Callback look{.on_epoch = [&](const EpochRecord& e) {
    lines = lines_of(out() / "history.csv").size();
    EXPECT_EQ(lines, size_t(e.epoch) + 1);
  }};
  run_training(config(), {.out = out(), .callbacks = {look}});
  EXPECT_EQ(lines, 4u);
}

TEST_F(Run, TellsWhatItWillTrain) {
  std::string told;
  const RunResult run = run_training(config(), {.on_start = [&](const RunStart& start) {
                                       told = start.config.model + "; " +
                                              std::to_string(start.data.train.size()) + "; " +
                                              std::to_string(start.model.parameter_count());
                                     }});
  EXPECT_EQ(told, "dense(8) relu dropout(0.2) dense(10); 300; 6370");
  EXPECT_TRUE(run.written.empty());
}

TEST_F(Run, LoadingSaysWhichFileIsWrong) {
  expect_error<Error>([&] { load_run(temp_.path / "none"); }, {"config.toml"});
  run_training(config(), {.out = out()});
  const std::string good = contents(out() / "model.safetensors");
  put(out() / "model.safetensors", good.substr(0, good.size() / 2));
  expect_error<Error>([&] { load_run(out()); }, {"model.safetensors", "not a well-formed"});
}

}  // namespace
}  // namespace ravine
