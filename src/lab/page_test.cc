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

TEST(StudyPage, NamesSidesByWhatTellsThemApart) {
  CompareResult result{.options = {}, .by = "loss", .set = "test", .sides = {}, .verdicts = {{}}};
  const auto titled = [&](const std::vector<std::string>& sides, const std::string& title) {
    result.options.sides = sides, result.sides.clear();
    for (const std::string& side : sides) {
      result.sides.push_back({.asked = side, .optimizer = OptimizerSpec(side).text()});
      result.sides.back().runs = {run_of("a", "epochs", 0.5), run_of("b", "epochs", 0.75)};
    }
    const std::string page = study_page(result);
    EXPECT_NE(page.find("<h1>" + title + "</h1>"), page.npos) << page.substr(0, 300);
    return page;
  };
  const std::string page = titled({"rmsprop:torch,lr=1e-3,momentum=0.9", "rmsprop:tf1,lr=1e-3"},
                                  "rmsprop:torch, rmsprop:tf1");
  EXPECT_NE(page.find("rmsprop:torch<br><code>rmsprop,<wbr>alpha=0.99,<wbr>momentum=0.9</code>"),
            page.npos);
  titled({"rmsprop", "rmsprop,lr=1e-2", "sgd,momentum=0.9"}, "rmsprop, rmsprop,lr=1e-2, sgd");
  titled({"rmsprop,schedule=cosine(total=9,floor=0)", "rmsprop,schedule=cosine(total=9,floor=1)"},
         "rmsprop,schedule=cosine(total=9,floor=0), rmsprop,schedule=cosine(total=9,floor=1)");
}

}  // namespace
}  // namespace ravine
