#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "lab/goal.h"
#include "lab/space.h"
#include "lab/testing.h"
#include "lab/verdict.h"
#include "ravine/error.h"
#include "ravine/lab.h"
#include "ravine/optimizer.h"

namespace ravine {
namespace {

using testing::expect_error;
using testing::measured;
using testing::TempFolder;

class CompareTest : public ::testing::Test {
 protected:
  CompareTest() { testing::put_clouds(temp_.path / "clouds.csv"); }

  CompareOptions options() const {
    CompareOptions options;
    options.sides = {"rmsprop,lr=0.01", "adam,lr=0.01", "sgd,lr=0.1,momentum=0.9"};
    options.train = {.data = (temp_.path / "clouds.csv").string(),
                     .model = "dense(8) relu dropout(0.1)",
                     .epochs = 3,
                     .batch = 16};
    options.train.table.test = "0.25";
    options.seeds = 3;
    return options;
  }
  std::filesystem::path out() const { return temp_.path / "study"; }

  TempFolder temp_;
};

std::string measured_all(const CompareResult& result) {
  std::string text;
  for (const SideResult& side : result.sides) {
    text += side.optimizer + "\n" + measured(side.trials) + measured(side.runs);
  }
  for (const Verdict& verdict : result.verdicts) text += verdict.text + "\n";
  return text;
}

TEST_F(CompareTest, EverySideRunsWithTheSameSeeds) {
  const CompareResult result = compare(options());
  ASSERT_EQ(result.sides.size(), 3u);
  for (const SideResult& side : result.sides) {
    ASSERT_EQ(side.runs.size(), 3u);
    EXPECT_TRUE(side.trials.empty());
    for (int k = 0; k < 3; ++k) {
      EXPECT_EQ(side.runs[size_t(k)].config.seed, k + 1);
      EXPECT_EQ(side.runs[size_t(k)].config.validation, 0.1);
    }
  }
  EXPECT_EQ(result.by, "accuracy");
  EXPECT_EQ(result.set, "test");
}

// With lr = 0 nothing moves: what is measured is the initial parameters, on the same examples.
TEST_F(CompareTest, AtASeedAllBeginWithTheSameParametersAndExamples) {
  CompareOptions still = options();
  still.sides = {"rmsprop,lr=0", "adam,lr=0", "sgd,lr=0"};
  const CompareResult result = compare(still);
  std::set<double> losses;
  for (size_t k = 0; k < 3; ++k) {
    const StudyRun& a = result.sides[0].runs[k];
    losses.insert(a.test.loss);
    for (const SideResult& side : result.sides) {
      EXPECT_EQ(side.runs[k].test.loss, a.test.loss);
      EXPECT_EQ(side.runs[k].epochs[0].train.loss, a.epochs[0].train.loss);  // same dropout, order
      EXPECT_EQ(side.runs[k].epochs[0].validation.loss, a.epochs[0].validation.loss);
    }
  }
  EXPECT_EQ(losses.size(), 3u);  // seeds differ
  for (const Verdict& verdict : result.verdicts) {
    EXPECT_EQ(verdict.p, 1);
    EXPECT_NE(verdict.text.find("no difference beyond the seeds"), verdict.text.npos);
  }
}

TEST_F(CompareTest, TheTestScoreIsThatOfTheLastParameters) {
  const CompareResult result = compare(options());
  const StudyRun& run = result.sides[1].runs[2];
  const RunResult again = run_training(run.config);
  EXPECT_EQ(again.history.epochs.back().test.loss, run.test.loss);
  EXPECT_EQ(again.history.epochs.back().test.accuracy, run.test.accuracy);
}

TEST_F(CompareTest, TuningHasASeedOfItsOwnAndTheSameBudget) {
  CompareOptions tuned = options();
  tuned.sides = {"rmsprop", "sgd,momentum=0.9"}, tuned.tune = 4, tuned.seeds = 2;
  const CompareResult result = compare(tuned, {.out = out(), .workers = 3});
  for (const SideResult& side : result.sides) {
    ASSERT_EQ(side.trials.size(), 4u);
    for (const StudyRun& trial : side.trials) {
      EXPECT_EQ(trial.config.seed, 0);
      EXPECT_TRUE(std::isnan(trial.test.loss));
      EXPECT_EQ(side.runs[0].config.seed, 1);
    }
    EXPECT_EQ(side.runs[0].config.optimizer, side.optimizer);
    const auto was_tried = [&](const StudyRun& t) { return t.config.optimizer == side.optimizer; };
    EXPECT_TRUE(std::ranges::any_of(side.trials, was_tried));
  }
  EXPECT_NE(result.sides[1].optimizer.find("momentum=0.9"), std::string::npos);
  EXPECT_EQ(result.planned, 12);
  EXPECT_EQ(result.finished, 12);
  // Another side changes nothing about these; nor does reading them back.
  EXPECT_EQ(measured_all(compare(tuned, {.out = out()})), measured_all(result));
  CompareOptions more = tuned;
  more.sides.insert(more.sides.begin(), "adam");
  const CompareResult three = compare(more, {.workers = 1});
  EXPECT_EQ(measured(three.sides[1].trials), measured(result.sides[0].trials));
  EXPECT_EQ(measured(three.sides[2].runs), measured(result.sides[1].runs));
}

TEST_F(CompareTest, ASideMayHaveASpaceOfItsOwn) {
  CompareOptions tuned = options();
  const std::string asked = "sgd,momentum=0.9 lr=1e-2..1e-1:log l2=0,1e-4";
  tuned.sides = {asked, "adam"}, tuned.tune = 4, tuned.seeds = 2;
  const CompareResult result = compare(tuned, {.out = out()});
  EXPECT_EQ(result.sides[0].asked, "sgd,momentum=0.9");
  EXPECT_EQ(result.sides[0].space, "lr=0.01..0.1:log l2=0,1e-4");
  EXPECT_EQ(result.sides[1].space, space_text(lab::default_space("adam")));
  ASSERT_EQ(result.sides[0].trials.size(), 4u);
  ASSERT_EQ(result.sides[1].trials.size(), 4u);
  for (const StudyRun& trial : result.sides[0].trials) {
    const OptimizerSpec spec(trial.config.optimizer);
    EXPECT_GE(spec.lr(), 0.01);
    EXPECT_LE(spec.lr(), 0.1);
    EXPECT_NE(spec.text().find("momentum=0.9"), std::string::npos);
  }
  // The other side is as it would be without, and the study goes on.
  CompareOptions usual = tuned;
  usual.sides = {"sgd,momentum=0.9", "adam"};
  EXPECT_EQ(measured(compare(usual).sides[1].runs), measured(result.sides[1].runs));
  EXPECT_EQ(measured_all(compare(tuned, {.out = out()})), measured_all(result));
}

TEST_F(CompareTest, ADialectThatDemandsItsLrIsTuned) {
  CompareOptions tuned = options();
  tuned.sides = {"rmsprop:tf1", "rmsprop:tf1 learning_rate=1e-3..1e-2:log"};
  tuned.tune = 2, tuned.seeds = 1;
  const CompareResult result = compare(tuned);
  EXPECT_EQ(result.sides[0].runs[0].name, "rmsprop-seed-1");
  EXPECT_EQ(result.sides[1].runs[0].name, "rmsprop-2-seed-1");
  EXPECT_EQ(result.sides[1].asked, "rmsprop:tf1 learning_rate=1e-3..1e-2:log");
}

TEST_F(CompareTest, AnInterruptedTuningJudgesNothing) {
  CompareOptions tuned = options();
  tuned.sides = {"rmsprop", "adam"}, tuned.tune = 3;
  std::atomic<bool> stop = false;
  const auto stop_at_2 = [&](const StudyEvent& event) {
    if (event.finished == 2) stop = true;
  };
  const CompareResult part =
      compare(tuned, {.out = out(), .workers = 1, .on_event = stop_at_2, .stop = &stop});
  EXPECT_TRUE(part.interrupted);
  EXPECT_TRUE(part.verdicts.empty());
  EXPECT_EQ(part.finished, 2);
  EXPECT_EQ(part.planned, 12);
  EXPECT_EQ(measured_all(compare(tuned, {.out = out()})), measured_all(compare(tuned)));
}

TEST_F(CompareTest, DivergedRunsAreCountedAndNotAveragedAway) {
  CompareOptions wild = options();
  wild.sides = {"sgd,lr=0.01", "sgd,lr=1e30"};
  wild.train.loss = "mean_squared_error";
  const CompareResult result = compare(wild);
  EXPECT_EQ(result.sides[1].diverged, 3);
  EXPECT_EQ(result.sides[1].loss.count, 0);
  ASSERT_EQ(result.verdicts.size(), 1u);
  EXPECT_TRUE(std::isnan(result.verdicts[0].p));
  EXPECT_NE(result.verdicts[0].text.find("sgd,lr=1e30 diverged in 3 of 3 runs"), std::string::npos);
  const auto table = compare_table(result);
  EXPECT_EQ(table[2].back(), "3 of 3");
  EXPECT_EQ(table[2][1], "none");
}

TEST_F(CompareTest, AGoalIsReachedOrNot) {
  CompareOptions easy = options();
  easy.goal = "accuracy=0.2";
  const CompareResult reached = compare(easy);
  for (const SideResult& side : reached.sides) EXPECT_EQ(side.reached, 3);
  easy.goal = "loss=1e-9";
  const CompareResult never = compare(easy);
  for (const SideResult& side : never.sides) EXPECT_EQ(side.reached, 0);
  const auto table = compare_table(never);
  EXPECT_EQ(table[0][3], "steps to loss=1e-9");
  EXPECT_EQ(table[1][3], "never");
}

TEST_F(CompareTest, WithoutATestSetTheHeldOutExamplesAreJudged) {
  CompareOptions none = options();
  none.train.table.test = "";
  const CompareResult result = compare(none);
  EXPECT_EQ(result.set, "validation");
  EXPECT_EQ(result.sides[0].loss.count, 3);
  EXPECT_EQ(compare_table(result)[0][1], "validation accuracy");
}

TEST_F(CompareTest, RefusesWhatMakesNoComparison) {
  const auto refused = [&](auto change, std::initializer_list<std::string_view> words) {
    CompareOptions bad = options();
    change(bad);
    expect_error<UsageError>([&] { (void)compare(bad, {.out = out()}); }, words);
  };
  refused([](auto& o) { o.sides = {}; }, {"no optimizer is given"});
  refused([](auto& o) { o.sides = {"adam"}; }, {"one optimizer alone"});
  refused([](auto& o) { o.sides = {"adam", "adam"}; }, {"'adam' is given twice"});
  refused([](auto& o) { o.sides = {"adam", "rmspropp"}; }, {"no rule 'rmspropp'"});
  refused([](auto& o) { o.sides = {"adam", "sgd,lr=-1"}; }, {"lr must be"});
  refused([](auto& o) { o.seeds = 0; }, {"seeds must be"});
  refused([](auto& o) { o.tune = -1; }, {"tune must be"});
  refused(
      [](auto& o) {
        o.tune = 3, o.sides = {"adam", "sgd,lr=1,momentum=0"};
      },
      {"leaves nothing"});
  refused([](auto& o) { o.sides[0] = "adam lr=1e-3..1e-2"; }, {"has a space", "give --tune"});
  const auto refused_space = [&](std::string_view space,
                                 std::initializer_list<std::string_view> words) {
    refused([&](auto& o) { o.tune = 3, o.sides[0] = fmt::format("rmsprop {}", space); }, words);
  };
  refused_space("lr=1e-2..1e-3", {"lr", "is not below"});
  refused_space("batch=16,32", {"'rmsprop batch=16,32'", "changes batch, which all sides share"});
  refused_space("seed=1,2", {"changes seed"});
  refused_space("beta1=0.9,0.99", {"'beta1' is no option of rmsprop"});
  refused_space("lr=-1,1", {"lr must be"});
  refused([](auto& o) { o.tune = 3, o.sides[0] = "rmspropp lr=1,2"; }, {"no rule 'rmspropp'"});
  for (const char* goal : {"accuracy", "accuracy=", "accuracy=1.5", "accuracy=0", "speed=3",
                           "loss=-1", "loss=nan", "=3"}) {
    refused([&](auto& o) { o.goal = goal; }, {"goal must be accuracy=X"});
  }
  EXPECT_FALSE(std::filesystem::exists(out()));
}

TEST_F(CompareTest, OtherSidesAreAnotherStudy) {
  (void)compare(options(), {.out = out()});
  CompareOptions other = options();
  other.sides[1] = "adam,lr=0.02";
  expect_error<UsageError>([&] { (void)compare(other, {.out = out()}); },
                           {"side 2: adam,lr=0.01 there, adam,lr=0.02 now"});
}

// ---- the words, from made-up runs ----

CompareResult made_up(const std::vector<std::vector<double>>& accuracies) {
  CompareResult result{.options = {}, .by = "accuracy", .set = "test", .sides = {}, .verdicts = {}};
  for (size_t i = 0; i < accuracies.size(); ++i) {
    SideResult& side = result.sides.emplace_back();
    side.asked = side.optimizer = std::string(1, char('a' + i));
    for (const double accuracy : accuracies[i]) {
      StudyRun& run = side.runs.emplace_back();
      run.test = {.loss = 1 - accuracy, .accuracy = accuracy};
      run.epochs = {{.epoch = 1, .step = 10, .seconds = 1}};
    }
  }
  return result;
}

// ttest_rel of SciPy: p = 0.0844 for the two of the statistics' test.
TEST(Verdicts, SayWhatTheSeedsSay) {
  CompareResult result = made_up({{0.9712, 0.9741, 0.9695, 0.9733, 0.9720},
                                  {0.9690, 0.9735, 0.9701, 0.9699, 0.9688},
                                  {0.9512, 0.9539, 0.9496, 0.9531, 0.9522}});
  lab::judge(result, {});
  ASSERT_EQ(result.verdicts.size(), 3u);
  EXPECT_EQ(result.verdicts[0].text,
            "a and b: no difference beyond the seeds (test accuracy +0.18 points, 95 % interval "
            "-0.04 to +0.39, p = 0.084)");
  EXPECT_EQ(result.verdicts[1].text,
            "a is better than c (test accuracy +2.00 points, 95 % interval +1.98 to +2.02, p < "
            "0.001)");
  EXPECT_LT(result.verdicts[1].p, result.verdicts[1].corrected);
  result.by = "loss", result.verdicts.clear();
  lab::judge(result, {});
  EXPECT_TRUE(result.verdicts[1].text.starts_with("a is better than c (test loss -0.02,"))
      << result.verdicts[1].text;
}

TEST(Verdicts, OneDivergedRunLeavesItsPairsUnjudged) {
  CompareResult result = made_up({{0.97, 0.96, 0.95}, {0.90, 0.91, 0.92}, {0.97, 0.96, 0.955}});
  result.sides[1].runs[2].ended = "diverged", result.sides[1].runs[2].test = {};
  lab::judge(result, {});
  EXPECT_EQ(result.verdicts[0].text,
            "a and b: not judged, for b diverged in 1 of 3 runs and has no mean over all seeds");
  EXPECT_EQ(result.verdicts[0].difference.count, 0);
  EXPECT_FALSE(std::isnan(result.verdicts[1].p));  // a and c
  const auto table = compare_table(result);
  EXPECT_NE(table[2][1].find("(2 of 3)"), std::string::npos) << table[2][1];
  EXPECT_EQ(table[2].back(), "1 of 3");
}

TEST(Verdicts, OneSeedShowsNoSpread) {
  CompareResult result = made_up({{0.97}, {0.96}});
  lab::judge(result, {});
  EXPECT_EQ(result.verdicts[0].text,
            "a and b: not judged, for one seed shows no spread; take more seeds");
  EXPECT_EQ(compare_table(result)[1][1], "97.00 %");
}

TEST(Verdicts, TheGoalIsTheFirstEpochThatReachesIt) {
  StudyRun run;
  for (int i = 1; i <= 3; ++i) {
    run.epochs.push_back({.epoch = i,
                          .step = 10 * i,
                          .seconds = 2,
                          .validation = {.loss = 1.0 / i, .accuracy = 0.3 * i}});
  }
  const lab::Reached r = lab::reached({"accuracy", 0.5}, run);
  EXPECT_TRUE(r.ever);
  EXPECT_EQ(r.steps, 20);
  EXPECT_EQ(r.seconds, 4);
  EXPECT_TRUE(lab::reached({"loss", 1.0 / 3}, run).ever);
  EXPECT_FALSE(lab::reached({"loss", 0.1}, run).ever);
}

}  // namespace
}  // namespace ravine
