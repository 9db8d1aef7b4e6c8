#include <locale>

#include "ravine/error.h"
#include "ravine/option.h"
#include "ravine/run.h"
#include "train/loss.h"
#include "train/testing.h"

namespace ravine {
namespace {

using testing::expect_error;
using testing::put;
using testing::TempFolder;

std::string as_text(TrainConfig config) {
  std::string text;
  for (const OptionRef& option : list_options(config)) {
    text.append(option.option.name).append("=").append(value_text(option)).append("\n");
  }
  return text;
}

TEST(Config, IsReadBackExactly) {
  const TempFolder folder;
  for (const std::string text : {"plain", "", "with \"quotes\" and \\back\\slashes", "a\nb\tc\x01",
                                 "ü ☃", "'''", "# no comment", "[1]", "\x7f"}) {
    for (const double number : {0.0, 1.0, 0.1, 1e-6, 5e-324, 0.30000000000000004, 1e22}) {
      TrainConfig config{.data_dir = text,
                         .model = text,
                         .steps = INT64_MAX,
                         .shuffle = false,
                         .validation = std::min(number, 0.5),
                         .l2 = number,
                         .seed = 7};
      put(folder.path / "c.toml", config_toml(config));
      EXPECT_EQ(as_text(make_config(folder.path / "c.toml")), as_text(config));
    }
  }
}

TEST(Config, NamesEveryOptionButNotWhereTheRunWent) {
  TrainConfig config{.batch = 64};
  const std::string text = config_toml(config);
  for (const OptionRef& option : list_options(config)) {
    EXPECT_NE(text.find(std::string("\n") + option.option.name + " = "), text.npos) << text;
  }
  EXPECT_EQ(text.find("\nout"), text.npos);
  EXPECT_EQ(text.find("\nthreads"), text.npos);
}

TEST(Config, RefusesTextThatTOMLCannotHold) {
  expect_error<UsageError>([] { config_toml({.data_dir = "\xff\xfe"}); }, {"data_dir", "UTF-8"});
}

TEST(Config, ErrorsNameFileLineAndKey) {
  struct Case {
    const char* toml;
    std::initializer_list<std::string_view> words;
  };
  const Case cases[] = {
      {"\nepohcs = 3\n", {"c.toml:2", "'epohcs'", "did you mean 'epochs'"}},
      {"seed = 1\n\nepochs = \"3\"\n", {"c.toml:3", "epochs", "whole number", "text in quotes"}},
      {"epochs = 3.5\n", {"c.toml:1", "epochs", "whole number"}},
      {"l2 = \"0.1\"\n", {"c.toml:1", "l2", "a number"}},
      {"l2 = -0.1\n", {"c.toml:1", "l2", ">= 0", "-0.1"}},
      {"l2 = nan\n", {"c.toml:1", "l2", "nan"}},
      {"shuffle = 1\n", {"c.toml:1", "shuffle", "true or false"}},
      {"model = 3\n", {"c.toml:1", "model", "quotes"}},
      {"batch = [1]\n", {"c.toml:1", "batch", "a list"}},
      {"[batch]\nx = 1\n", {"c.toml:1", "batch", "a table"}},
      {"seed = 1979-05-27\n", {"c.toml:1", "seed"}},
      {"validation = 1.0\n", {"c.toml:1", "validation", "[0, 1)"}},
      {"epochs = 1\nepochs = 2\n", {"c.toml:2", "epochs"}},
      {"epochs 3\n", {"c.toml:1"}},
      {"seed = 99999999999999999999\n", {"c.toml:1"}},
      {"data = \"\xff\"\n", {"c.toml:1"}},
  };
  const TempFolder folder;
  for (const Case& c : cases) {
    SCOPED_TRACE(c.toml);
    put(folder.path / "c.toml", c.toml);
    expect_error<UsageError>([&] { make_config(folder.path / "c.toml"); }, c.words);
  }
  expect_error<Error>([&] { make_config(folder.path / "absent.toml"); }, {"absent.toml"});
}

TEST(Config, SettingsOverrideTheFile) {
  const TempFolder folder;
  put(folder.path / "c.toml", "epochs = 20\nseed = 5\nl2 = 1\n");
  const Setting settings[] = {{"epochs", "2"}, {"model", "softmax"}};
  const TrainConfig config = make_config(folder.path / "c.toml", settings);
  EXPECT_EQ(config.epochs, 2);
  EXPECT_EQ(config.seed, 5);
  EXPECT_EQ(config.l2, 1.0);
  EXPECT_EQ(config.model, "softmax");
  EXPECT_EQ(config.batch, TrainConfig().batch);
  const Setting wrong[] = {{"epoch", "2"}};
  expect_error<UsageError>([&] { make_config({}, wrong); }, {"'epoch'", "'epochs'"});
}

TEST(Config, StepsAloneBoundTheTraining) {
  const Setting steps[] = {{"steps", "1000"}};
  EXPECT_EQ(make_config({}, steps).epochs, 0);
  const Setting both[] = {{"steps", "1000"}, {"epochs", "3"}};
  EXPECT_EQ(make_config({}, both).epochs, 3);
  const Setting none[] = {{"steps", "0"}};
  EXPECT_EQ(make_config({}, none).epochs, TrainConfig().epochs);
}

struct Comma : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

TEST(Config, NumbersDoNotDependOnTheLocale) {
  const TempFolder folder;
  const std::locale before = std::locale::global(std::locale(std::locale(), new Comma));
  put(folder.path / "c.toml", config_toml({.steps = 12345, .l2 = 0.5}));
  const TrainConfig config = make_config(folder.path / "c.toml");
  std::locale::global(before);
  EXPECT_EQ(config.l2, 0.5);
  EXPECT_EQ(config.steps, 12345);
}

TEST(Config, HelpNamesEveryLossAndDataSet) {
  TrainConfig config;
  const auto options = list_options(config);
  const std::string loss = find_option(options, "loss")->option.help;
  for (const std::string& name : loss_names()) EXPECT_NE(loss.find(name), loss.npos) << name;
  const std::string data = find_option(options, "data")->option.help;
  for (const std::string& name : dataset_names()) EXPECT_NE(data.find(name), data.npos) << name;
}

}  // namespace
}  // namespace ravine
