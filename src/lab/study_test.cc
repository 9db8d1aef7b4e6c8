#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <set>
#include <thread>

#include "lab/testing.h"
#include "ravine/error.h"
#include "ravine/lab.h"
#include "ravine/runtime.h"

namespace ravine {
namespace {

namespace fs = std::filesystem;
using testing::contents;
using testing::expect_error;
using testing::measured;
using testing::put;
using testing::TempFolder;

class StudyTest : public ::testing::Test {
 protected:
  StudyTest() { testing::put_clouds(temp_.path / "clouds.csv"); }

  TuneOptions options() const {
    TuneOptions options;
    options.train = {.data = (temp_.path / "clouds.csv").string(),
                     .model = "dense(8) relu dropout(0.1)",
                     .epochs = 3,
                     .batch = 16,
                     .seed = 5};
    options.train.table.test = "0.25";
    options.space = "lr=1e-4..1e-1:log alpha=0.9,0.99";
    options.trials = 7;
    return options;
  }
  fs::path out() const { return temp_.path / "study"; }
  fs::path run_file(int trial) const {
    return out() / "runs" / fmt::format("trial-{}.json", trial);
  }
  size_t files() const {
    return size_t(std::distance(fs::directory_iterator(out() / "runs"), fs::directory_iterator()));
  }

