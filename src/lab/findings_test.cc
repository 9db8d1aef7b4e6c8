// The judge on cases by hand: what it takes for healthy at the borders, and what it does not tell
// twice.
#include "lab/findings.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ravine::lab {
namespace {

// A healthy network of two layers, seen four times.
Case healthy() {
  Case c;
  c.layers = {{"0", "dense(8)", {8}, 40}, {"1", "relu", {8}, 0}, {"2", "dense(2)", {2}, 18}};
  for (int64_t step = 1; step <= 4; ++step) {
    Probe p{.epoch = step, .step = step, .loss = 1.0 / double(step), .layers = {}};
    for (const LayerSummary& layer : c.layers) {
      LayerProbe l{.mean = 0, .deviation = 1};
      if (layer.parameters > 0) {
        l.gradient = std::sqrt(double(layer.parameters)), l.parameter = 2, l.update = 0.01;
        l.rate_low = l.rate = l.rate_high = 0.1, l.eps = 0;
      } else {
        l.dead = 0.1;
      }
      p.layers.push_back(l);
    }
    c.probes.push_back(p);
    c.epochs.push_back({.epoch = step, .train = {.loss = 1.0 / double(step), .accuracy = 0.9}});
  }
  c.start_loss = 1;
  c.input_sizes = {1, 1, 0.5, 1};
  c.class_counts = {50, 50};
  return c;
}

std::vector<std::string> names(const Case& c) {
  std::vector<std::string> list;
  for (const Finding& f : judge(c)) list.push_back(f.name);
  return list;
}
using Names = std::vector<std::string>;

template <class F>
Names with(const F& change) {
  Case c = healthy();
  change(c);
  return names(c);
}

template <class F>
Names with_each(size_t layer, const F& change) {
  return with([&](Case& c) {
    for (Probe& p : c.probes) change(p.layers[layer]);
  });
}

TEST(Findings, AHealthyCaseHasNone) {
  EXPECT_EQ(names(healthy()), Names());
  EXPECT_EQ(with([](Case& c) { c.probes.clear(); }), Names());
  EXPECT_EQ(names(Case{}), Names());
}

TEST(Findings, InputsHaveBorders) {
  EXPECT_EQ(with([](Case& c) { c.input_sizes[2] = 9.9; }), Names());
  EXPECT_EQ(with([](Case& c) { c.input_sizes[2] = 10.1; }), Names{"unscaled inputs"});
  EXPECT_EQ(with([](Case& c) { c.input_sizes = {0, 0, 0, 0.1}; }), Names());
  EXPECT_EQ(with([](Case& c) { c.input_sizes = {0.001, 0.009}; }), Names{"unscaled inputs"});
  EXPECT_EQ(with([](Case& c) { c.input_sizes = {0.02, 0.02, 0.02, 5}; }), Names{"unscaled inputs"});
  EXPECT_EQ(with([](Case& c) { c.input_sizes = {0, 0, 0}; }), Names());
}

// The gradient of a layer is what comes back to it times what it was given.
TEST(Findings, LargeInputsAreNoExplosion) {
  EXPECT_EQ(with_each(0, [](LayerProbe& l) { l.gradient *= 80; }), Names());
  EXPECT_EQ(with_each(0, [](LayerProbe& l) { l.gradient *= 130; }), Names{"exploding gradients"});
  EXPECT_EQ(with([](Case& c) {
              c.input_sizes = {9, 9, 9, 9};
              for (Probe& p : c.probes) p.layers[0].gradient *= 130;
            }),
            Names());
  EXPECT_EQ(with([](Case& c) { c.probes[0].layers[2].gradient = INFINITY; }),
            Names{"exploding gradients"});
  EXPECT_EQ(with([](Case& c) {  // it has learned all that there is
              for (Probe& p : c.probes) p.layers[0].gradient = p.layers[2].gradient = 0;
            }),
            Names());
}

TEST(Findings, GradientsVanishForAWhile) {
  EXPECT_EQ(with_each(0, [](LayerProbe& l) { l.gradient *= 1e-4; }), Names{"vanishing gradients"});
  EXPECT_EQ(with([](Case& c) { c.probes[0].layers[0].gradient = 0; }), Names());  // begins at 0
  EXPECT_EQ(with([](Case& c) {
              for (size_t i = 1; i < 4; ++i) c.probes[i].layers[0].gradient = 0;
            }),
            Names());
}

TEST(Findings, ARateIsTooHighWhereTheLossSaysSo) {
  const auto outrun = [](Case& c) { c.probes[0].layers[0].update = 5; };
  EXPECT_EQ(with(outrun), Names());  // it learned
  EXPECT_EQ(with([&](Case& c) { outrun(c), c.epochs[3].train.loss = 0.6; }), Names{"lr too high"});
  EXPECT_EQ(with([](Case& c) { c.epochs[1].train.loss = 2.1; }), Names{"lr too high"});
  EXPECT_EQ(with([](Case& c) { c.error = "the training diverged: the loss is nan; try"; }),
            Names{"lr too high"});
  EXPECT_EQ(with([&](Case& c) {
              outrun(c), c.epochs[3].train.loss = 0.6;
              c.probes[0].layers[0].parameter = 0;  // parameters that begin at 0
            }),
            Names());
}

TEST(Findings, ARateIsTooLowWhileTheLossStillFalls) {
  const auto slow = [](Case& c) {
    for (Probe& p : c.probes) p.layers[0].update = p.layers[2].update = 1e-4;
    for (size_t i = 0; i < 4; ++i) c.epochs[i].train.loss = 1 - 0.05 * double(i);
  };
  EXPECT_EQ(with(slow), Names{"lr too low"});
  EXPECT_EQ(with([&](Case& c) {  // it fell to where noise keeps it
              slow(c);
              for (size_t i = 1; i < 4; ++i) c.epochs[i].train.loss = 0.7;
            }),
            Names());
  EXPECT_EQ(with([&](Case& c) { slow(c), c.epochs[3].train.loss = 0.4; }), Names());
  EXPECT_EQ(with([&](Case& c) {
              slow(c);
              for (Probe& p : c.probes) p.layers[2].update = 0.01;
            }),
            Names());
}

TEST(Findings, EpsHasToDominateEveryLayer) {
  EXPECT_EQ(with_each(0, [](LayerProbe& l) { l.eps = 1; }), Names());
  EXPECT_EQ(with([](Case& c) {
              for (Probe& p : c.probes) p.layers[0].eps = p.layers[2].eps = 0.6;
            }),
            Names{"eps dominates the root"});
}

TEST(Findings, HalfOfTheUnitsMayBeDead) {
  EXPECT_EQ(with_each(1, [](LayerProbe& l) { l.dead = 0.49; }), Names());
  EXPECT_EQ(with_each(1, [](LayerProbe& l) { l.dead = 0.51; }), Names{"dead units"});
}

TEST(Findings, RareClasses) {
  EXPECT_EQ(with([](Case& c) { c.class_counts = {90, 10}; }), Names());
  EXPECT_EQ(with([](Case& c) { c.class_counts = {95, 5}; }), Names{"class imbalance"});
  EXPECT_EQ(with([](Case& c) { c.class_counts = {50, 50, 0}; }), Names{"class imbalance"});
  EXPECT_EQ(with([](Case& c) { c.class_counts = {}; }), Names());
}

TEST(Findings, OverfittingIsALossThatRoseWhileTheOtherFell) {
  const auto rose = [](Case& c) {
    for (size_t i = 0; i < 4; ++i) {
      c.epochs[i].test = {.loss = i == 1 ? 0.5 : 0.7, .accuracy = 0.8};
    }
  };
  EXPECT_EQ(with(rose), Names{"overfitting"});
  EXPECT_EQ(with([&](Case& c) { rose(c), c.epochs[3].test.loss = 0.55; }), Names());
  EXPECT_EQ(with([&](Case& c) { rose(c), c.epochs[3].test.accuracy = 0.89; }), Names());
  EXPECT_EQ(with([&](Case& c) { rose(c), c.epochs[3].train.loss = 0.6; }), Names());
  EXPECT_EQ(with([&](Case& c) {  // what was held out decides, not the test set
              rose(c);
              for (EpochRecord& e : c.epochs) e.validation = {.loss = 0.5, .accuracy = 0.8};
            }),
            Names());
}

TEST(Findings, WhatFollowsIsNotTold) {
  const auto all = [](Case& c) {
    c.probes[0].layers[0].gradient *= 1000;
    c.error = "the training diverged: the loss is inf";
    for (Probe& p : c.probes) {
      p.layers[0].eps = p.layers[2].eps = 1;
      p.layers[1].dead = 1;
    }
    c.class_counts = {99, 1};
  };
  EXPECT_EQ(with([&](Case& c) { all(c), c.input_sizes[0] = 1e4; }),
            (Names{"unscaled inputs", "class imbalance"}));
  EXPECT_EQ(with(all), (Names{"exploding gradients", "eps dominates the root", "class imbalance"}));
}

}  // namespace
}  // namespace ravine::lab
