// tune(): one optimizer, a space, and what each of its points reaches.
#include <fmt/format.h>

#include "lab/space.h"
#include "lab/study.h"
#include "ravine/error.h"
#include "ravine/optimizer.h"

namespace ravine {
namespace {

using namespace lab;

Space space_of(const TuneOptions& options) {
  return options.space.empty() ? default_space(options.train.optimizer)
                               : parse_space(options.space);
}

Plan plan_of(const TuneOptions& options, const Space& space) {
  return make_plan("tune",
                   {{"space", space_text(space)},
                    {"search", options.search},
                    {"trials", fmt::format("{}", options.trials)},
                    {"by", options.by}},
                   with_validation(options.train));
}

}  // namespace

TuneResult tune(const TuneOptions& options, const StudyOptions& how) {
  TuneOptions checked = options;
  check_options("tune", list_options(checked));
  const Space space = space_of(options);
  const TrainConfig config = with_validation(options.train);
  const std::vector<Point> points =
      points_of(space, options.search, options.trials, uint64_t(config.seed));
  std::vector<PlannedRun> planned = runs_at(config, points, "trial-");
  Study study(plan_of(options, space), planned[0].config, how);
  TuneResult result{.options = options,
                    .space = space_text(space),
                    .by = metric_of(options.by, study.data().train)};
  result.options.train = config;
  result.planned = int64_t(planned.size());
  result.runs = study.run(planned, "tuning");
  for (const StudyRun& run : result.runs) {
    for (size_t i = 0; i < planned.size(); ++i) {
      if (planned[i].name == run.name) result.points.push_back(points[i]);
    }
  }
  result.ranking = ranking_of(result.runs, result.by);
  result.interrupted = study.interrupted();
  return result;
}

const StudyRun* TuneResult::best() const {
  return ranking.empty() || runs[ranking[0]].diverged() ? nullptr : &runs[ranking[0]];
}

std::filesystem::path study_folder(const TuneOptions& options) {
  return folder_of(plan_of(options, space_of(options)));
}

}  // namespace ravine