  TempFolder temp_;
};

TEST_F(StudyTest, TheNumberOfWorkersChangesNothing) {
  const int before = threads();
  const TuneResult one = tune(options(), {.workers = 1});
  const TuneResult many = tune(options(), {.out = out(), .workers = 5});
  EXPECT_EQ(threads(), before);
  ASSERT_EQ(one.runs.size(), 7u);
  EXPECT_EQ(measured(one.runs), measured(many.runs));
  EXPECT_EQ(one.ranking, many.ranking);
  EXPECT_EQ(one.by, "accuracy");
}

TEST_F(StudyTest, TheBestIsBestOnTheHeldOutExamples) {
  const TuneResult result = tune(options());
  for (const StudyRun& run : result.runs) {
    EXPECT_GE(result.best()->validation("accuracy"), run.validation("accuracy"));
    EXPECT_EQ(run.config.validation, 0.1);
    EXPECT_TRUE(std::isnan(run.test.loss));  // a tuning never looks at the test set
  }
  TuneOptions by_loss = options();
  by_loss.by = "loss";
  const TuneResult other = tune(by_loss);
  for (const StudyRun& run : other.runs) {
    EXPECT_LE(other.best()->validation("loss"), run.validation("loss"));
  }
}

TEST_F(StudyTest, ARunIsWhatTrainGivesWithItsConfig) {
  const TuneResult result = tune(options(), {.workers = 2});
  for (const size_t i : {size_t{0}, size_t{4}}) {
    const StudyRun& run = result.runs[i];
    const RunResult again = run_training(run.config);
    ASSERT_EQ(again.history.epochs.size(), run.epochs.size());
    for (size_t e = 0; e < run.epochs.size(); ++e) {
      EXPECT_EQ(again.history.epochs[e].train.loss, run.epochs[e].train.loss);
      EXPECT_EQ(again.history.epochs[e].validation.loss, run.epochs[e].validation.loss);
    }
  }
  EXPECT_NE(train_command(result.runs[0].config).find("--optimizer rmsprop,lr="),
            std::string::npos);
}

TEST_F(StudyTest, AFinishedRunIsReadAndNotRepeated) {
  const TuneResult first = tune(options(), {.out = out()});
  fs::remove(run_file(3));
  const fs::file_time_type before = fs::last_write_time(run_file(2));
  int read = 0, run = 0;
  const TuneResult second =
      tune(options(), {.out = out(), .on_event = [&](const StudyEvent& event) {
                         if (event.run) ++(event.read ? read : run);
                       }});
  EXPECT_EQ(read, 6);
  EXPECT_EQ(run, 1);
  EXPECT_EQ(measured(first.runs), measured(second.runs));
  EXPECT_EQ(fs::last_write_time(run_file(2)), before);
}

TEST_F(StudyTest, EventsComeOneAtATimeAndTellOfEachRunOnce) {
  std::atomic<int> inside = 0;
  std::set<std::string> told;  // as in any handler, without a lock of its own
  double fraction = 0;
  const auto on_event = [&](const StudyEvent& event) {
    EXPECT_EQ(++inside, 1);
    std::this_thread::sleep_for(std::chrono::microseconds(200));
    if (event.run) {
      EXPECT_TRUE(told.insert(event.run->name).second) << event.run->name;
    }
    EXPECT_EQ(event.finished, int64_t(told.size()));
    EXPECT_GE(event.fraction, fraction);
    fraction = event.fraction;
    --inside;
  };
  (void)tune(options(), {.workers = 4, .on_event = on_event});
  EXPECT_EQ(told.size(), 7u);
  EXPECT_EQ(fraction, 1);
}

TEST_F(StudyTest, AnInterruptedOneGoesOn) {
  std::atomic<bool> stop = false;
  const auto in_the_third = [&](const StudyEvent& event) {
    if (event.finished == 2 && event.run == nullptr) stop = true;
  };
  const TuneResult part =
      tune(options(), {.out = out(), .workers = 1, .on_event = in_the_third, .stop = &stop});
  EXPECT_TRUE(part.interrupted);
  EXPECT_EQ(part.runs.size(), 2u);
  EXPECT_EQ(files(), 2u);  // what was interrupted left nothing
  const TuneResult rest = tune(options(), {.out = out()});
  EXPECT_FALSE(rest.interrupted);
  EXPECT_EQ(measured(rest.runs), measured(tune(options()).runs));
}

TEST_F(StudyTest, OtherOptionsAreRefusedWithWhatDiffers) {
  (void)tune(options(), {.out = out()});
  TuneOptions other = options();
  other.trials = 9, other.train.epochs = 4;
  expect_error<UsageError>([&] { (void)tune(other, {.out = out()}); },
                           {"began with other options", "trials: 7 there, 9 now",
                            "epochs: 3 there, 4 now", "another folder"});
  EXPECT_NE(study_folder(options()), study_folder(other));
  EXPECT_EQ(study_folder(options()), study_folder(options()));
  EXPECT_TRUE(study_folder(options()).string().starts_with("runs/tune-clouds-"));
}

TEST_F(StudyTest, OtherDataInAFileOfTheSameNameAreRefused) {
  const fs::path file = temp_.path / "clouds.csv";
  (void)tune(options(), {.out = out()});
  const std::string same = contents(file);
  std::string other = same;
  char& digit = other[other.rfind('.') + 1];  // of one number of the last row
  digit = digit == '1' ? '2' : '1';
  put(file, other);
  expect_error<UsageError>([&] { (void)tune(options(), {.out = out()}); },
                           {"contents of the data", "there", "now", "another folder"});
  put(file, same);
  EXPECT_NO_THROW((void)tune(options(), {.out = out()}));
}

TEST_F(StudyTest, ADamagedOrForeignFolderIsRefused) {
  fs::create_directories(out());
  put(out() / "thesis.txt", "mine");
  expect_error<UsageError>([&] { (void)tune(options(), {.out = out()}); },
                           {"is not empty", "no study began there"});
  fs::remove(out() / "thesis.txt");
  (void)tune(options(), {.out = out()});

  const std::string whole = contents(run_file(1));
  for (const std::string& damaged :
       {std::string(), whole.substr(0, whole.size() / 2), contents(run_file(2)), std::string("[]"),
        "{\"format\": 1}" + std::string()}) {
    put(run_file(1), damaged);
    expect_error<Error>([&] { (void)tune(options(), {.out = out()}); },
                        {"trial-1.json", "not this study's finished run", "remove the file"});
  }
  put(run_file(1), whole);
  put(out() / "study.json", "{");
  expect_error<Error>([&] { (void)tune(options(), {.out = out()}); },
                      {"study.json", "not the plan of a study"});
}

TEST_F(StudyTest, OneProcessAtATimeWorksInAFolder) {
  fs::create_directories(out());
  const int fd = ::open(out().c_str(), O_RDONLY | O_DIRECTORY);
  ASSERT_EQ(::flock(fd, LOCK_EX | LOCK_NB), 0);
  expect_error<Error>([&] { (void)tune(options(), {.out = out()}); }, {"another process works"});
  ::close(fd);
  EXPECT_NO_THROW((void)tune(options(), {.out = out()}));
}

TEST_F(StudyTest, WhatDivergesIsARunToo) {
  TuneOptions wild = options();
  wild.train.optimizer = "sgd", wild.train.loss = "mean_squared_error";
  wild.space = "lr=0.01,1e30";
  const TuneResult result = tune(wild, {.out = out()});
  ASSERT_EQ(result.runs.size(), 2u);
  EXPECT_TRUE(result.runs[1].diverged());
  EXPECT_NE(result.runs[1].error.find("diverged"), std::string::npos);
  EXPECT_EQ(result.ranking, (std::vector<size_t>{0, 1}));
  EXPECT_EQ(measured(tune(wild, {.out = out()}).runs), measured(result.runs));
  wild.space = "lr=1e30,1e31";
  EXPECT_EQ(tune(wild).best(), nullptr);
}

TEST_F(StudyTest, APointThatIsNotValidIsToldBeforeAnythingRuns) {
  TuneOptions bad = options();
  bad.space = "alpha=0.9,1.5";
  expect_error<UsageError>([&] { (void)tune(bad, {.out = out()}); }, {"alpha must be in [0, 1)"});
  bad.space = "units=8,0", bad.train.model = "dense({units}) relu";
  expect_error<UsageError>([&] { (void)tune(bad, {.out = out()}); }, {"trial-2", "dense"});
  bad = options(), bad.train.validation = 0.999;
  expect_error<UsageError>([&] { (void)tune(bad, {.out = out()}); }, {"trial-1"});
  bad = options(), bad.trials = 0;
  expect_error<UsageError>([&] { (void)tune(bad, {.out = out()}); }, {"trials must be"});
  EXPECT_FALSE(fs::exists(out()));
}

// A folder stands where the file would be written.
TEST_F(StudyTest, ARunThatCannotBeWrittenKeepsWhatIsFinished) {
  const TuneResult whole = tune(options(), {.out = out()});
  fs::remove(run_file(5)), fs::remove(run_file(6));
  const fs::path obstacle = run_file(5).string() + fmt::format(".part{}", ::getpid());
  fs::create_directories(obstacle / "x");
  expect_error<Error>([&] { (void)tune(options(), {.out = out(), .workers = 1}); },
                      {"cannot write", "trial-5.json"});
  EXPECT_EQ(files(), 5u + 1u);
  fs::remove_all(obstacle);
  EXPECT_EQ(measured(tune(options(), {.out = out()}).runs), measured(whole.runs));
}

TEST_F(StudyTest, ADiskThatIsFullOrFillsUpEndsTheStudyAndItGoesOn) {
  {
    const FullDisk full;
    expect_error<Error>([&] { (void)tune(options(), {.out = out()}); }, {"study.json"});
  }
  std::optional<FullDisk> full;
  const auto fill = [&](const StudyEvent& event) {
    if (event.finished == 2 && !full) full.emplace();
  };
  expect_error<Error>(
      [&] { (void)tune(options(), {.out = out(), .workers = 1, .on_event = fill}); },
      {"cannot write", "trial-3.json"});
  full.reset();
  EXPECT_EQ(files(), 2u);
  int64_t read = 0;
  const auto count = [&](const StudyEvent& event) { read += event.read; };
  const TuneResult result = tune(options(), {.out = out(), .on_event = count});
  EXPECT_EQ(read, 2);
  EXPECT_EQ(measured(result.runs), measured(tune(options()).runs));
}

TEST_F(StudyTest, TheRangeOfLrEndsWhereTheLossBreaksAndSuggestsBefore) {
  LrRangeOptions range{.train = options().train};
  range.train.optimizer = "sgd";
  const LrRange result = lr_range(range);
  ASSERT_GT(result.points.size(), 50u);
  EXPECT_NEAR(result.points[0].lr, 1e-7, 1e-15);
  for (const LrRange::Point& p : result.points) EXPECT_TRUE(std::isfinite(p.loss));
  EXPECT_GT(result.suggested, 1e-3);
  const auto at = std::ranges::find_if(
      result.points, [&](const LrRange::Point& p) { return p.lr >= result.suggested; });
  ASSERT_GT(result.points.end() - at, 10);
  EXPECT_GT((at - 8)->smoothed, (at + 8)->smoothed + 0.05) << "the loss does not fall there";
  // With lr as good as 0 nothing but noise moves: the loss is that of the initial parameters.
  EXPECT_NEAR(result.points[20].smoothed, result.points[30].smoothed, 0.15);
  EXPECT_NE(lr_range_text(result, {.utf8 = false}).find("Suggested: lr="), std::string::npos);
  for (const char* space : {"alpha=0..1", "lr=0.1,0.2", "lr=0..1", "lr=1..2 alpha=0..1"}) {
    range.space = space;
    expect_error<UsageError>([&] { (void)lr_range(range); }, {"lr range: the space must be"});
  }
  range.space = "lr=1e-7..10", range.train.steps = 3;
  expect_error<UsageError>([&] { (void)lr_range(range); }, {"steps must be at least 20, got 3"});
}

}  // namespace
}  // namespace ravine
