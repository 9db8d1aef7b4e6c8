// A table of one's own, from training to prediction.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "cli/program.h"
#include "ravine/random.h"

namespace ravine {
namespace {

class OwnTable : public ProgramTest {
 protected:
  // Three kinds of berries by weight and colour, 90 rows, and their price.
  void SetUp() override {
    std::string text = "weight;colour;price;kind\n";
    for (int i = 0; i < 90; ++i) {
      const int kind = i % 3;
      const double weight = 10 * kind + random_.uniform(1, 4);
      text += fmt::format("{:.3f};\"{}\";{:.2f};\"{}\"\n", weight, kind == 2 ? "blue" : "red",
                          1000 * weight + 50 * kind + random_.uniform(-20, 20), kKinds[kind]);
    }
    write("berries.csv", text);
  }
  Outcome trained(std::vector<std::string> more) {
    std::vector<std::string> words = {"train", "--data", "berries.csv", "--threads", "1"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return outcome;
  }
  Outcome classified() {
    return trained({"--ignore", "price", "--test", "0.2", "--epochs", "60", "--out", "run"});
  }

  // As within quotes.
  static constexpr const char* kKinds[] = {"cherry", "currant, red", "blue \"\"berry\"\""};
  Random random_{7};
};

TEST_F(OwnTable, IsLearnedAndSaysWhatItTook) {
  const Outcome outcome = classified();
  for (const char* text :
       {"berries.csv: 72 to train, 18 to test", "label 'kind' (the last column): 3 classes",
        "3 inputs", "test accuracy 100.00%", "preparation.json"}) {
    EXPECT_NE(outcome.out.find(text), outcome.out.npos) << text << " not in " << outcome.out;
  }
  const std::string config = read("run/config.toml");
  for (const char* line : {"\ntest = \"0.2\"\n", "\ntask = \"classification\"\n", "\nbatch = 4\n",
                           "\nignore = \"price\"\n", "\nscale = \"standard\"\n"}) {
    EXPECT_NE(config.find(line), config.npos) << line << config;
  }
  const Outcome eval = run({"eval", "run"});
  EXPECT_EQ(eval.out.find("berries.csv: 18 test examples, loss "), 0u) << eval.out << eval.err;
  const double loss = std::stod(csv_column(read("run/history.csv"), "test_loss").back());
  EXPECT_NE(eval.out.find(fmt::format("loss {:.6f}, accuracy 100.00%", loss)), eval.out.npos);
}

TEST_F(OwnTable, AConfigGivesTheSameRunAgain) {
  classified();
  EXPECT_EQ(run({"train", "--config", "run/config.toml", "--out", "again", "--quiet"}).code, 0);
  for (const char* file : {"config.toml", "preparation.json", "model.safetensors"}) {
    EXPECT_EQ(read(std::string("run/") + file), read(std::string("again/") + file)) << file;
  }
}

TEST_F(OwnTable, ARegressionIsMeasuredInItsUnit) {
  const Outcome outcome = trained({"--label", "price", "--ignore", "kind", "--epochs", "100",
                                   "--validation", "0.1", "--patience", "90", "--out", "run"});
  EXPECT_NE(outcome.out.find("label 'price': regression"), outcome.out.npos) << outcome.out;
  EXPECT_NE(outcome.out.find("no test set"), outcome.out.npos) << outcome.out;
  EXPECT_NE(outcome.out.find("abs error"), outcome.out.npos) << outcome.out;
  const std::string history = read("run/history.csv");
  const double loss = std::stod(csv_column(history, "validation_loss").back());
  const double squared = std::stod(csv_column(history, "validation_mean_squared_error").back());
  const double absolute = std::stod(csv_column(history, "validation_mean_absolute_error").back());
  EXPECT_LT(loss, 0.1);
  EXPECT_GT(squared, 1e5 * loss);
  EXPECT_GT(absolute, 50);
  EXPECT_LT(absolute, 3000);
  EXPECT_NE(history.find(",,,\n"), history.npos) << history;  // no test set
  const Outcome eval = run({"eval", "run"});
  EXPECT_EQ(eval.out.find("berries.csv: 90 training examples, loss "), 0u) << eval.out << eval.err;
  const Outcome predicted = run({"predict", "run", "berries.csv"});
  const auto lines = lines_of(predicted.out);
  const auto prices = csv_column(read("berries.csv"), "weight;colour;price;kind");
  ASSERT_EQ(lines.size(), 90u) << predicted.err;
  EXPECT_NEAR(std::stod(lines[0]), 2500, 3000);
  EXPECT_NEAR(std::stod(lines[2]), 22500, 4500);
  expect_refused({"predict", "run", "berries.csv", "--probabilities"}, 2, "no probabilities");
}

TEST_F(OwnTable, PredictionsComeInEveryForm) {
  classified();
  write("new.csv", "colour,weight\nred,2.5\nblue,22\n");
  const auto predict = [&](std::vector<std::string> more) {
    std::vector<std::string> words = {"predict", "run", "new.csv"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return outcome.out;
  };
  EXPECT_EQ(predict({}), "cherry\n\"blue \"\"berry\"\"\"\n");
  const auto lines = lines_of(predict({"--probabilities"}));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].find("cherry,"), 0u) << lines[0];
  EXPECT_EQ(std::count(lines[0].begin(), lines[0].end(), ','), 3);
  const auto json = lines_of(predict({"--json", "--probabilities"}));
  EXPECT_EQ(json[1].find("{\"prediction\": \"blue \\\"berry\\\"\", \"probability\": "), 0u)
      << json[1];
  EXPECT_NE(json[1].find("\"probabilities\": {\"blue \\\"berry\\\"\": "), json[1].npos) << json[1];
  EXPECT_EQ(predict({"--out", "p.txt"}), "written: p.txt, 2 lines\n");
  EXPECT_EQ(read("p.txt"), predict({}));
  EXPECT_EQ(predict({"--threads", "3"}), predict({"--threads", "1"}));
}

// One output for yes and no: the target stays 0 and 1, whatever scales the inputs, and what is
// predicted is the probability.
TEST_F(OwnTable, BinaryCrossEntropyPredictsAShare) {
  std::string text = "height,weight,tall\n";
  for (int i = 0; i < 80; ++i) {
    const double height = random_.uniform(1500, 2000);
    text += fmt::format("{:.0f},{:.1f},{}\n", height, random_.uniform(50, 90), height > 1750);
  }
  for (size_t at; (at = text.find("true")) != text.npos;) text.replace(at, 4, "1");
  for (size_t at; (at = text.find("false")) != text.npos;) text.replace(at, 5, "0");
  write("people.csv", text);
  std::vector<std::string> words = {
      "train",    "--data", "people.csv", "--task", "regression", "--loss", "binary_cross_entropy",
      "--epochs", "50",     "--out",      "run"};
  const Outcome outcome = run(words);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_LT(std::stod(csv_column(read("run/history.csv"), "train_mean_absolute_error").back()),
            0.1);
  write("new.csv", "height,weight\n1550,70\n1950,70\n");
  const auto lines = lines_of(run({"predict", "run", "new.csv"}).out);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_GE(std::stod(lines[0]), 0);
  EXPECT_LT(std::stod(lines[0]), 0.1);
  EXPECT_GT(std::stod(lines[1]), 0.9);
  EXPECT_LE(std::stod(lines[1]), 1);
  write("people.csv", text + "1800,60,2\n");
  words.back() = "other";
  expect_refused(words, 1, "people.csv: row 82, column 3 ('tall'): '2' is no share");
}

TEST_F(OwnTable, OutputsThatAreNoProbabilitiesAreNotCalledSo) {
  trained({"--ignore", "price", "--loss", "mean_squared_error", "--epochs", "1", "--out", "run"});
  write("new.csv", "colour,weight\nred,2.5\n");
  EXPECT_EQ(run({"predict", "run", "new.csv", "--json"}).out.find("probability"),
            std::string::npos);
  expect_refused({"predict", "run", "new.csv", "--probabilities"}, 2, "no probabilities");
}

TEST_F(OwnTable, PredictionsThatCannotBeMadeAreRefused) {
  classified();
  for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
           {"colour,weight\nred,2\ngreen,3\n",
            "new.csv: row 3, column 1 ('colour'): 'green' is a category that the training data did "
            "not have (blue, red); --missing mean takes it as missing"},
           {"colour,weight\nred,\n", "row 2, column 2 ('weight'): the value is missing"},
           {"colour,weight\nred,x\n", "row 2, column 2 ('weight'): 'x' is a text"},
           {"colour,wieght\nred,2\n", "column 'weight', as in training; did you mean 'wieght'?"},
           {"1,2\n", "row 1 has 2 fields"},
           {"", "empty file"}}) {
    write("new.csv", text);
    expect_refused({"predict", "run", "new.csv", "--out", "p.txt"}, 1, message);
  }
  write("new.csv", "colour,weight\ngreen,3\nred,\n");
  EXPECT_EQ(lines_of(run({"predict", "run", "new.csv", "--missing", "mean"}).out).size(), 2u);
  expect_refused({"predict", "run", "none.csv"}, 1, "none.csv: No such file");
  expect_refused({"predict", "run"}, 2, "FILE is missing");
  std::filesystem::remove(path("run/preparation.json"));
  expect_refused({"predict", "run", "new.csv"}, 1, "preparation.json");
  expect_refused({"eval", "run"}, 1, "preparation.json");
  write("run/preparation.json", "{}");
  expect_refused({"eval", "run"}, 1, "preparation.json: not a preparation");
}

