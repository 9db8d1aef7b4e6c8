// Each disease is a function of what was measured. Their thresholds stand on top; docs/lab.md lists
// them, and the tests hold healthy runs against them.
#include "lab/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/text.h"
#include "ravine/format.h"

namespace ravine::lab {
namespace {

constexpr double kLargeInput = 10, kSmallInput = 0.01;  // root mean square
constexpr double kUnevenInputs = 100;                   // largest over median
constexpr double kExplodes = 100, kVanishes = 1e-3;     // a layer's signal over the last one's
constexpr double kOutrun = 1;                           // update over parameters
constexpr double kSmallUpdate = 1e-3;
constexpr double kLearned = 0.5;         // of the loss at the start: what is below it has learned
constexpr double kRose = 2;              // times it: what is above it has come apart
constexpr double kStillFalls = 1.0 / 3;  // of the fall: in the second half of the training
constexpr double kNoFall = 0.05;         // of the early loss: what falls less stands still
constexpr double kEps = 0.5;             // of the elements of every layer
constexpr double kDead = 0.5;            // of a layer's units
constexpr double kAllDead = 0.9;
constexpr double kRareClass = 0.2;                   // of its even share
constexpr double kLossRises = 1.2;                   // over its least
constexpr double kAccuracyGap = 0.02, kLossGap = 2;  // between training and held-out examples

using Judged = std::optional<Finding>;

constexpr const char* kKarpathy = "Karpathy, CS231n, Neural Networks Part 3";
constexpr const char* kGlorot = "Glorot & Bengio, AISTATS 2010";

std::string share_text(double share) { return fmt::format("{:.3g}%", 100 * share); }

// Over the probes in [begin, end).
template <class F>
double median_over(const Case& c, size_t begin, size_t end, const F& f) {
  std::vector<double> values;
  for (size_t i = begin; i < end; ++i) values.push_back(f(c.probes[i]));
  return median(std::move(values));
}

template <class F>
double median_over(const Case& c, const F& f) {
  return median_over(c, 0, c.probes.size(), f);
}

std::vector<size_t> trained_layers(const Case& c) {
  std::vector<size_t> list;
  for (size_t i = 0; i < c.layers.size(); ++i) {
    if (c.layers[i].parameters > 0) list.push_back(i);
  }
  return list;
}

std::string named(const Case& c, size_t layer) {
  return fmt::format("layer {} ({})", c.layers[layer].name, c.layers[layer].spec);
}

double root_mean_square(const std::vector<double>& sizes) {
  double sum = 0;
  for (const double size : sizes) sum += size * size;
  return std::sqrt(sum / double(sizes.size()));
}

// The size of what comes back to a layer from behind: of its gradient's elements, over the size of
// what they are products with, its inputs and the 1 of the bias.
double signal(const Case& c, const Probe& probe, size_t layer) {
  double size = root_mean_square(c.input_sizes), inputs = double(c.input_sizes.size());
  if (layer > 0) {
    const LayerProbe& before = probe.layers[layer - 1];
    size = std::sqrt(before.mean * before.mean + before.deviation * before.deviation);
    inputs = double(c.layers[layer - 1].output.size());
  }
  const double count = double(c.layers[layer].parameters);
  const double bias = count > inputs * double(c.layers[layer].output.size()) ? 1 : 0;
  const double reach = std::sqrt((inputs * size * size + bias) / (inputs + bias));
  return probe.layers[layer].gradient / std::sqrt(count) / reach;
}

// Of the training examples: the last epoch's, or of the last batches.
double end_loss(const Case& c) {
  if (!c.epochs.empty()) return c.epochs.back().train.loss;
  return median_over(c, c.probes.size() / 2, c.probes.size(), [](auto& p) { return p.loss; });
}

double late_dead(const Case& c, size_t layer) {
  return median_over(c, c.probes.size() / 2, c.probes.size(),
                     [&](const Probe& p) { return p.layers[layer].dead; });
}

// ---- the diseases ----

std::string input_name(const Case& c, size_t input) {
  return input < c.input_names.size() ? fmt::format("input '{}'", c.input_names[input])
                                      : fmt::format("input {}", input);
}

Judged unscaled_inputs(const Case& c) {
  std::vector<double> used = c.input_sizes;
  std::erase(used, 0);
  if (used.empty()) return {};
  const auto largest = std::ranges::max_element(c.input_sizes);
  const std::string name = input_name(c, size_t(largest - c.input_sizes.begin()));
  const double middle = median(used);
  const bool large = *largest > kLargeInput || *largest > kUnevenInputs * middle;
  if (!large && *largest >= kSmallInput) return {};
  return Finding{
      "unscaled inputs",
      fmt::format("{} has a root mean square of {:.3g}, the largest of {} inputs; their median is "
                  "{:.3g}",
                  name, *largest, c.input_sizes.size(), middle),
      "scale each input to mean 0 and deviation 1 or to [0, 1]: of a table by --scale standard, "
      "the default, or minmax. What else there may be is judged after that",
      "LeCun, Bottou, Orr & Mueller, Efficient BackProp, 1998"};
}

// Before the first update: what comes later may be the fault of lr.
Judged exploding(const Case& c) {
  const auto finding = [](const std::string& evidence) {
    return Finding{
        "exploding gradients", evidence,
        "a smaller initialiser (init=he_normal before relu, glorot_uniform before tanh and "
        "sigmoid), fewer layers; clip_global_norm=1 holds single bursts",
        "Pascanu, Mikolov & Bengio, ICML 2013"};
  };
  if (c.probes.empty()) return finding("the loss is not finite before the first update");
  const std::vector<size_t> layers = trained_layers(c);
  const Probe& first = c.probes.front();
  const double last = signal(c, first, layers.back());
  for (const size_t i : layers) {
    if (!std::isfinite(first.layers[i].gradient)) {
      return finding(
          fmt::format("at step {} the gradient of {} is not finite", first.step, named(c, i)));
    }
    const double times = signal(c, first, i) / last;
    if (!(times > kExplodes)) continue;
    return finding(fmt::format(
        "at step {} {} gets {:.2g} times the gradient of {}, per element and size of input",
        first.step, named(c, i), times, named(c, layers.back())));
  }
  return {};
}

// At the start and for a while after it: a last layer that begins at 0 soon recovers.
Judged vanishing(const Case& c) {
  const std::vector<size_t> layers = trained_layers(c);
  const auto share = [&](const Probe& p, size_t layer) {
    return signal(c, p, layer) / signal(c, p, layers.back());
  };
  const size_t n = c.probes.size(), while_after = std::min(n, std::max<size_t>(n / 4, 3));
  for (const size_t i : layers) {
    const double usual =
        median_over(c, n > 1 ? 1 : 0, while_after, [&](const Probe& p) { return share(p, i); });
    if (!(usual < kVanishes) || !(share(c.probes.front(), i) < kVanishes)) continue;
    return Finding{
        "vanishing gradients",
        fmt::format("at step {} {} gets {:.2g} times the gradient of {}, per element and size of "
                    "input, and up to step {} {:.2g} times (median)",
                    c.probes[0].step, named(c, i), share(c.probes[0], i), named(c, layers.back()),
                    count_text(c.probes[while_after - 1].step), usual),
        "relu in place of sigmoid or tanh, with init=he_normal; fewer layers; a larger initialiser",
        kGlorot};
  }
  return {};
}

struct Ratio {
  double value = 0;
  size_t layer = 0;
  int64_t step = 0;
};

// The largest update over its parameters; parameters that are 0 have none.
Ratio largest_ratio(const Case& c) {
  Ratio largest;
  for (const Probe& p : c.probes) {
    for (const size_t i : trained_layers(c)) {
      if (p.layers[i].parameter == 0 || !(p.layers[i].ratio() > largest.value)) continue;
      largest = {p.layers[i].ratio(), i, p.step};
    }
  }
  return largest;
}

// A layer whose units worked at the start and are dead later; nothing where there is none.
std::optional<size_t> killed_layer(const Case& c) {
  for (size_t i = 0; i < c.layers.size(); ++i) {
    if (c.probes.front().layers[i].dead < kDead && late_dead(c, i) > kAllDead) return i;
  }
  return {};
}

Judged lr_too_high(const Case& c) {
  const std::optional<size_t> killed = killed_layer(c);
  const double end = end_loss(c);
  const Ratio ratio = largest_ratio(c);
  double peak = end;
  for (const EpochRecord& epoch : c.epochs) peak = std::max(peak, epoch.train.loss);
  const bool stuck = end > kLearned * c.start_loss;
  std::string evidence;
  if (!c.error.empty()) {
    evidence = c.error.substr(0, c.error.find(';'));
  } else if (peak > kRose * c.start_loss || (stuck && (ratio.value > kOutrun || killed))) {
    evidence = fmt::format(
        "the training loss was {} at the start, up to {} in an epoch, and {} at "
        "the end",
        loss_text(c.start_loss), loss_text(peak), loss_text(end));
  } else {
    return {};
  }
  if (killed) {
    evidence += fmt::format("; {} of the units of {} were dead at the start, and {} later",
                            share_text(c.probes.front().layers[*killed].dead), named(c, *killed),
                            share_text(late_dead(c, *killed)));
  }
  if (ratio.value > kSmallUpdate) {
    evidence += fmt::format(
        "; the update of step {} was {:.2g} times the parameters of {}, and "
        "0.001 is usual",
        ratio.step, ratio.value, named(c, ratio.layer));
  }
  return Finding{"lr too high", evidence,
                 "a tenth of lr; `ravine tune --lr-range` shows where the loss breaks; warm-up, or "
                 "clip_global_norm=1",
                 kKarpathy};
}

// The training loss early, in the middle and at the end: of epochs, where there are three, else of
// the batches that were looked at.
std::vector<double> course(const Case& c) {
  const size_t epochs = c.epochs.size(), n = c.probes.size();
  if (epochs >= 3) {
    return {c.epochs[0].train.loss, c.epochs[(epochs - 1) / 2].train.loss, end_loss(c)};
  }
  const auto loss = [](const Probe& p) { return p.loss; };
  return {median_over(c, 0, n - 2 * n / 3, loss), median_over(c, n / 3, n - n / 3, loss),
          median_over(c, 2 * n / 3, n, loss)};
}

Judged lr_too_low(const Case& c) {
  double largest = 0;
  for (const size_t i : trained_layers(c)) {
    const double usual = median_over(c, [&](const Probe& p) { return p.layers[i].ratio(); });
    largest = std::max(largest, usual);
  }
  const auto loss = course(c);
  const double fall = loss[0] - loss[2];
  const bool learned = loss[2] < kLearned * c.start_loss;
  const bool still = loss[1] - loss[2] > kStillFalls * fall || fall < kNoFall * loss[0];
  if (!(largest < kSmallUpdate) || learned || !still) return {};
  return Finding{
      "lr too low",
      fmt::format("an update is {:.2g} times the parameters where it is largest (median over the "
                  "updates), and 0.001 is usual; the training loss {} at the end, {} early on",
                  largest,
                  fall < kNoFall * loss[0] ? fmt::format("has not fallen: {}", loss_text(loss[2]))
                                           : fmt::format("still falls: {}", loss_text(loss[2])),
                  loss_text(loss[0])),
      "ten times lr; `ravine tune --lr-range` suggests one; more epochs", kKarpathy};
}

Judged eps_dominates(const Case& c) {
  double least = INFINITY;
  for (const size_t i : trained_layers(c)) {
    const double share = median_over(c, 0, (c.probes.size() + 1) / 2,
                                     [&](const Probe& p) { return p.layers[i].eps; });
    if (!(share >= kEps)) return {};
    least = std::min(least, share);
  }
  if (!std::isfinite(least)) return {};
  return Finding{"eps dominates the root",
                 fmt::format("without eps at least {} of the elements of every layer would move "
                             "more than twice as far: the rule does not adapt to them",
                             share_text(least)),
                 "a smaller eps, below the root of the average (1e-8 is usual), or a larger lr on "
                 "purpose",
                 ""};
}

Judged dead_units(const Case& c) {
  for (size_t i = 0; i < c.layers.size(); ++i) {
    const double dead = late_dead(c, i);
    if (!(dead >= kDead)) continue;
    return Finding{"dead units",
                   fmt::format("{} of the units of {} are 0 for every example that was looked at "
                               "(median of the later updates)",
                               share_text(dead), named(c, i)),
                   "a smaller lr; init=he_normal for the layer before; tanh; fewer units",
                   "Karpathy, CS231n, Neural Networks Part 1"};
  }
  return {};
}

Judged class_imbalance(const Case& c) {
  if (c.class_counts.size() < 2) return {};
  int64_t total = 0;
  for (const int64_t count : c.class_counts) total += count;
  const auto [rare, common] = std::ranges::minmax_element(c.class_counts);
  const double even = double(total) / double(c.class_counts.size());
  if (double(*rare) >= kRareClass * even) return {};
  const auto name = [&](auto at) {
    const size_t k = size_t(at - c.class_counts.begin());
    return k < c.class_names.size() ? fmt::format("'{}'", c.class_names[k]) : fmt::format("{}", k);
  };
  return Finding{
      "class imbalance",
      fmt::format("class {} has {} of {} training examples, class {} {}: who always "
                  "says {} is right in {}",
                  name(rare), count_text(*rare), count_text(total), name(common),
                  count_text(*common), name(common), share_text(double(*common) / double(total))),
      "judge by the recall of each class (the report has it), not by the accuracy; more "
      "examples of the rare class, or its rows repeated",
      "He & Garcia, IEEE TKDE 21(9), 2009"};
}

Judged overfitting(const Case& c) {
  if (c.epochs.empty()) return {};
  const bool validation = !std::isnan(c.epochs.back().validation.loss);
  const auto held = [&](const EpochRecord& e) -> const Scores& {
    return validation ? e.validation : e.test;
  };
  const EpochRecord& last = c.epochs.back();
  const auto best =
      std::ranges::min_element(c.epochs, {}, [&](const EpochRecord& e) { return held(e).loss; });
  const Scores &end = held(last), &least = held(*best);
  const bool apart = std::isnan(end.accuracy) ? end.loss > kLossGap * last.train.loss
                                              : last.train.accuracy - end.accuracy > kAccuracyGap;
  if (!(end.loss > kLossRises * least.loss) || !apart || !(last.train.loss < best->train.loss)) {
    return {};
  }
  std::string evidence = fmt::format(
      "the {} loss was least in epoch {}, {}, and is {} after epoch {}, while the training loss "
      "fell from {} to {}",
      validation ? "validation" : "test", best->epoch, loss_text(least.loss), loss_text(end.loss),
      last.epoch, loss_text(best->train.loss), loss_text(last.train.loss));
  if (!std::isnan(end.accuracy)) {
    evidence += fmt::format("; accuracy {} in training, {} held out",
                            share_text(last.train.accuracy), share_text(end.accuracy));
  }
  return Finding{
      "overfitting", evidence,
      fmt::format("stop at epoch {} (--validation 0.1 --patience 3), dropout, --l2 1e-4, "
                  "fewer units, more data",
                  best->epoch),
      "Prechelt, Early Stopping - But When?, 1998"};
}

}  // namespace

double median(std::vector<double> values) {
  std::erase_if(values, [](double x) { return std::isnan(x); });
  if (values.empty()) return NAN;
  const auto middle = values.begin() + ptrdiff_t(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

std::vector<Finding> judge(const Case& c) {
  std::vector<Judged> all;
  const auto add = [&](Judged judged) { return all.emplace_back(std::move(judged)).has_value(); };
  const bool unscaled = add(unscaled_inputs(c));
  if (!unscaled && c.probes.empty() && !c.error.empty()) add(exploding(c));
  if (!unscaled && !c.probes.empty()) {
    const Judged dead = dead_units(c);
    const bool explodes = add(exploding(c));
    const bool vanishes = !explodes && !dead && add(vanishing(c));
    const bool high = !explodes && add(lr_too_high(c));
    const bool eps = add(eps_dominates(c));
    if (!explodes && !vanishes && !high && !eps && !dead) add(lr_too_low(c));
    if (!explodes) add(dead);
  }
  add(class_imbalance(c));
  add(overfitting(c));
  std::vector<Finding> found;
  for (Judged& judged : all) {
    if (judged) found.push_back(std::move(*judged));
  }
  return found;
}

}  // namespace ravine::lab
