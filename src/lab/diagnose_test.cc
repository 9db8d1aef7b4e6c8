// Trainings built to have exactly one disease, and healthy ones.
#include "ravine/diagnose.h"

#include <gtest/gtest.h>

#include <cmath>

#include "lab/testing.h"
#include "ravine/runtime.h"

namespace ravine {
namespace {

using testing::clouds;
using testing::expect_error;
using testing::plane;
using Names = std::vector<std::string>;

struct Watched {
  Diagnosis diagnosis;
  std::vector<double> parameters;
};

Watched train(const std::string& model, const TrainTest& data, FitOptions options,
              const DiagnoseOptions& how = {}) {
  Model trained(model, {.input = data.train.example(), .outputs = data.train.outputs()});
  Diagnoser doctor(how);
  doctor.begin(data);
  options.callbacks.push_back(doctor.callback());
  std::string error;
  try {
    fit(trained, data.train, data.test, options);
  } catch (const Error& e) {
    error = e.what();
  }
  Watched result{doctor.diagnosis(error), {}};
  for (const Parameter& p : trained.parameters()) {
    for (const double x : trained.parameter(p.name).to_vector()) result.parameters.push_back(x);
  }
  return result;
}

Names names(const Diagnosis& diagnosis) {
  Names list;
  for (const Finding& finding : diagnosis.findings) list.push_back(finding.name);
  return list;
}

Names found(const std::string& model, const TrainTest& data, const FitOptions& options) {
  return names(train(model, data, options).diagnosis);
}

std::string repeated(int times, const std::string& layers) {
  std::string text;
  for (int i = 0; i < times; ++i) text += layers + " ";
  return text;
}

TrainTest three_clouds() { return {clouds(600), clouds(200, 3, 2), nullptr}; }

// Where the first input is moved and stretched.
TrainTest changed_clouds(float scale, float shift) {
  const auto change = [&](const Dataset& data) {
    std::vector<uint32_t> all(data.size());
    for (size_t i = 0; i < all.size(); ++i) all[i] = uint32_t(i);
    Tensor x, y;
    data.gather(all, x, y);
    const Tensor moved = x.clone();
    for (size_t i = 0; i < all.size(); ++i) {
      for (size_t j = 0; j < 2; ++j) {
        float& value = moved.values<float>()[2 * i + j];
        value = (value + shift) * (j == 0 ? scale : 1);
      }
    }
    return Dataset::table(moved, data.labels(), 3);
  };
  return {change(clouds(600)), change(clouds(200, 3, 2)), nullptr};
}

constexpr const char* kSmall = "dense(32) relu";
constexpr const char* kTwo = "dense(32) relu dense(16) relu";

TEST(Diagnose, VanishingGradients) {
  const std::string deep = repeated(20, "dense(16) sigmoid");
  const Names only = {"vanishing gradients"};
  EXPECT_EQ(found(deep, three_clouds(), {.optimizer = "sgd,lr=0.1", .epochs = 5, .batch = 10}),
            only);
  EXPECT_EQ(found(deep, three_clouds(), {.optimizer = "rmsprop", .epochs = 5, .batch = 10}), only);
}

TEST(Diagnose, ExplodingGradients) {
  const std::string deep = repeated(12, "dense(32,init=normal(0,1)) relu");
  const Names only = {"exploding gradients"};
  EXPECT_EQ(found(deep, three_clouds(), {.optimizer = "sgd,lr=0.01", .epochs = 5, .batch = 10}),
            only);
  EXPECT_EQ(found(deep, three_clouds(), {.optimizer = "rmsprop", .epochs = 5, .batch = 10}), only);
}

TEST(Diagnose, ALossThatIsInfiniteAtOnce) {
  EXPECT_EQ(found(repeated(40, "dense(32,init=normal(0,100)) relu"), three_clouds(), {.epochs = 1}),
            Names{"exploding gradients"});
}

// That it kills units follows.
TEST(Diagnose, LearningRateTooHigh) {
  for (const char* optimizer :
       {"sgd,lr=100", "sgd,lr=10,momentum=0.9", "adam,lr=3", "rmsprop,lr=3"}) {
    const Names list = found(kTwo, three_clouds(), {.optimizer = optimizer, .epochs = 5});
    ASSERT_FALSE(list.empty()) << optimizer;
    EXPECT_EQ(list[0], "lr too high") << optimizer;
    for (size_t i = 1; i < list.size(); ++i) EXPECT_EQ(list[i], "dead units") << optimizer;
  }
  const TrainTest line = {plane(400), plane(100, 2), nullptr};
  EXPECT_EQ(found("dense(2)", line, {.optimizer = "sgd,lr=10", .epochs = 5}), Names{"lr too high"});
}

TEST(Diagnose, LearningRateTooLow) {
  const Names only = {"lr too low"};
  for (const char* optimizer : {"sgd,lr=1e-4", "adam,lr=1e-6", "rmsprop,lr=1e-7"}) {
    EXPECT_EQ(found(kSmall, three_clouds(), {.optimizer = optimizer, .epochs = 5}), only)
        << optimizer;
  }
}

TEST(Diagnose, EpsDominates) {
  const Names only = {"eps dominates the root"};
  for (const char* optimizer : {"rmsprop,eps=10", "rmsprop,eps=10,eps_inside=true", "adam,eps=10",
                                "adam,eps=10,eps_hat=true", "adagrad,eps=1000"}) {
    EXPECT_EQ(found(kSmall, three_clouds(), {.optimizer = optimizer, .epochs = 5}), only)
        << optimizer;
  }
}

TEST(Diagnose, UnscaledInputs) {
  const Names only = {"unscaled inputs"};
  EXPECT_EQ(found(kSmall, changed_clouds(1e4f, 0), {.epochs = 5}), only);
  EXPECT_EQ(found(kSmall, changed_clouds(1e4f, 0), {.optimizer = "sgd", .epochs = 5}), only);
  EXPECT_EQ(found(kSmall, changed_clouds(1, 2000), {.epochs = 5}), only);
  EXPECT_EQ(found(kSmall, changed_clouds(1, 2), {.epochs = 5}), Names());
}

// Every unit's weights are below 0, and the inputs above.
TEST(Diagnose, DeadUnits) {
  EXPECT_EQ(found("dense(32,init=uniform(-0.5,-0.1)) relu", changed_clouds(1, 5),
                  {.optimizer = "sgd", .epochs = 5}),
            Names{"dead units"});
}

Dataset with_rare_class(int64_t n, int64_t rare, uint64_t seed) {
  const Dataset data = clouds(4 * n, 2, seed);
  std::vector<uint32_t> kept;
  int64_t counts[2] = {n - rare, rare};
  for (size_t i = 0; i < data.size(); ++i) {
    if (counts[data.labels()[i]]-- > 0) kept.push_back(uint32_t(i));
  }
  return data.select(kept);
}

TEST(Diagnose, ClassImbalance) {
  const TrainTest rare = {with_rare_class(500, 25, 1), with_rare_class(200, 10, 2), nullptr};
  EXPECT_EQ(found(kSmall, rare, {.epochs = 5}), Names{"class imbalance"});
  const TrainTest even = {with_rare_class(500, 100, 1), with_rare_class(200, 40, 2), nullptr};
  EXPECT_EQ(found(kSmall, even, {.epochs = 5}), Names());
}

// Labels that say nothing can only be learned by heart.
TEST(Diagnose, Overfitting) {
  const auto without_sense = [](int64_t n, uint64_t seed) {
    const Dataset data = clouds(n, 2, seed);
    std::vector<uint32_t> all(data.size());
    std::vector<int32_t> labels;
    Random random(seed);
    for (size_t i = 0; i < all.size(); ++i) {
      all[i] = uint32_t(i);
      labels.push_back(int32_t(random.below(2)));
    }
    Tensor x, y;
    data.gather(all, x, y);
    return Dataset::table(x, labels, 2);
  };
  const TrainTest data = {without_sense(40, 1), without_sense(200, 2), nullptr};
  const FitOptions options{.optimizer = "adam,lr=3e-3", .epochs = 300, .batch = 10};
  EXPECT_EQ(found("dense(128) relu dense(128) relu", data, options), Names{"overfitting"});
}

TEST(Diagnose, HealthyTrainingsAreSilent) {
  const TrainTest digits = load_data("digits");
  for (const char* optimizer : {"rmsprop", "adam", "sgd,lr=0.1", "sgd,momentum=0.9", "adagrad"}) {
    EXPECT_EQ(found("mlp", digits, {.optimizer = optimizer, .epochs = 2}), Names()) << optimizer;
  }
  EXPECT_EQ(found("softmax", digits, {.epochs = 2}), Names());
  const TrainTest line = {plane(400), plane(100, 2), nullptr};
  for (const char* model : {"dense(2)", "dense(16) tanh", "dense(16) relu dense(16) relu"}) {
    EXPECT_EQ(found(model, line, {.optimizer = "adam,lr=1e-2", .epochs = 10}), Names()) << model;
    EXPECT_EQ(found(model, line, {.optimizer = "sgd,lr=0.1", .epochs = 10}), Names()) << model;
  }
  for (const char* model :
       {"dense(32) relu", "dense(32) sigmoid", "dense(16) tanh dense(16) tanh"}) {
    EXPECT_EQ(found(model, three_clouds(), {.optimizer = "rmsprop,lr=1e-2", .epochs = 5}), Names())
        << model;
  }
}

TEST(Diagnose, ChangesNoBitOfTheTraining) {
  const TrainTest data = three_clouds();
  const FitOptions options{.epochs = 2, .batch = 16, .seed = 4};
  const Watched seen = train("dense(16) relu dropout(0.3)", data, options, {.every = 1});
  Model alone("dense(16) relu dropout(0.3)", {.input = {2}, .outputs = 3});
  fit(alone, data.train, data.test, options);
  size_t at = 0;
  for (const Parameter& p : alone.parameters()) {
    for (const double x : alone.parameter(p.name).to_vector()) EXPECT_EQ(x, seen.parameters[at++]);
  }
}

// To the last bit, of which the file shows six digits; -1 where there is no number.
std::vector<double> numbers_of(const Diagnosis& d) {
  std::vector<double> numbers;
  for (const Probe& probe : d.probes) {
    for (const LayerProbe& layer : probe.layers) {
      for (const double x : {layer.gradient, layer.parameter, layer.update, layer.rate, layer.mean,
                             layer.deviation, layer.dead}) {
        numbers.push_back(std::isnan(x) ? -1 : x);
      }
    }
  }
  return numbers;
}

TEST(Diagnose, IsTheSameForAnyNumberOfThreads) {
  const int before = threads();
  std::vector<std::vector<double>> all;
  for (const int count : {1, 2, 5}) {
    set_threads(count);
    all.push_back(numbers_of(
        train("dense(300) relu dense(200) relu", load_data("digits"), {.steps = 60}).diagnosis));
  }
  set_threads(before);
  EXPECT_EQ(all[0], all[1]);
  EXPECT_EQ(all[0], all[2]);
}

// sgd: a step is lr times the gradient, whatever its momentum remembers.
TEST(Diagnose, MeasuresAStepOfSgd) {
  for (const char* optimizer : {"sgd,lr=0.25", "sgd,lr=0.25,momentum=0.9"}) {
    const Diagnosis d =
        train(kSmall, three_clouds(), {.optimizer = optimizer, .epochs = 1}, {.every = 3})
            .diagnosis;
    ASSERT_GE(d.probes.size(), 3u);
    EXPECT_EQ(d.probes[1].step, 4);
    for (const Probe& p : d.probes) {
      for (const size_t i : {0, 2}) {
        const LayerProbe& layer = p.layers[i];
        EXPECT_NEAR(layer.rate_low, 0.25, 1e-6);
        EXPECT_NEAR(layer.rate_high, 0.25, 1e-6);
        EXPECT_TRUE(std::isnan(layer.eps));
        if (p.step == 1) {
          EXPECT_NEAR(layer.update, 0.25 * layer.gradient, 1e-5);
        }
      }
      EXPECT_TRUE(std::isnan(p.layers[1].gradient));
      EXPECT_TRUE(p.layers[1].dead >= 0);
      EXPECT_TRUE(std::isnan(p.layers[0].dead));
    }
  }
}

// After one step of an average that begins at 0: lr g / (sqrt((1 - alpha) g^2) + eps); Adam's has
// no bias: lr g / (|g| + eps).
TEST(Diagnose, MeasuresTheEffectiveRate) {
  const TrainTest line = {plane(400), {}, nullptr};
  const auto layer = [&](const char* optimizer) {
    return train("dense(2)", line, {.optimizer = optimizer, .epochs = 0, .steps = 1, .batch = 400})
        .diagnosis.probes.at(0)
        .layers[0];
  };
  const LayerProbe adam = layer("adam,lr=0.5,eps=1e-30"), rms = layer("rmsprop,lr=0.5,alpha=0.75");
  EXPECT_NEAR(rms.rate / adam.rate, 2, 1e-4);  // 1 / sqrt(1 - 0.75)
  const LayerProbe clipped = layer("adam,lr=0.5,eps=1e-30,clip_global_norm=0.001");
  EXPECT_NEAR(clipped.rate / adam.rate, adam.gradient / 0.001, 0.01 * adam.gradient / 0.001);
  EXPECT_NEAR(adam.update, 0.5 * std::sqrt(6.0), 1e-3);  // lr of each of six
  EXPECT_EQ(adam.eps, 0);
  EXPECT_EQ(layer("adam,lr=0.5,eps=1e9").eps, 1);
  EXPECT_NEAR(layer("adam,lr=0.5,eps=1e9").rate, 0.5e-9, 1e-12);
}

TEST(Diagnose, OfALongTrainingKeepsFewProbesEvenly) {
  const Diagnosis d =
      train("dense(3)", three_clouds(), {.epochs = 10, .batch = 10}, {.every = 2}).diagnosis;
  ASSERT_LE(d.probes.size(), 64u);
  ASSERT_GE(d.probes.size(), 32u);
  const int64_t every = d.probes[1].step - d.probes[0].step;
  for (size_t i = 0; i < d.probes.size(); ++i) {
    EXPECT_EQ(d.probes[i].step, 1 + int64_t(i) * every);
    EXPECT_TRUE(std::isfinite(d.probes[i].loss));
    EXPECT_EQ(d.probes[i].layers.size(), 1u);
  }
}

TEST(Diagnosis, IsTheSameAfterItsFile) {
  Diagnosis d = train(kSmall, changed_clouds(1e4f, 0), {.epochs = 1}).diagnosis;
  d.findings[0].evidence = "a \"quote\", \u00fc and\nnew lines";
  const std::string text = diagnosis_json(d);
  EXPECT_EQ(diagnosis_json(parse_diagnosis(text, "x.json")), text);
  for (size_t end = 0; end < text.size() - 2; end += 7) {
    EXPECT_NE(error_of([&] { parse_diagnosis(text.substr(0, end), "x.json"); }), "") << end;
  }
  expect_error<Error>([] { parse_diagnosis("{\"format\": 2}", "x.json"); },
                      {"x.json: ", "format is not 1", "ravine diagnose"});
}

class DiagnoseRun : public ::testing::Test {
 protected:
  void SetUp() override {
    testing::put_clouds(files.path / "clouds.csv");
    config = {.data = (files.path / "clouds.csv").string(), .model = "dense(8) relu", .epochs = 6};
  }
  testing::TempFolder files;
  TrainConfig config;
};

TEST_F(DiagnoseRun, RepeatsWhatTheTrainingDid) {
  Diagnoser doctor;
  const std::filesystem::path run = files.path / "run";
  run_training(config, {.out = run,
                        .on_start = [&](const RunStart& start) { doctor.begin(start.data); },
                        .callbacks = {doctor.callback()}});
  const std::string history = testing::contents(run / "history.csv");
  const Diagnosis again = diagnose_run(run, {.steps = 0});
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(diagnosis_json(again), diagnosis_json(doctor.diagnosis()));
  EXPECT_EQ(diagnose_run(run, {.steps = 21}).probes.back().step, 1);
  EXPECT_FALSE(std::filesystem::exists(run / "diagnosis.json"));
  EXPECT_EQ(testing::contents(run / "history.csv"), history);
  write_diagnosis(run, doctor.diagnosis());
  EXPECT_FALSE(diagnose_run(run).repeated);
}

TEST_F(DiagnoseRun, SaysThatTheDataHaveChanged) {
  const std::filesystem::path run = files.path / "run";
  run_training(config, {.out = run});
  std::string warned;
  set_warning_handler([&](std::string_view text) { warned = text; });
  (void)diagnose_run(run);
  EXPECT_EQ(warned, "");
  testing::put_clouds(files.path / "clouds.csv", 300);
  config.batch = 7;
  testing::put(run / "history.csv",
               "epoch,step,seconds,lr,train_loss,train_accuracy\n1,43,0.1,0.001,0.5,0.9\n");
  (void)diagnose_run(run);
  set_warning_handler({});
  EXPECT_NE(warned.find("have changed"), warned.npos) << warned;
}

TEST_F(DiagnoseRun, SaysWhatIsWrong) {
  const std::filesystem::path run = files.path / "run";
  expect_error<UsageError>([&] { diagnose_run(run); }, {"diagnose: ", "is no folder"});
  std::filesystem::create_directory(run);
  expect_error<Error>([&] { diagnose_run(run); }, {"config.toml"});
  run_training(config, {.out = run});
  std::filesystem::remove(files.path / "clouds.csv");
  expect_error<Error>([&] { diagnose_run(run); }, {"clouds.csv"});
  testing::put(run / "diagnosis.json", "{}");
  expect_error<Error>([&] { diagnose_run(run); }, {"diagnosis.json: not the diagnosis of a run"});
  expect_error<UsageError>([] { Diagnoser({.every = -1}); }, {"every"});
  Model model("dense(3)", {.input = {2}});
  Diagnoser doctor;
  expect_error<UsageError>([&] { fit(model, clouds(20), {}, {.callbacks = {doctor.callback()}}); },
                           {"begin()"});
}

}  // namespace
}  // namespace ravine
