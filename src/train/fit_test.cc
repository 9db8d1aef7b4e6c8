#include "train/fit.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "ravine/error.h"
#include "ravine/ops.h"
#include "ravine/train.h"
#include "train/testing.h"

namespace ravine {
namespace {

using testing::classifier;
using testing::clouds;
using testing::expect_error;
using testing::plane;

std::vector<double> all_parameters(const Model& model) {
  std::vector<double> values;
  for (const Parameter& p : model.parameters()) {
    for (const double x : model.parameter(p.name).to_vector()) values.push_back(x);
  }
  return values;
}

struct Trained {
  Model model;
  History history;
};

Trained train_classifier(FitOptions options, const Dataset& data = clouds(100),
                         const Dataset& test = clouds(50, 3, 2)) {
  Model model = classifier();
  History history = fit(model, data, test, options);
  return {std::move(model), std::move(history)};
}

TEST(Fit, LearnsAndSaysHowItWent) {
  const auto [model, history] =
      train_classifier({.optimizer = "rmsprop,lr=1e-2", .epochs = 20, .batch = 10});
  ASSERT_EQ(history.epochs.size(), 20u);
  EXPECT_EQ(history.stopped, "epochs");
  const EpochRecord &first = history.epochs.front(), &last = history.epochs.back();
  EXPECT_EQ(first.epoch, 1);
  EXPECT_EQ(first.step, 10);
  EXPECT_EQ(last.epoch, 20);
  EXPECT_EQ(last.step, 200);
  EXPECT_EQ(last.lr, 1e-2);
  EXPECT_GE(last.seconds, 0);
  EXPECT_LT(last.train.loss, 0.5 * first.train.loss);
  EXPECT_GT(last.test.accuracy, 0.9);
  EXPECT_TRUE(std::isnan(last.validation.loss));
  EXPECT_TRUE(std::isnan(last.test.mean_squared_error));
}

// The same by hand: the training loss is the mean over examples (7 + 7 + 7 + 4 of them) with the
// penalty, while the parameters move.
TEST(Fit, IsTheHandWrittenLoop) {
  const Dataset data = clouds(25);
  const ModelOptions shape{.input = {2}, .seed = 1};
  Model model("dense(16) relu dense(3)", shape), by_hand("dense(16) relu dense(3)", shape);
  const History history = fit(model, data, {},
                              {.optimizer = "rmsprop,lr=1e-2",
                               .epochs = 3,
                               .batch = 7,
                               .shuffle = false,
                               .l1 = 1e-3,
                               .l2 = 1e-2});
  Optimizer optimizer("rmsprop,lr=1e-2");
  optimizer.add(by_hand.parameters());
  Loader loader(data, {.batch_size = 7, .shuffle = false});
  for (const EpochRecord& epoch : history.epochs) {
    double loss_sum = 0, correct = 0;
    for (const Batch& batch : loader) {
      by_hand.zero_grad();
      const Tensor outputs = by_hand(batch.x);
      Tensor loss = cross_entropy(outputs, batch.y) + by_hand.penalty(1e-3, 1e-2);
      loss_sum += loss.item() * double(batch.size());
      correct += double(count_correct(outputs, batch.y));
      loss.backward();
      optimizer.step();
    }
    EXPECT_EQ(epoch.train.loss, loss_sum / 25);
    EXPECT_EQ(epoch.train.accuracy, correct / 25);
  }
  EXPECT_EQ(all_parameters(model), all_parameters(by_hand));
}

// Order, dropout and what is held out are of the one seed, from either side.
TEST(Fit, IsTheLoopOfTheSameSeed) {
  const Dataset data = clouds(90);
  Model model = classifier(5), by_hand = classifier(5);
  const History history = fit(model, data, {},
                              {.optimizer = "rmsprop,lr=1e-2",
                               .epochs = 0,
                               .steps = 40,
                               .batch = 7,
                               .validation = 0.2,
                               .seed = 5});
  Optimizer optimizer("rmsprop,lr=1e-2");
  optimizer.add(by_hand.parameters());
  const Split parts = split(data, 0.2, 5);
  Loader loader(parts.rest, {.batch_size = 7, .seed = 5});
  for (const Batch& batch : loader.steps(40)) {
    by_hand.zero_grad();
    cross_entropy(by_hand(batch.x), batch.y).backward();
    optimizer.step();
  }
  EXPECT_EQ(all_parameters(model), all_parameters(by_hand));
  EXPECT_EQ(history.epochs.back().validation.loss, evaluate(by_hand, parts.held_out).loss);
}

TEST(Fit, AFourLineLoopTrains) {
  const Dataset data = clouds(200);
  Model model("dense(16) relu dense(3)", {.input = {2}, .seed = 1});
  Optimizer optimizer("rmsprop,lr=1e-2");
  optimizer.add(model.parameters());
  Loader loader(data, {.batch_size = 20});
  for (int epoch = 0; epoch < 10; ++epoch) {
    for (const Batch& batch : loader) {
      model.zero_grad();
      cross_entropy(model(batch.x), batch.y).backward();
      optimizer.step();
    }
  }
  EXPECT_GT(evaluate(model, clouds(100, 3, 2)).accuracy, 0.9);
}

// x/2 sum w^2, and not of biases.
TEST(Fit, PenaltiesAreInTheTrainingLossAlone) {
  const FitOptions once{.optimizer = "sgd,lr=1e-12", .epochs = 1, .batch = 100};
  FitOptions penalized = once;
  penalized.l2 = 0.5;
  Model plain("dense(3)", {.input = {2}, .seed = 1}), other("dense(3)", {.input = {2}, .seed = 1});
  plain.parameter("0.bias").values<float>()[0] = 1;
  other.parameter("0.bias").values<float>()[0] = 1;
  double squares = 0;
  for (const double w : plain.parameter("0.weight").to_vector()) squares += w * w;
  const History a = fit(plain, clouds(100), clouds(50, 3, 2), once);
  const History b = fit(other, clouds(100), clouds(50, 3, 2), penalized);
  EXPECT_NEAR(b.epochs[0].train.loss - a.epochs[0].train.loss, 0.25 * squares, 1e-5);
  EXPECT_GT(squares, 0.1);
  EXPECT_NEAR(b.epochs[0].test.loss, a.epochs[0].test.loss, 1e-6);
}

TEST(Fit, RefusesContradictoryOptions) {
  struct Case {
    FitOptions options;
    std::initializer_list<std::string_view> words;
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Case cases[] = {
      {{.epochs = 0}, {"neither epochs nor steps"}},
      {{.epochs = -1}, {"epochs", "-1"}},
      {{.steps = -5}, {"steps", "-5"}},
      {{.batch = 0}, {"batch", "0"}},
      {{.batch = 101}, {"batch", "100 training examples", "101"}},
      {{.batch = 91, .validation = 0.1}, {"batch", "90 training examples", "91"}},
      {{.validation = 1}, {"validation", "[0, 1)"}},
      {{.validation = -0.1}, {"validation", "-0.1"}},
      {{.validation = 0.001}, {"held out", "0.001"}},
      {{.validation = nan}, {"validation", "nan"}},
      {{.tolerance = -1}, {"tolerance", "-1"}},
      {{.tolerance = nan}, {"tolerance", "nan"}},
      {{.patience = 3}, {"patience needs a validation loss"}},
      {{.patience = -3}, {"patience", "-3"}},
      {{.l1 = -1}, {"l1", "-1"}},
      {{.l2 = nan}, {"l2", "nan"}},
      {{.log_every = -1}, {"log_every", "-1"}},
      {{.loss = "crossentropy"}, {"'crossentropy'", "did you mean 'cross_entropy'"}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(*c.words.begin());
    Model model = classifier();
    const auto before = all_parameters(model);
    bool started = false;
    FitOptions options = c.options;
    options.callbacks = {{.on_start = [&] { started = true; }}};
    expect_error<UsageError>([&] { fit(model, clouds(100), {}, options); }, c.words);
    EXPECT_FALSE(started);
    EXPECT_EQ(all_parameters(model), before);
  }
}

TEST(Fit, RefusesDataThatDoNotSuit) {
  Model model = classifier();
  expect_error<UsageError>([&] { fit(model, {}, {}); }, {"empty"});
  expect_error<UsageError>([&] { fit(model, clouds(100, 4), {}); }, {"3 outputs", "need 4"});
  expect_error<UsageError>([&] { fit(model, clouds(100), clouds(10, 2)); }, {"3 outputs", "2"});
  Model wide("dense(3)", {.input = {5}});
  expect_error<UsageError>([&] { fit(wide, clouds(100), {}); }, {"[5]", "[2]"});
  Model line("dense(2)", {.input = {2}});
  expect_error<UsageError>([&] { fit(line, plane(100), {}, {.loss = "cross_entropy"}); },
                           {"cross_entropy needs labels"});
}

TEST(Fit, StepsEndInMidEpochAndThatPartIsTheLastLine) {
  const auto [model, history] = train_classifier({.epochs = 0, .steps = 13, .batch = 10});
  ASSERT_EQ(history.epochs.size(), 2u);
  EXPECT_EQ(history.stopped, "steps");
  EXPECT_EQ(history.epochs[1].epoch, 2);
  EXPECT_EQ(history.epochs[1].step, 13);
  EXPECT_TRUE(std::isfinite(history.epochs[1].train.loss));
  EXPECT_TRUE(std::isfinite(history.epochs[1].test.loss));
  EXPECT_EQ(train_classifier({.epochs = 0, .steps = 20, .batch = 10}).history.epochs.size(), 2u);
  EXPECT_EQ(train_classifier({.epochs = 1, .steps = 20, .batch = 10}).history.stopped, "epochs");
}

TEST(Fit, ToleranceEndsWhenTheTrainingLossRests) {
  const FitOptions resting{
      .optimizer = "sgd,lr=1e-9", .epochs = 50, .batch = 100, .tolerance = 0.5};
  const auto [model, history] = train_classifier(resting);
  EXPECT_EQ(history.epochs.size(), 2u);
  EXPECT_EQ(history.stopped, "tolerance");
}

TEST(Fit, PatienceEndsSoManyEpochsAfterTheBestValidationLoss) {
  const auto [model, history] = train_classifier({.optimizer = "rmsprop,lr=0.05",
                                                  .epochs = 500,
                                                  .batch = 10,
                                                  .validation = 0.2,
                                                  .patience = 4});
  EXPECT_EQ(history.stopped, "patience");
  const auto& epochs = history.epochs;
  const auto best = std::ranges::min_element(epochs, {}, [](auto& e) { return e.validation.loss; });
  EXPECT_EQ(epochs.end() - best, 5);
  // Nowhere before were there four epochs without a better one.
  double smallest = std::numeric_limits<double>::infinity();
  int64_t since = 0;
  for (auto epoch = epochs.begin(); epoch != epochs.end() - 1; ++epoch) {
    ++since;
    if (epoch->validation.loss < smallest) smallest = epoch->validation.loss, since = 0;
    EXPECT_LT(since, 4);
  }
}

// A model that stands still tells which examples were held out, and nothing else.
TEST(Fit, HoldsOutExamplesBySeed) {
  FitOptions options{
      .optimizer = "sgd,lr=1e-30", .epochs = 1, .batch = 10, .validation = 0.1, .seed = 5};
  int64_t trained = 0;
  options.callbacks = {{.on_batch = [&](const BatchEvent& e) { trained = e.examples; }}};
  const auto once = train_classifier(options).history.epochs[0];
  EXPECT_EQ(trained, 90);
  EXPECT_TRUE(std::isfinite(once.validation.loss));
  EXPECT_EQ(train_classifier(options).history.epochs[0].validation.loss, once.validation.loss);
  options.seed = 6;
  EXPECT_NE(train_classifier(options).history.epochs[0].validation.loss, once.validation.loss);
}

TEST(Fit, EndsAfterTheBatchWhenAsked) {
  std::atomic<bool> stop = false;
  FitOptions options{.epochs = 5, .batch = 10, .stop = &stop};
  options.callbacks = {{.on_batch = [&](const BatchEvent& e) { stop = e.step == 23; }}};
  const auto [model, history] = train_classifier(options);
  EXPECT_EQ(history.stopped, "interrupted");
  ASSERT_EQ(history.epochs.size(), 3u);
  EXPECT_EQ(history.epochs.back().step, 23);
  EXPECT_TRUE(std::isfinite(history.epochs.back().test.loss));

  stop = true;
  const auto nothing = train_classifier({.stop = &stop});
  EXPECT_EQ(nothing.history.stopped, "interrupted");
  EXPECT_TRUE(nothing.history.epochs.empty());
  EXPECT_EQ(all_parameters(nothing.model), all_parameters(classifier()));
}

TEST(Fit, ADivergedLossSaysWhereAndWhatToDo) {
  Model line("dense(2)", {.input = {2}, .seed = 1});
  expect_error<Diverged>(
      [&] { fit(line, plane(100), {}, {.optimizer = "sgd,lr=1e30", .epochs = 9, .batch = 10}); },
      {"diverged", "epoch 1", "step ", "lr = 1e+30", "smaller lr"});
  // The last update of an epoch is looked at too: no later loss would tell.
  Model once("dense(2)", {.input = {2}, .seed = 1});
  expect_error<Diverged>(
      [&] { fit(once, plane(100), {}, {.optimizer = "sgd,lr=1e39", .epochs = 1, .batch = 100}); },
      {"diverged", "parameter", "epoch 1, step 1"});
}

TEST(Fit, LogsTheMeanLossOfSoManyBatches) {
  FitOptions options{.epochs = 2, .batch = 10, .log_every = 4};
  std::vector<double> losses;
  std::vector<int64_t> told;
  options.callbacks = {{.on_batch = [&](const BatchEvent& e) { losses.push_back(e.loss); },
                        .on_log = [&](const LogRecord& r) { told.push_back(r.step); }}};
  const auto [model, history] = train_classifier(options);
  ASSERT_EQ(history.log.size(), 5u);
  EXPECT_EQ(told, (std::vector<int64_t>{4, 8, 12, 16, 20}));
  for (size_t i = 0; i < history.log.size(); ++i) {
    double sum = 0;
    for (size_t j = 4 * i; j < 4 * i + 4; ++j) sum += losses[j];
    EXPECT_NEAR(history.log[i].loss, sum / 4, 1e-12);
    EXPECT_EQ(history.log[i].epoch, i < 2 ? 1 : 2);
  }
}

TEST(Fit, CallsTheHooksInOrder) {
  std::string order;
  FitOptions options{.epochs = 2, .batch = 50};
  options.callbacks = {
      {.on_start = [&] { order += "s"; },
       .on_batch = [&](const BatchEvent&) { order += "b"; },
       .on_epoch = [&](const EpochRecord&) { order += "e"; },
       .on_end = [&](const History& h) { order += std::to_string(h.epochs.size()); }},
      {}};
  train_classifier(options);
  EXPECT_EQ(order, "sbbebbe2");
}

TEST(Fit, TellsOfEachBatch) {
  std::vector<BatchEvent> events;
  FitOptions options{.epochs = 1, .batch = 30};
  options.callbacks = {{.on_batch = [&](const BatchEvent& e) { events.push_back(e); }}};
  const auto [model, history] = train_classifier(options);
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(events[0].batch, 1);
  EXPECT_EQ(events[3].batches, 4);
  EXPECT_EQ(events[2].examples, 90);
  EXPECT_EQ(events[3].examples, 100);
  EXPECT_EQ(events[0].loss, events[0].mean_loss);
  EXPECT_EQ(events[3].mean_loss, history.epochs[0].train.loss);
  EXPECT_EQ(events[3].mean_accuracy, history.epochs[0].train.accuracy);
}

TEST(Fit, CountsSkippedUpdates) {
  Tensor x = Tensor::full({20, 2}, 1e30);  // its gradient overflows, its loss does not
  x.values<float>()[0] = 1;
  Model line("dense(2)", {.input = {2}, .seed = 1});
  for (const char* name : {"0.weight", "0.bias"}) {
    for (float& w : line.parameter(name).values<float>()) w = 0;
  }
  const Dataset data = Dataset::table(x, Tensor::full({20, 2}, 1e12));
  const History history =
      fit(line, data, {}, {.optimizer = "sgd,nonfinite=skip", .epochs = 2, .batch = 10});
  EXPECT_EQ(history.skipped, 4);
  EXPECT_EQ(history.epochs.back().step, 4);
  EXPECT_EQ(all_parameters(line), std::vector<double>(6, 0));
}

TEST(Fit, FollowsTheSchedule) {
  const auto [model, history] = train_classifier(
      {.optimizer = "rmsprop,lr=0.01,schedule=inverse_time(decay=0.1)", .epochs = 2, .batch = 50});
  EXPECT_DOUBLE_EQ(history.epochs[0].lr, 0.01 / (1 + 0.1 * 1));
  EXPECT_DOUBLE_EQ(history.epochs[1].lr, 0.01 / (1 + 0.1 * 3));
}

TEST(Fit, GivesTheSameBitsAgain) {
  const FitOptions options{.epochs = 3, .batch = 7, .validation = 0.1, .seed = 3};
  const auto a = train_classifier(options), b = train_classifier(options);
  EXPECT_EQ(all_parameters(a.model), all_parameters(b.model));
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(a.history.epochs[i].train.loss, b.history.epochs[i].train.loss);
    EXPECT_EQ(a.history.epochs[i].validation.loss, b.history.epochs[i].validation.loss);
    EXPECT_EQ(a.history.epochs[i].test.loss, b.history.epochs[i].test.loss);
  }
  FitOptions other = options;
  other.seed = 4;
  EXPECT_NE(all_parameters(train_classifier(other).model), all_parameters(a.model));
}

TEST(Fit, MeasuresRegressionByItsErrors) {
  Model line("dense(2)", {.input = {2}, .seed = 1});
  const History history =
      fit(line, plane(200), plane(50, 2), {.optimizer = "rmsprop,lr=1e-2", .epochs = 200});
  const Scores& test = history.epochs.back().test;
  EXPECT_TRUE(std::isnan(test.accuracy));
  EXPECT_LT(test.mean_squared_error, 0.01);
  EXPECT_NEAR(test.loss, test.mean_squared_error, 1e-6);
  EXPECT_LE(test.mean_absolute_error * test.mean_absolute_error, test.mean_squared_error + 1e-12);
  EXPECT_NEAR(line.parameter("0.bias").to_vector()[0], 1, 0.1);
}

class EachLoss : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Fit, EachLoss, ::testing::ValuesIn(loss_names()));

TEST_P(EachLoss, LearnsLabels) {
  const auto [model, history] = train_classifier(
      {.optimizer = "rmsprop,lr=1e-2", .loss = GetParam(), .epochs = 20, .batch = 10});
  EXPECT_GT(history.epochs.back().test.accuracy, 0.9);
  EXPECT_LT(history.epochs.back().train.loss, history.epochs.front().train.loss);
}

// Before an update the gradients are those of the batch, after it the parameters have moved; to
// look at them changes nothing.
TEST(Fit, TellsOfEachUpdateBeforeAndAfter) {
  const Dataset data = clouds(25);
  const FitOptions plain{.optimizer = "sgd,lr=0.5", .epochs = 2, .batch = 10, .seed = 3};
  const Trained alone = train_classifier(plain, data);
  std::vector<double> before;
  std::vector<int64_t> steps, epochs, sizes;
  double largest_error = 0;
  FitOptions watched = plain;
  watched.callbacks = {
      {.before_update =
           [&](const UpdateEvent& e) {
             before = all_parameters(e.model);
             EXPECT_EQ(e.optimizer.steps(), e.step - 1);
           },
       .after_update =
           [&](const UpdateEvent& e) {
             steps.push_back(e.step), epochs.push_back(e.epoch), sizes.push_back(e.batch.size());
             const std::vector<double> after = all_parameters(e.model);
             size_t at = 0;
             for (const Parameter& p : e.model.parameters()) {
               const float* gradient = static_cast<const float*>(p.gradient);
               for (size_t i = 0; i < p.size; ++i, ++at) {
                 largest_error =
                     std::max(largest_error, std::fabs(before[at] - 0.5 * gradient[i] - after[at]));
               }
             }
           }}};
  const Trained seen = train_classifier(watched, data);
  EXPECT_EQ(steps, (std::vector<int64_t>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(epochs, (std::vector<int64_t>{1, 1, 1, 2, 2, 2}));
  EXPECT_EQ(sizes, (std::vector<int64_t>{10, 10, 5, 10, 10, 5}));
  EXPECT_LT(largest_error, 1e-6);
  EXPECT_EQ(all_parameters(seen.model), all_parameters(alone.model));
}

}  // namespace
}  // namespace ravine