TEST_F(OwnTable, OnlyABatchThatWasGivenIsRefused) {
  expect_refused({"train", "--data", "berries.csv", "--batch", "91", "--out", "run"}, 2,
                 "batch must be at most the 90 training examples, got 91");
  trained({"--test", "0.5", "--ignore", "price", "--epochs", "1", "--out", "run"});
  EXPECT_NE(read("run/config.toml").find("\nbatch = 4\n"), std::string::npos);
  expect_refused({"train", "--data", "berries.csv", "--test", "0.5", "--batch", "64"}, 2, "got 64");
}

TEST_F(OwnTable, WhatSuitsNoTableIsRefused) {
  write_digits();
  expect_refused(train({"--label", "x", "--out", "run"}), 2, "label is for tables");
  expect_refused({"train", "--data", "berries.csv", "--data-dir", "set"}, 2,
                 "data_dir is for data");
  expect_refused({"train", "--data", "nowhere.csv"}, 1, "no set and no file 'nowhere.csv'");
  expect_refused({"train", "--data", "set"}, 1, "set is a folder");
  expect_refused({"train", "--data", "set/train-images-idx3-ubyte"}, 1, "is an IDX file");
  expect_refused({"train", "--data", "berries.csv", "--scale", "log"}, 2, "scale must be");
  expect_refused({"train", "--data", "berries.csv", "--test", "none.csv"}, 1, "none.csv");
  trained({"--ignore", "price", "--epochs", "1", "--out", "table"});
  expect_refused({"predict", "table", "set/t10k-images-idx3-ubyte"}, 2, "is an IDX file");
  ASSERT_EQ(run(train({"--out", "run"})).code, 0);
  expect_refused({"eval", "run", "--data", "berries.csv"}, 2, "was not trained on a table");
  expect_refused({"predict", "run", "berries.csv"}, 2, "berries.csv is no IDX file");
  expect_refused({"predict", "run", "set/t10k-labels-idx1-ubyte"}, 1, "it holds labels");
  const Outcome images = run({"predict", "run", "set/t10k-images-idx3-ubyte"});
  EXPECT_EQ(lines_of(images.out).size(), 57u) << images.err;
}

