#include "train/history.h"

#include <gtest/gtest.h>

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
  EXPECT_EQ(history_csv({}, {.labels = false, .test = false}),
            "epoch,step,seconds,lr,train_loss,train_mean_squared_error,"
            "train_mean_absolute_error\n");
}

}  // namespace
}  // namespace ravine
