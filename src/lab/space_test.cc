#include "lab/space.h"

#include <gtest/gtest.h>

#include <set>

#include "base/text.h"
#include "ravine/error.h"
#include "ravine/optimizer.h"

namespace ravine::lab {
namespace {

std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const UsageError& e) {
    return e.what();
  }
  return "no error";
}

void expect_refused(const std::string& space, const std::string& part) {
  const std::string error = error_of([&] { (void)parse_space(space); });
  EXPECT_NE(error.find(part), error.npos) << space << ": " << error;
}

TEST(Space, ReadsTheGrammar) {
  EXPECT_EQ(space_text(parse_space("lr=1e-5..1e-1:log alpha=0.9,0.99  momentum=0..0.95")),
            "lr=1e-05..0.1:log alpha=0.9,0.99 momentum=0..0.95");
  EXPECT_EQ(space_text(parse_space("units=16..256:log:int")), "units=16..256:log:int");
  EXPECT_EQ(space_text(parse_space("lr=1e-4..1e-1:log:4")), "lr=0.0001,0.001,0.01,0.1");
  EXPECT_EQ(space_text(parse_space("batch=1..3:int:9")), "batch=1,2,3");
}

TEST(Space, FollowsAnOptimizersLineBehindABlank) {
  const auto split = [](std::string_view text) {
    const SpacedLine parts = split_space(text);
    return parts.line + "|" + parts.space;
  };
  EXPECT_EQ(split("rmsprop"), "rmsprop|");
  EXPECT_EQ(split(" adam  lr=1e-4..1e-2:log beta2=0.9,0.99 "),
            "adam|lr=1e-4..1e-2:log beta2=0.9,0.99");
  // Blanks inside of a line have always been allowed.
  EXPECT_EQ(split("sgd, lr = 0.1 , momentum=0.9 l2=0,1"), "sgd, lr = 0.1 , momentum=0.9|l2=0,1");
  EXPECT_EQ(split("sgd ,lr=0.1"), "sgd ,lr=0.1|");
  EXPECT_EQ(split("adam,schedule=cosine(total=9, warmup=2) lr=1,2"),
            "adam,schedule=cosine(total=9, warmup=2)|lr=1,2");
}

TEST(Space, ValuesMayHoldBlanksAndParentheses) {
  const Space space = parse_space(
      "model=dense(64) relu dropout(p=0.2),softmax schedule=constant,cosine(total=9,warmup=2)");
  ASSERT_EQ(space.size(), 2u);
  EXPECT_EQ(space[0].values,
            (std::vector<std::string>{"dense(64) relu dropout(p=0.2)", "softmax"}));
  EXPECT_EQ(space[1].values, (std::vector<std::string>{"constant", "cosine(total=9,warmup=2)"}));
}

TEST(Space, RefusesWhatCannotBeSearched) {
  expect_refused("", "it is empty");
  expect_refused("  ", "it is empty");
  expect_refused("lr", "'lr' is no entry");
  expect_refused("lr=", "a value is missing");
  expect_refused("lr=1e-3,,1e-2", "a value is missing");
  expect_refused("=1..2", "has no name");
  expect_refused("lr=1e-3,1e-3", "1e-3 twice");
  expect_refused("lr=1e-3 lr=1e-2", "lr: is there twice");
  expect_refused("lr=1e-1..1e-5", "0.1 is not below 1e-05");
  expect_refused("lr=1..1", "1 is not below 1");
  expect_refused("lr=0..1:log", "needs LOW > 0");
  expect_refused("lr=-1..1:log", "needs LOW > 0");
  expect_refused("lr=1e-5..x", "is no range");
  expect_refused("lr=1e-5..nan", "is no range");
  expect_refused("lr=1e-5..inf", "is no range");
  expect_refused("lr=1e-5..1e-1:lin", "not ':lin'");
  expect_refused("lr=1e-5..1e-1:1", "not ':1'");
  expect_refused("units=0.5..8:int", "whole numbers");
}

TEST(Space, RandomPointsAreAFunctionOfSeedAndNumberAlone) {
  const Space space = parse_space("lr=1e-5..1e-1:log alpha=0.9,0.99 units=3..7:int");
  const auto few = random_points(space, 5, 1), many = random_points(space, 200, 1);
  for (size_t i = 0; i < few.size(); ++i) EXPECT_EQ(point_text(few[i]), point_text(many[i]));
  EXPECT_NE(point_text(random_points(space, 1, 2)[0]), point_text(few[0]));
}

