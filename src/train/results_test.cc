#include "train/results.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "ravine/error.h"
#include "train/testing.h"

namespace ravine {
namespace {

using testing::clouds;
using testing::contents;
using testing::expect_error;
using testing::plane;
using testing::put;
using testing::TempFolder;

Results some_results() {
  Results results{.version = "0.1.0",
                  .isa = "avx2",
                  .data = "two\"\n\xff",
                  .train = 60,
                  .test = 3,
                  .classes = {"cat", "dog"},
                  .input = {1, 2},
                  .layers = {{"0", "dense(2)", {2}, 6}},
                  .ended = "epochs",
                  .skipped = 1};
  results.running_loss = {.batches = 4, .points = {{4, 0.1, 0.05, 1e-300}, {8, INFINITY, 0, 1}}};
  results.examined = {.set = "test",
                      .examples = 3,
                      .confusion = {{0, 0, 2}, {1, 0, 1}},
                      .mistakes = {{2, 1, 0, 0.75, 0.25, {0, 255}}},
                      .image = {1, 2},
                      .sample = {},
                      .worst = {}};
  return results;
}

TEST(Results, AreReadAsTheyWereWritten) {
  const TempFolder folder;
  const auto path = folder.path / "results.json";
  put(path, results_json(some_results()));
  const Results read = read_results(path);
  EXPECT_EQ(read.data, "two\"\n\uFFFD");
  EXPECT_EQ(read.classes, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(read.running_loss.points[0].high, 1e-300);
  EXPECT_TRUE(std::isnan(read.running_loss.points[1].mean));
  EXPECT_EQ(read.examined.mistakes[0].pixels, (std::vector<uint8_t>{0, 255}));
  EXPECT_EQ(read.layers[0].output, Shape({2}));
  Results again = read;
  again.data = some_results().data, again.running_loss = some_results().running_loss;
  EXPECT_EQ(results_json(again), results_json(some_results()));
}

TEST(Results, ThatAreDamagedAreRefusedWithTheFile) {
  const TempFolder folder;
  const auto path = folder.path / "results.json";
  expect_error<Error>([&] { read_results(path); }, {"results.json", "No such file"});
  const std::string good = results_json(some_results());
  const auto refuses = [&](const std::string& text, std::string_view word) {
    put(path, text);
    expect_error<Error>([&] { read_results(path); }, {"results.json: not the results", word});
  };
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    const size_t at = text.find(from);
    EXPECT_NE(at, text.npos) << from;
    return text.replace(at, from.size(), to);
  };
  refuses("", "parse error");
  refuses("[1]", "");
  for (size_t cut = 0; cut < good.size() - 2; cut += 7) refuses(good.substr(0, cut), "parse error");
  refuses(with("\"format\": 1", "\"format\": 2"), "format");
  refuses(with("\"ended\"", "\"over\""), "'ended'");
  refuses(with("\"skipped\": 1", "\"skipped\": \"one\""), "number");
  refuses(with("[1,0,1]", "[1,2,1]"), "no such class");
  refuses(with("[1,0,1]", "[-1,0,1]"), "no such class");
  refuses(with("\"label\":1", "\"label\":7"), "no class");
  refuses(with("\"image\":[1,2]", "\"image\":[2,2]"), "pixels");
  refuses(with("\"image\":[1,2]", "\"image\":[1,9223372036854775807]"), "image");
  refuses(with("\"pixels\":\"AP8=\"", "\"pixels\":\"A\""), "base64");
}

TEST(RunningLoss, HoldsEveryBatchInABoundedNumberOfPoints) {
  for (const int64_t batches : {1, 2, 255, 256, 257, 1000, 9380, 100'000}) {
    RunningLossMeter meter;
    for (int64_t step = 1; step <= batches; ++step) meter.add(step, double(step));
    const RunningLoss loss = meter.loss();
    EXPECT_LE(loss.points.size(), RunningLoss::kMost);
    EXPECT_GE(loss.points.size(), std::min<size_t>(size_t(batches), RunningLoss::kMost / 2));
    int64_t before = 0;
    for (const auto& point : loss.points) {
      EXPECT_LE(point.step - before, loss.batches);
      EXPECT_EQ(point.low, double(before + 1));
      EXPECT_EQ(point.high, double(point.step));
      EXPECT_NEAR(point.mean, double(before + 1 + point.step) / 2, 1e-9 * double(batches));
      before = point.step;
    }
    EXPECT_EQ(before, batches);
  }
}

TEST(Examine, CountsEachLabelAndRanksConfidentMistakes) {
  const Model model("dense(3)", {.input = {2}, .seed = 4});
  const Dataset data = clouds(200);
  const EvaluateOptions how;
  const Loss& loss = find_loss("auto", data);
  const Examined examined = examine(model, data, "train", loss);
  int64_t all = 0, right = 0;
  for (const auto& [label, predicted, count] : examined.confusion) {
    all += count, right += label == predicted ? count : 0;
  }
  EXPECT_EQ(all, 200);
  EXPECT_EQ(double(right) / 200, evaluate(model, data, how).accuracy);
  ASSERT_EQ(examined.mistakes.size(), 24u);
  const Tensor probabilities = predict(model, data, true);
  for (size_t i = 0; i < examined.mistakes.size(); ++i) {
    const Mistake& m = examined.mistakes[i];
    EXPECT_EQ(m.label, data.labels()[size_t(m.example)]);
    EXPECT_NE(m.label, m.predicted);
    EXPECT_EQ(m.score, probabilities.values<float>()[size_t(m.example * 3 + m.predicted)]);
    EXPECT_GT(m.score, m.label_score);
    EXPECT_LE(m.score, examined.mistakes[i - std::min<size_t>(i, 1)].score);
  }
  EXPECT_TRUE(examined.image.empty());
}

TEST(Examine, KeepsThePixelsOfGreyImages) {
  std::vector<uint8_t> pixels(10 * 6);
  for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = uint8_t(i * 4);
  const Dataset data = Dataset::images(pixels, {2, 3}, {0, 1, 0, 1, 0, 1, 0, 1, 0, 1}, 2);
  const Model model("dense(2)", {.input = {2, 3}});
  const Examined examined = examine(model, data, "test", find_loss("auto", data));
  EXPECT_EQ(examined.image, (std::vector<int64_t>{2, 3}));
  ASSERT_FALSE(examined.mistakes.empty());
  for (const Mistake& m : examined.mistakes) {
    const auto begin = pixels.begin() + m.example * 6;
    EXPECT_EQ(m.pixels, std::vector<uint8_t>(begin, begin + 6));
  }
}

TEST(Examine, ComparesTargetsWithPredictions) {
  const Model model("dense(2)", {.input = {2}});
  const Dataset data = plane(700);
  const Examined examined = examine(model, data, "test", find_loss("auto", data));
  EXPECT_TRUE(examined.confusion.empty() && examined.mistakes.empty());
  EXPECT_LE(examined.sample.size(), 500u);
  EXPECT_GE(examined.sample.size(), 250u);
  ASSERT_EQ(examined.worst.size(), 24u);
  double before = INFINITY;
  for (const Residual& r : examined.worst) {
    EXPECT_LE(std::fabs(r.prediction - r.target), before);
    before = std::fabs(r.prediction - r.target);
  }
}

TEST(Examine, TellsARegressionInTheUnitOfItsLabel) {
  const Model model("dense(2)", {.input = {2}});
  Dataset data = plane(30);
  const Examined scaled = examine(model, data, "test", find_loss("auto", data));
  data.target_offset = 100, data.target_scale = 10, data.label_name = "price";
  const Examined examined = examine(model, data, "test", find_loss("auto", data));
  ASSERT_EQ(examined.sample.size(), 60u);
  for (size_t i = 0; i < examined.sample.size(); ++i) {
    EXPECT_EQ(examined.sample[i].target, 100 + 10 * scaled.sample[i].target);
    EXPECT_EQ(examined.sample[i].prediction, 100 + 10 * scaled.sample[i].prediction);
  }
  const Results results = begin_results(model, data, {}, {});
  EXPECT_EQ(results.label, "price");
  EXPECT_EQ(results.target_scale, 10);
}

}  // namespace
}  // namespace ravine
