#include "ravine/report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "ravine/error.h"
#include "report/record.h"
#include "train/folder.h"
#include "train/results.h"
#include "train/testing.h"

namespace ravine {
namespace {

namespace fs = std::filesystem;
using testing::expect_error;
using testing::put;
using testing::TempFolder;

// Run folders with two classes, or of a regression.
class Report : public ::testing::Test {
 protected:
  fs::path make(const std::string& name, bool labels = true, int epochs = 3) {
    const fs::path folder = temp_.path / name;
    fs::create_directories(folder);
    TrainConfig config{.model = "dense(2)", .optimizer = "rmsprop,lr=0.01", .epochs = epochs};
    config.loss = labels ? "cross_entropy" : "mean_squared_error";
    History history;
    for (int i = 1; i <= epochs; ++i) {
      EpochRecord record{.epoch = i, .step = 10 * i, .seconds = 0.5, .lr = 0.01};
      for (Scores* scores : {&record.train, &record.test}) {
        scores->loss = scores->mean_squared_error = 1.0 / i;
        scores->accuracy = 1 - 0.5 / i, scores->mean_absolute_error = 2.0 / i;
      }
      history.epochs.push_back(record);
    }
    Results results{.version = "0.1.0", .isa = "avx2", .data = "mine", .train = 100, .test = 10};
    results.input = {2}, results.layers = {{"0", "dense(2)", {2}, 6}},
    results.ended = epochs > 0 ? "epochs" : "";
    results.running_loss.points = {{10, 1, 1, 1}, {20, 0.5, 0.5, 0.5}};
    results.examined.set = "test", results.examined.examples = 10;
    if (labels) {
      results.classes = {"cat <1>", "dog"};
      results.examined.confusion = {{0, 0, 6}, {0, 1, 1}, {1, 1, 3}};
      results.examined.mistakes = {{7, 0, 1, 0.93, 0.07}};
    } else {
      results.examined.sample = {{0, 0, 1.5, 1.25}, {1, 0, -2, -2.5}};
      results.examined.worst = {{1, 0, -2, -2.5}};
    }
    put(folder / kConfigFile, config_toml(config));
    put(folder / kHistoryFile, history_csv(history, {.labels = labels}));
    put(folder / kResultsFile, results_json(results));
    return folder;
  }

  static std::string page(std::vector<fs::path> runs) { return report_page(runs); }

  static void expect_in(const std::string& text, std::initializer_list<std::string_view> parts) {
    for (const std::string_view part : parts) EXPECT_NE(text.find(part), text.npos) << part;
  }