TEST_F(OwnTable, PredictingALargeFileTakesNoMoreMemory) {
  classified();
  std::string rows;
  for (int i = 0; i < 2000; ++i) rows += fmt::format("{:.3f};\"red\"\n", random_.uniform(0, 30));
  const auto peak = [&](int times) {
    std::ofstream file(path("large.csv"));  // what this process holds would count as the program's
    file << "weight;colour\n";
    for (int i = 0; i < times; ++i) file << rows;
    file.close();
    const Outcome outcome =
        run({.arguments = {"predict", "run", "large.csv", "--out", "p.txt", "--threads", "1"},
             .environment = {{"ASAN_OPTIONS",  // which else holds what is freed
                              "quarantine_size_mb=0:thread_local_quarantine_size_kb=0"}}});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(std::ranges::count(read("p.txt"), '\n'), 2000 * times);
    return outcome.peak_kib;
  };
  const long small = peak(50);    // 1.4 MB
  const long large = peak(1000);  // 28 MB
  EXPECT_LT(large, small + 4096) << "KiB; with 1.4 MB: " << small;
}

TEST_F(OwnTable, IsDescribed) {
  write("odd.csv", "a,b,c,d\n1,x,,k\n2,y,,k\n2,y,,k\n3,7,,k\n");
  write("test.csv", "a,b,c,d\n2,y,,k\n9,y,,k\n");
  const Outcome outcome =
      run({"data", "describe", "odd.csv", "--test", "test.csv", "--label", "b"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  for (const char* text : {"odd.csv: 4 rows, 1 of them repeated",
                           "test: 2 rows, 1 of them among those to train", "1 and 3: --categorical",
                           "empty: --ignore", "constant", "label b", "y             2  50.00%"}) {
    EXPECT_NE(outcome.out.find(text), outcome.out.npos) << text << " not in\n" << outcome.out;
  }
  write_digits();
  const Outcome images = run({"data", "describe", "set/train-images-idx3-ubyte"});
  EXPECT_NE(images.out.find("203 examples of [8, 8]"), images.out.npos) << images.out << images.err;
  expect_refused({"data", "describe", "set/train-images-idx3-ubyte", "--label", "x"}, 2,
                 "for tables");
  expect_refused({"data", "describe", "nowhere"}, 1, "nowhere");
  expect_refused({"data", "describe"}, 2, "NAME of the file or set");
  expect_refused({"data", "list", "--label", "x"}, 2, "--label is for describe");
}

}  // namespace
}  // namespace ravine
