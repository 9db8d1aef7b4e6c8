#include "lab/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "lab/statistics.h"
#include "lab/study.h"
#include "ravine/error.h"
#include "ravine/format.h"

namespace ravine {
namespace lab {
namespace {

constexpr double kLevel = 0.05;

const Scores& scores_of(const StudyRun& run, const CompareResult& result) {
  return result.set == "test" ? run.test : run.epochs.back().validation;
}

double value_of(const StudyRun& run, const CompareResult& result) {
  const Scores& scores = scores_of(run, result);
  return result.by == "accuracy" ? scores.accuracy : scores.loss;
}

// Of what `value` gives for the runs, but for those of which it gives NaN.
template <class F>
Estimate estimate_of(const std::vector<StudyRun>& runs, const F& value) {
  std::vector<double> values;
  for (const StudyRun& run : runs) {
    const double x = value(run);
    if (!std::isnan(x)) values.push_back(x);
  }
  return estimate(values);
}

void summarize(SideResult& side, const CompareResult& result, const Goal& goal) {
  const auto of_finished = [&](double Scores::*score) {
    return estimate_of(side.runs, [&](const StudyRun& run) {
      return run.diverged() ? NAN : scores_of(run, result).*score;
    });
  };
  const auto of_reached = [&](double Reached::*what) {
    return estimate_of(side.runs, [&](const StudyRun& run) {
      const Reached r = reached(goal, run);
      return r.ever ? r.*what : NAN;
    });
  };
  side.diverged = std::ranges::count_if(side.runs, &StudyRun::diverged);
  side.accuracy = of_finished(&Scores::accuracy), side.loss = of_finished(&Scores::loss);
  side.seconds = estimate_of(side.runs, [](auto& run) { return run.seconds(); });
  side.steps_to_goal = of_reached(&Reached::steps);
  side.seconds_to_goal = of_reached(&Reached::seconds);
  side.reached = side.steps_to_goal.count;
}

std::string signed_text(double x, bool accuracy) {
  return accuracy ? fmt::format("{:+.2f}", 100 * x) : fmt::format("{:+.3g}", x);
}

std::string p_text(double p) { return p < 0.001 ? "p < 0.001" : fmt::format("p = {:.2g}", p); }

// The words of a pair that has a p.
std::string judged(const Verdict& v, const CompareResult& result) {
  const std::string &a = result.sides[v.first].asked, &b = result.sides[v.second].asked;
  const bool accuracy = result.by == "accuracy";
  const Estimate& d = v.difference;
  const std::string numbers =
      fmt::format("{} {} {}{}, 95 % interval {} to {}, {}", result.set, result.by,
                  signed_text(d.mean, accuracy), accuracy ? " points" : "",
                  signed_text(d.mean - d.half, accuracy), signed_text(d.mean + d.half, accuracy),
                  p_text(v.corrected));
  if (!(v.corrected < kLevel)) {
    return fmt::format("{} and {}: no difference beyond the seeds ({})", a, b, numbers);
  }
  const bool first = (d.mean > 0) == accuracy;
  return fmt::format("{} is {} than {} ({})", a, first ? "better" : "worse", b, numbers);
}

// Why a pair has none.
std::string not_judged(const Verdict& v, const CompareResult& result) {
  const SideResult &a = result.sides[v.first], &b = result.sides[v.second];
  std::string why;
  for (const SideResult* side : {&a, &b}) {
    if (side->diverged == 0) continue;
    why += fmt::format("{}{} diverged in {} of {} runs", why.empty() ? "" : ", ", side->asked,
                       side->diverged, side->runs.size());
  }
  return fmt::format("{} and {}: not judged, for {}", a.asked, b.asked,
                     why.empty() ? "one seed shows no spread; take more seeds"
                                 : why + " and has no mean over all seeds");
}

Verdict pair_of(const CompareResult& result, size_t first, size_t second) {
  Verdict v{.first = first, .second = second, .p = NAN, .corrected = NAN};
  const SideResult &a = result.sides[first], &b = result.sides[second];
  if (a.diverged + b.diverged > 0) return v;
  std::vector<double> differences;
  for (size_t i = 0; i < a.runs.size(); ++i) {
    differences.push_back(value_of(a.runs[i], result) - value_of(b.runs[i], result));
  }
  v.difference = estimate(differences);
  v.p = paired_p(differences);
  return v;
}

std::string percent_estimate(const Estimate& e) {
  if (e.count == 0) return "none";
  if (std::isnan(e.half)) return fmt::format("{:.2f} %", 100 * e.mean);
  return fmt::format("{:.2f} \u00b1 {:.2f} %", 100 * e.mean, 100 * e.half);
}

std::string number_estimate(const Estimate& e) {
  if (e.count == 0) return "none";
  if (std::isnan(e.half)) return loss_text(e.mean);
  return fmt::format("{} \u00b1 {}", loss_text(e.mean), loss_text(e.half));
}

std::string steps_text(const Estimate& e) {
  const auto whole = [](double x) { return count_text(int64_t(x + 0.5)); };
  return std::isnan(e.half) ? whole(e.mean)
                            : fmt::format("{} \u00b1 {}", whole(e.mean), whole(e.half));
}

std::string seconds_estimate(const Estimate& e) {
  if (e.count == 0) return "none";
  if (std::isnan(e.half)) return seconds_text(e.mean);
  return fmt::format("{} \u00b1 {}", seconds_text(e.mean), seconds_text(e.half));
}

// A mean over some of the runs says so.
std::string of_runs(const std::string& text, int64_t count, size_t runs) {
  return size_t(count) == runs || count == 0 ? text
                                             : fmt::format("{} ({} of {})", text, count, runs);
}

}  // namespace

Goal parse_goal(const std::string& text, const Dataset& train) {
  if (text.empty()) return {};
  const size_t equals = text.find('=');
  const Goal goal{text.substr(0, equals)};
  const double value = equals == text.npos
                           ? NAN
                           : parse_double(std::string_view(text).substr(equals + 1)).value_or(NAN);
  const bool known = goal.metric == "accuracy" || goal.metric == "loss";
  if (!known || !(value > 0) || (goal.metric == "accuracy" && value > 1)) {
    throw UsageError(fmt::format(
        "compare: goal must be accuracy=X, X in (0, 1], or loss=X, X > 0, got {}", text));
  }
  (void)metric_of(goal.metric, train);
  return {goal.metric, value};
}

Reached reached(const Goal& goal, const StudyRun& run) {
  Reached r;
  if (goal.metric.empty()) return r;
  for (const EpochRecord& epoch : run.epochs) {
    r.steps = double(epoch.step), r.seconds += epoch.seconds;
    r.ever = goal.metric == "accuracy" ? epoch.validation.accuracy >= goal.value
                                       : epoch.validation.loss <= goal.value;
    if (r.ever) break;
  }
  return r;
}

bool has_accuracy(const CompareResult& result) {
  return std::ranges::any_of(result.sides, [](auto& side) { return side.accuracy.count > 0; });
}

void judge(CompareResult& result, const Goal& goal) {
  for (SideResult& side : result.sides) summarize(side, result, goal);
  std::vector<double> chances;
  for (size_t i = 0; i < result.sides.size(); ++i) {
    for (size_t j = i + 1; j < result.sides.size(); ++j) {
      result.verdicts.push_back(pair_of(result, i, j));
      chances.push_back(result.verdicts.back().p);
    }
  }
  chances = holm(chances);
  for (size_t i = 0; i < chances.size(); ++i) {
    Verdict& v = result.verdicts[i];
    v.corrected = chances[i];
    v.text = std::isnan(v.p) ? not_judged(v, result) : judged(v, result);
  }
}

}  // namespace lab

std::string verdicts_note(const CompareResult& result) {
  if (result.verdicts.size() < 2) return "differences are paired by seed";
  return fmt::format(
      "differences are paired by seed; an interval is of its pair alone, p is corrected for all {} "
      "pairs (Holm)",
      result.verdicts.size());
}

std::vector<std::vector<std::string>> compare_table(const CompareResult& result) {
  using namespace lab;
  const bool accuracy = has_accuracy(result);
  std::vector<std::vector<std::string>> table = {{"optimizer"}};
  if (accuracy) table[0].push_back(result.set + " accuracy");
  table[0].push_back(result.set + " loss");
  if (!result.options.goal.empty()) {
    table[0].push_back("steps to " + result.options.goal);
    table[0].emplace_back("seconds to it");
  }
  table[0].emplace_back("seconds"), table[0].emplace_back("diverged");
  for (const SideResult& side : result.sides) {
    const size_t runs = side.runs.size();
    auto& row = table.emplace_back();
    row.push_back(result.options.tune > 0 ? side.optimizer : side.asked);
    if (accuracy) {
      row.push_back(of_runs(percent_estimate(side.accuracy), side.accuracy.count, runs));
    }
    row.push_back(of_runs(number_estimate(side.loss), side.loss.count, runs));
    if (!result.options.goal.empty() && side.reached == 0) {
      row.emplace_back("never"), row.emplace_back("never");
    } else if (!result.options.goal.empty()) {
      row.push_back(of_runs(steps_text(side.steps_to_goal), side.reached, runs));
      row.push_back(of_runs(seconds_estimate(side.seconds_to_goal), side.reached, runs));
    }
    row.push_back(seconds_estimate(side.seconds));
    row.push_back(fmt::format("{} of {}", side.diverged, runs));
  }
  return table;
}

}  // namespace ravine