  TempFolder temp_;
};

TEST_F(Report, ShowsAClassifierWhole) {
  const std::string text = page({make("my <run>")});
  expect_in(text, {"<title>my &lt;run&gt;</title>", "test accuracy", "83.33%", "Running loss",
                   "learning rate", "in every epoch", "cat &lt;1&gt;", "precision", "85.71%",
                   "75.00%", "93.00%", "dense(2)", "--optimizer rmsprop,lr=0.01",
                   "ravine train --config", "log_every"});
  EXPECT_EQ(text.find("cat <1>"), text.npos);
  EXPECT_EQ(text.find("Predicted against target"), text.npos);
}

TEST_F(Report, ShowsARegressionByItsOwnMetrics) {
  const std::string text = page({make("a", false)});
  expect_in(text, {"Mean absolute error", "Predicted against target", "difference"});
  EXPECT_EQ(text.find("ccuracy"), text.npos);
  EXPECT_EQ(text.find("<b>Mean squared error"), text.npos);  // it is the loss
  EXPECT_EQ(text.find("precision"), text.npos);
}

TEST_F(Report, ShowsWhatThereIsBeforeTheFirstEpochEnds) {
  const fs::path folder = make("a", true, 0);
  const std::string text = page({folder});
  expect_in(text, {"No end is recorded", "Running loss", "0 epochs, 20 steps", "Options"});
  for (const char* part : {"no finite values", "<b>Loss", "class=\"switch\""}) {
    EXPECT_EQ(text.find(part), text.npos) << part;
  }
  expect_in(report_text({&folder, 1}), {"a: 0 epochs"});
}

TEST_F(Report, OverlaysRunsAndTellsHowTheyDiffer) {
  std::vector<fs::path> runs = {make("one/run"), make("two/run", true, 5)};
  const std::string text = page(runs);
  expect_in(text, {"2 runs", "one/run", "two/run", ">epochs</th>", "href=\"#run-2\""});
  for (int i = 0; i < 6; ++i) runs.push_back(make("r" + std::to_string(i)));
  expect_in(page(runs), {"8 runs", "<span>test</span>"});
}

TEST_F(Report, RunsOnDifferentDataAreNotRanked) {
  const fs::path a = make("a"), b = make("b", true, 5), other = make("c");
  EXPECT_NE(page({a, b}).find("<b>90.00%</b>"), std::string::npos);
  Results results = read_results(other / kResultsFile);
  results.data = "yours";
  put(other / kResultsFile, results_json(results));
  const std::string text = page({a, b, other});
  expect_in(text, {"2 data sets", "mine, yours", "<code>yours</code>", "90.00%"});
  EXPECT_EQ(text.find("<b>90.00%</b>"), text.npos);
}

TEST_F(Report, ARunThatDivergedLeavesRoomForTheOthers) {
  const fs::path good = make("good"), wild = make("wild");
  Results results = read_results(wild / kResultsFile);
  results.ended = "failed", results.error = "it diverged";
  results.running_loss.points = {{10, 1, 1, 1}, {20, 3e30, 3e30, 3e30}};
  put(wild / kResultsFile, results_json(results));
  const std::vector<fs::path> both = {good, wild};
  EXPECT_EQ(report_text(both).find("1e+"), std::string::npos) << report_text(both);
  expect_in(report_text(both), {"wild train diverged"});
  expect_in(page(both), {"a failed run only up to 10 times"});
  expect_in(report_text({&wild, 1}), {"1e+"});
}

TEST_F(Report, LearningRatesAreNamedByTheirRunsAndShownFromZero) {
  const fs::path a = make("a"), b = make("b");
  std::string history = testing::contents(b / kHistoryFile);
  const size_t line = history.find("\n2,");
  history.replace(history.find("0.01", line), 4, "0.009998");
  put(b / kHistoryFile, history);
  const std::string text = report_text(std::vector<fs::path>{a, b});
  const std::string rates = text.substr(text.find("Learning rate"));
  expect_in(rates, {"* a 0.01\n", "0.000"});
  EXPECT_EQ(rates.find("test 0.01"), rates.npos) << rates;
}

TEST_F(Report, IsTheSameBytesAgain) {
  const fs::path a = make("a"), b = make("b");
  EXPECT_EQ(page({a, b}), page({a, b}));
}

TEST_F(Report, NamesWhatIsMissingOrDamaged) {
  const fs::path good = make("good");
  expect_error<UsageError>([&] { page({}); }, {"no run"});
  expect_error<UsageError>([&] { page({good, good / "."}); }, {"twice"});
  expect_error<UsageError>([&] { page({temp_.path / "none"}); }, {"none is no folder"});
  for (const char* file : {kConfigFile, kHistoryFile, kResultsFile}) {
    const fs::path folder = make("bad");
    put(folder / file, "?!");
    expect_error<Error>(
        [&] {
          try {
            page({good, folder});
          } catch (const UsageError& e) {
            throw Error(e.what());
          }
        },
        {file});
    fs::remove(folder / file);
    expect_error<Error>([&] { page({good, folder}); }, {file, "No such file"});
  }
}

TEST_F(Report, DrawsItsCurvesAsTextOfAnyWidth) {
  const std::vector<fs::path> runs = {make("a"), make("b", true, 5)};
  const auto width_of = [](std::string_view line) {
    return std::ranges::count_if(line, [](char c) { return (c & 0xC0) != 0x80; });
  };
  for (const size_t count : {size_t{1}, size_t{2}}) {
    for (const int width : {40, 80, 200}) {
      for (const bool utf8 : {false, true}) {
        const std::string text = report_text(std::span(runs).first(count), {width, utf8, false});
        expect_in(text, {"Accuracy", "Loss", "90%", "epoch"});
        EXPECT_EQ(text.find('\x1b'), text.npos);
        const bool ascii = std::ranges::all_of(text, [](char c) { return c > 0; });
        EXPECT_EQ(ascii, !utf8);
        for (size_t at = 0; at < text.size();) {
          const size_t end = text.find('\n', at);
          EXPECT_LE(width_of(std::string_view(text).substr(at, end - at)), width);
          at = end + 1;
        }
      }
    }
  }
  EXPECT_NE(report_text(runs, {80, true, true}).find("\x1b["), std::string::npos);
}

}  // namespace
}  // namespace ravine
