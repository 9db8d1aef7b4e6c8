// compare(): several optimizers, the same seeds, and a fair tuning of each.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "lab/goal.h"
#include "lab/statistics.h"
#include "lab/study.h"
#include "lab/verdict.h"
#include "ravine/error.h"
#include "ravine/optimizer.h"

namespace ravine {
namespace {

using namespace lab;

// "adam", or "adam-2" for the second side of a rule: what its runs' names begin with.
std::vector<std::string> tags_of(const std::vector<std::string>& sides) {
  std::vector<std::string> tags;
  for (const std::string& side : sides) {
    const std::string rule = OptimizerSpec(side).rule_name();
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
    for (size_t i = 0; i < options.sides.size(); ++i) {
      sides_.push_back({.asked = options.sides[i], .trials = {}, .runs = {}});
      if (options_.tune == 0) {
        sides_[i].optimizer = at_point(config_of(i), {}).optimizer;
      } else {
        spaces_.push_back(default_space(options.sides[i]));
        sides_[i].space = space_text(spaces_[i]);
      }
    }
    tags_ = tags_of(options.sides);
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
    Study study(plan(), config_of(0), how);
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
    config.optimizer = options_.sides[side];
    return config;
  }

  void tune_sides(Study& study, CompareResult& result) {
    std::vector<PlannedRun> planned;
    for (size_t i = 0; i < sides_.size(); ++i) {
      const auto points =
          points_of(spaces_[i], "random", options_.tune, uint64_t(options_.train.seed));
      for (PlannedRun& run : runs_at(config_of(i), points, tags_[i] + "-trial-")) {
        run.what = fmt::format("{} {}", sides_[i].asked, run.what);
        run.side = i;
        planned.push_back(std::move(run));
      }
    }
    result.planned += int64_t(planned.size());
    deal(study.run(planned, "tuning"), planned, &SideResult::trials, result);
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
  std::vector<Space> spaces_;
  std::vector<std::string> tags_;
};

}  // namespace

CompareResult compare(const CompareOptions& options, const StudyOptions& study) {
  return Comparison(options).run(study);
}

std::filesystem::path study_folder(const CompareOptions& options) {
  return lab::folder_of(Comparison(options).plan());
}

}  // namespace ravine
