#include <gtest/gtest.h>

#include "ravine/lab.h"

namespace ravine {
namespace {

StudyRun run_of(const char* name, const char* ended, double accuracy) {
  StudyRun run{.name = name,
               .what = "lr=1",
               .config = {},
               .epochs = {},
               .ended = ended,
               .error = "",
               .test = {}};
  if (run.diverged()) return run;
  run.epochs.push_back({});
  run.epochs[0].validation = {.loss = 0.25, .accuracy = accuracy};
  return run;
}

TEST(StudyPage, TheRunsHaveTheirAccuracyAlthoughTheFirstDiverged) {
  const TuneResult result{
      .options = {},
      .space = "lr=1,2",
      .by = "accuracy",
      .runs = {run_of("trial-1", "diverged", 0), run_of("trial-2", "epochs", 0.875)},
      .points = {{{"lr", "1"}}, {{"lr", "2"}}},
      .ranking = {1, 0},
      .planned = 2};
  const std::string page = study_page(result);
  EXPECT_NE(page.find("held-out accuracy</th>"), page.npos);
  EXPECT_NE(page.find("trial-2</th><td>87.50%</td><td>0.2500</td>"), page.npos);
  EXPECT_NE(page.find("trial-1</th><td></td><td>diverged</td>"), page.npos);
  EXPECT_EQ(page.find("test accuracy"), page.npos) << "a tuning never reads the test set";
}

}  // namespace
}  // namespace ravine
