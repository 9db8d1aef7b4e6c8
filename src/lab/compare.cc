// compare(): several optimizers, the same seeds, and a fair tuning of each.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "lab/goal.h"
#include "lab/statistics.h"
#include "lab/study.h"
#include "lab/verdict.h"
#include "ravine/error.h"

namespace ravine {
namespace {

using namespace lab;

// "adam", or "adam-2" for the second side of a rule: what its runs' names begin with.
std::vector<std::string> tags_of(const std::vector<std::string>& sides) {
  std::vector<std::string> tags;
  for (const std::string& side : sides) {
    const std::string rule = rule_of(side);
    std::string tag = rule;
    for (int i = 2; std::ranges::count(tags, tag); ++i) tag = fmt::format("{}-{}", rule, i);
    tags.push_back(tag);
  }
  return tags;
}

void check_sides(const std::vector<std::string>& sides) {
  if (sides.size() < 2) {
    throw UsageError(fmt::format("compare: {} given; name two optimizers or more",
                                 sides.empty() ? "no optimizer is" : "one optimizer alone is"));
  }
  for (size_t i = 0; i < sides.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (sides[i] == sides[j]) {
        throw UsageError(fmt::format("compare: '{}' is given twice", sides[i]));
      }
    }
  }
}

// Whatever the space of a side names, the sides share all but the optimizer.
void check_shared(const TrainConfig& shared, TrainConfig trial, const std::string& side) {
  TrainConfig same = shared;
  same.optimizer = trial.optimizer;
  const auto a = list_options(same), b = list_options(trial);
  for (size_t i = 0; i < a.size(); ++i) {
    if (value_text(a[i]) == value_text(b[i])) continue;
    throw UsageError(
        fmt::format("compare: the space of '{}' changes {}, which all sides share; "
                    "ravine tune searches it",
                    side, a[i].option.name));
  }
}

// What a study of these options does, side by side.
class Comparison {
 public:
  explicit Comparison(const CompareOptions& options)
      : options_(options), base_(with_validation(options.train)) {
    check_options("compare", list_options(options_));
    check_sides(options.sides);
    if (options_.seeds > 10'000 || options_.tune > 1'000'000) {
      throw UsageError("compare: at most 10,000 seeds and 1,000,000 trials");
    }
    std::vector<std::string> spaces;
    for (const std::string& side : options.sides) {
      const SpacedLine parts = split_space(side);
      lines_.push_back(parts.line), spaces.push_back(parts.space);
    }
    // Named without its space, unless that alone tells it from another.
    for (size_t i = 0; i < lines_.size(); ++i) {
      const bool alone = std::ranges::count(lines_, lines_[i]) == 1;
      sides_.push_back({.asked = alone ? lines_[i] : options.sides[i], .trials = {}, .runs = {}});
    }
    tags_ = tags_of(lines_);
    for (size_t i = 0; i < sides_.size(); ++i) {
      if (options_.tune > 0) {
        plan_trials(i, spaces[i].empty() ? default_space(lines_[i]) : parse_space(spaces[i]));
      } else if (spaces[i].empty()) {
        sides_[i].optimizer = at_point(config_of(i), {}).optimizer;
      } else {
        throw UsageError(
            fmt::format("compare: '{}' has a space, and nothing is tuned; give --tune TRIALS",
                        options.sides[i]));
      }
    }
  }

  Plan plan() const {
    Plan own = {{"seeds", fmt::format("{}", options_.seeds)},
                {"tune", fmt::format("{}", options_.tune)},
                {"goal", options_.goal},
                {"by", options_.by}};
    for (size_t i = 0; i < sides_.size(); ++i) {
      own.push_back({fmt::format("side {}", i + 1), sides_[i].asked});
      own.push_back({fmt::format("space {}", i + 1), sides_[i].space});
    }
    return make_plan("compare", own, base_);
  }

  CompareResult run(const StudyOptions& how) {
    Study study(plan(), trials_.empty() ? config_of(0) : trials_[0].config, how);
    const Goal goal = parse_goal(options_.goal, study.data().train);
    CompareResult result{.options = options_,
                         .by = metric_of(options_.by, study.data().train),
                         .set = study.data().test.size() > 0 ? "test" : "validation",
                         .sides = {},
                         .verdicts = {},
                         .planned = int64_t(sides_.size()) * options_.seeds};
    result.options.train = base_;
    if (options_.tune > 0) tune_sides(study, result);
    if (!study.interrupted()) run_seeds(study, result);
    result.interrupted = study.interrupted();
    result.sides = std::move(sides_);
    if (!result.interrupted) judge(result, goal);
    return result;
  }

 private:
  TrainConfig config_of(size_t side) const {
    TrainConfig config = base_;
    config.optimizer = lines_[side];
    return config;
  }

  void plan_trials(size_t side, const Space& space) {
    sides_[side].space = space_text(space);
    const auto points = points_of(space, "random", options_.tune, uint64_t(base_.seed));
    for (PlannedRun& run : runs_at(config_of(side), points, tags_[side] + "-trial-")) {
      check_shared(base_, run.config, options_.sides[side]);
      run.what = fmt::format("{} {}", lines_[side], run.what);
      run.side = side;
      trials_.push_back(std::move(run));
    }
  }

  void tune_sides(Study& study, CompareResult& result) {
    result.planned += int64_t(trials_.size());
    deal(study.run(trials_, "tuning"), trials_, &SideResult::trials, result);
    if (study.interrupted()) return;
    for (SideResult& side : sides_) {
      const size_t best = ranking_of(side.trials, result.by)[0];
      side.optimizer = side.trials[best].config.optimizer;
    }
  }

  void run_seeds(Study& study, CompareResult& result) {
    std::vector<PlannedRun> planned;
    for (int64_t k = 1; k <= options_.seeds; ++k) {
      for (size_t i = 0; i < sides_.size(); ++i) {
        PlannedRun run{.name = fmt::format("{}-seed-{}", tags_[i], base_.seed + k),
                       .what = sides_[i].optimizer,
                       .config = base_,
                       .side = i,
                       .test = true};
        run.config.optimizer = sides_[i].optimizer;
        run.config.seed = base_.seed + k;
        planned.push_back(std::move(run));
      }
    }
    deal(study.run(planned, "comparing"), planned, &SideResult::runs, result);
  }

  void deal(std::vector<StudyRun> runs, const std::vector<PlannedRun>& planned,
            std::vector<StudyRun> SideResult::*list, CompareResult& result) {
    for (StudyRun& run : runs) {
      const auto plan = std::ranges::find(planned, run.name, &PlannedRun::name);
      (sides_[plan->side].*list).push_back(std::move(run));
      ++result.finished;
    }
  }

  CompareOptions options_;
  TrainConfig base_;
  std::vector<SideResult> sides_;
  std::vector<std::string> lines_, tags_;
  std::vector<PlannedRun> trials_;  // of the tuning, side by side
};

}  // namespace

CompareResult compare(const CompareOptions& options, const StudyOptions& study) {
  return Comparison(options).run(study);
}

std::filesystem::path study_folder(const CompareOptions& options) {
  return lab::folder_of(Comparison(options).plan());
}

}  // namespace ravine