TEST(Space, RandomPointsFillTheSpace) {
  const Space space = parse_space("lr=1e-5..1e-1:log alpha=0.9,0.99 units=3..7:int");
  std::set<std::string> alphas, units, decades;
  for (const Point& point : random_points(space, 400, 3)) {
    const double lr = *parse_double(point[0].text);
    ASSERT_GE(lr, 1e-5);
    ASSERT_LE(lr, 1e-1);
    ASSERT_LE(point[0].text.size(), 8u) << point[0].text;  // three digits: 0.000123
    decades.insert(lr < 1e-4 ? "-5" : lr < 1e-3 ? "-4" : lr < 1e-2 ? "-3" : "-2");
    alphas.insert(point[1].text), units.insert(point[2].text);
  }
  EXPECT_EQ(decades.size(), 4u);
  EXPECT_EQ(alphas, (std::set<std::string>{"0.9", "0.99"}));
  EXPECT_EQ(units, (std::set<std::string>{"3", "4", "5", "6", "7"}));
}

TEST(Space, AGridIsEveryCombination) {
  const auto points = grid_points(parse_space("lr=1e-4..1e-1:log alpha=0.9,0.99"), 9);
  ASSERT_EQ(points.size(), 8u);
  EXPECT_EQ(point_text(points[0]), "lr=0.0001 alpha=0.9");
  EXPECT_EQ(point_text(points[7]), "lr=0.1 alpha=0.99");
  std::set<std::string> all;
  for (const Point& point : points) all.insert(point_text(point));
  EXPECT_EQ(all.size(), 8u);
  EXPECT_NE(error_of([] {
              (void)grid_points(parse_space("lr=1..2 alpha=0..1"), 3);
            }).find("has 4 points, and there are 3 trials"),
            std::string::npos);
}

TEST(Space, NamesMeanOptionsOfOptimizerTrainingAndPlaceholders) {
  TrainConfig config{.model = "dense({units}) relu dropout({p})",
                     .optimizer = "rmsprop,lr=1e-3,schedule=cosine(total={total})"};
  const TrainConfig at = at_point(config, {{"units", "32"},
                                           {"p", "0.1"},
                                           {"total", "50"},
                                           {"lr", "0.01"},
                                           {"batch", "16"},
                                           {"l2", "0.5"},
                                           {"train.l2", "0.25"},
                                           {"steps", "9"}});
  EXPECT_EQ(at.model, "dense(32) relu dropout(0.1)");
  EXPECT_EQ(at.optimizer, "rmsprop,lr=0.01,l2=0.5,schedule=cosine(total=50)");
  EXPECT_EQ(at.batch, 16);
  EXPECT_EQ(at.l2, 0.25);
  EXPECT_EQ(at.steps, 9);
  EXPECT_EQ(at.epochs, 0);
}

TEST(Space, ADialectIsSearchedInItsOwnWords) {
  const TrainConfig keras{.optimizer = "rmsprop:keras2"};
  EXPECT_EQ(at_point(keras, {{"rho", "0.8"}, {"lr", "0.01"}}).optimizer,
            OptimizerSpec("rmsprop:keras2,rho=0.8,lr=0.01").text());
  const TrainConfig tf{.optimizer = "rmsprop:tf1,learning_rate=1e-3"};
  EXPECT_EQ(at_point(tf, {{"lr", "0.01"}}).optimizer,
            OptimizerSpec("rmsprop:tf1,learning_rate=0.01").text());
}

TEST(Space, AnUnknownNameIsToldWithTheNearest) {
  const std::string error = error_of([] { (void)at_point({}, {{"alpa", "0.9"}}); });
  EXPECT_NE(error.find("'alpa' is no option of rmsprop or of the training"), error.npos) << error;
  EXPECT_NE(error.find("did you mean 'alpha'?"), error.npos) << error;
}

TEST(Space, EveryRuleHasASpaceThatItUnderstands) {
  for (const RuleHelp& rule : rule_help()) {
    const Space space = default_space(rule.name);
    EXPECT_EQ(space[0].name, "lr") << rule.name;
    for (const Point& point : random_points(space, 20, 0)) {
      EXPECT_NO_THROW((void)at_point({.optimizer = rule.name}, point))
          << rule.name << " " << point_text(point);
    }
    for (const RuleHelp::Dialect& dialect : rule.dialects) {
      const std::string line = rule.name + ":" + dialect.name;
      EXPECT_NO_THROW(
          (void)at_point({.optimizer = line}, random_points(default_space(line), 1, 0)[0]))
          << line;
    }
  }
}

TEST(Space, WhatTheLineWritesIsNotSearched) {
  EXPECT_EQ(space_text(default_space("sgd,momentum=0.9")), "lr=0.001..1:log");
  EXPECT_EQ(space_text(default_space("rmsprop:torch,eps=1e-7")), "lr=1e-05..0.1:log");
  EXPECT_EQ(space_text(default_space("rmsprop:tf1,learning_rate=1e-3")), "lr=1e-05..0.1:log");
  const std::string error = error_of([] { (void)default_space("sgd,lr=0.1,momentum=0.9"); });
  EXPECT_NE(error.find("leaves nothing"), error.npos) << error;
}

}  // namespace
}  // namespace ravine::lab
