#include "train/history.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ravine/error.h"
#include "train/testing.h"

namespace ravine {
namespace {

History two_epochs() {
  History history;
  history.epochs.push_back({.epoch = 1,
                            .step = 600,
                            .seconds = 1.23456,
                            .lr = 1e-3,
                            .train = {.loss = 0.25, .accuracy = 0.9},
                            .validation = {.loss = 0.5, .accuracy = 0.875},
                            .test = {.loss = 0.1, .accuracy = 0.97}});
  history.epochs.push_back({.epoch = 2,
                            .step = 700,
                            .seconds = 0.00001,
                            .lr = 0.30000000000000004,
                            .train = {.loss = 1e-7, .mean_squared_error = 2},
                            .test = {.loss = 3, .mean_absolute_error = 4}});
  return history;
}

TEST(HistoryCsv, HasTheColumnsOfAClassifier) {
  EXPECT_EQ(history_csv(two_epochs(), {}),
            "epoch,step,seconds,lr,train_loss,train_accuracy,test_loss,test_accuracy\n"
            "1,600,1.2346,0.001,0.25,0.9,0.1,0.97\n"
            "2,700,0.0000,0.30000000000000004,1e-07,nan,3,nan\n");
}

TEST(HistoryCsv, AddsValidationWhereExamplesWereHeldOut) {
  const std::string text = history_csv(two_epochs(), {.validation = true});
  EXPECT_EQ(text.substr(0, text.find('\n')),
            "epoch,step,seconds,lr,train_loss,train_accuracy,validation_loss,validation_accuracy,"
            "test_loss,test_accuracy");
  EXPECT_NE(text.find(",0.25,0.9,0.5,0.875,0.1,0.97\n"), text.npos);
}

TEST(HistoryCsv, MeasuresRegressionByItsErrors) {
  EXPECT_EQ(history_csv({}, {.labels = false}),
            "epoch,step,seconds,lr,train_loss,train_mean_squared_error,"
            "train_mean_absolute_error,test_loss,test_mean_squared_error,"
            "test_mean_absolute_error\n");
}

TEST(HistoryCsv, LeavesTheTestColumnsEmptyWithoutATestSet) {
  EXPECT_EQ(history_csv({.epochs = {two_epochs().epochs[0]}}, {.test = false}),
            "epoch,step,seconds,lr,train_loss,train_accuracy,test_loss,test_accuracy\n"
            "1,600,1.2346,0.001,0.25,0.9,,\n");
}

TEST(HistoryTable, ReadsWhatWasWritten) {
  const testing::TempFolder folder;
  const auto path = folder.path / "history.csv";
  testing::put(path, history_csv(two_epochs(), {.validation = true}));
  const HistoryTable table = read_history(path);
  EXPECT_EQ(table.rows(), 2u);
  EXPECT_EQ(*table.find("epoch"), (std::vector<double>{1, 2}));
  EXPECT_EQ(table.find("validation_accuracy")->at(0), 0.875);
  EXPECT_TRUE(std::isnan(table.find("validation_accuracy")->at(1)));
  EXPECT_EQ(table.find("validation_mean_squared_error"), nullptr);
  testing::put(path, history_csv({}, {}));
  EXPECT_EQ(read_history(path).rows(), 0u);
  testing::put(path, history_csv(two_epochs(), {.test = false}));
  EXPECT_EQ(read_history(path).find("test_loss"), nullptr);
  EXPECT_EQ(read_history(path).rows(), 2u);
}

TEST(HistoryTable, SaysWhichLineIsDamaged) {
  const testing::TempFolder folder;
  const auto path = folder.path / "history.csv";
  const auto refuses = [&](std::string_view text, std::string_view word) {
    testing::put(path, text);
    testing::expect_error<Error>([&] { read_history(path); }, {"history.csv", word});
  };
  testing::expect_error<Error>([&] { read_history(path); }, {"history.csv", "No such file"});
  refuses("", ":1: there is no column 'epoch'");
  refuses("epoch,step,seconds", "no column 'lr'");
  refuses("epoch,step,seconds,lr,lr", "'lr' stands there twice");
  refuses("epoch,step,seconds,lr\n1,2,3,0.1\n1,2", ":3: 2 values under 4 columns");
  refuses("epoch,step,seconds,lr\n1,2,3,fast\n", ":2: lr 'fast' is no number");
  refuses("epoch,step,seconds,lr\n1,2,3,0.1\n\n1,2,3,0.1", ":3: 1 values");
  refuses("epoch,step,seconds,lr,test_loss\n1,2,3,4,5\n1,2,3,4,\n", "test_loss is empty in some");
}

}  // namespace
}  // namespace ravine
