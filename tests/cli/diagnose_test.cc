// ravine train --diagnose and ravine diagnose.

#include "cli/program.h"

namespace ravine {
namespace {

class Diagnose : public ProgramTest {
 protected:
  void SetUp() override { write_digits(); }

  static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != text.npos;
  }
};

TEST_F(Diagnose, TellsOfATrainingThatIsWell) {
  const Outcome trained = run(train({"--diagnose", "--out", "run", "--epochs", "6"}));
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_TRUE(has(trained.out, "diagnosis.json, report.html")) << trained.out;
  EXPECT_TRUE(has(trained.out, "diagnosis: nothing found; ")) << trained.out;
  EXPECT_TRUE(has(read("run/report.html"), "<h2>Diagnosis</h2>"));
  const Outcome again = run({"diagnose", "run"});
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_TRUE(has(again.out, "diagnosis: nothing found; ")) << again.out;
  EXPECT_TRUE(has(again.out, "update/par.")) << again.out;
  EXPECT_EQ(run({"diagnose", "run", "--json"}).out, read("run/diagnosis.json"));
  EXPECT_EQ(run({"diagnose", "run", "--json", "--steps", "0"}).out, read("run/diagnosis.json"));
  EXPECT_TRUE(has(run({"diagnose", "run", "--every", "3"}).out, "repeated"));
}

TEST_F(Diagnose, NamesTheDiseaseOfARunThatFailed) {
  const Outcome trained = run(train({"--diagnose", "--out", "run", "--optimizer", "sgd,lr=1e30"}));
  EXPECT_EQ(trained.code, 1);
  EXPECT_TRUE(has(trained.out, "\nlr too high\n")) << trained.out;
  EXPECT_TRUE(has(trained.err, "the training diverged")) << trained.err;
  EXPECT_TRUE(has(read("run/report.html"), "<b>lr too high</b>"));
  const Outcome again = run({"diagnose", "run"});
  EXPECT_EQ(again.code, 0);  // it has done what it was asked for
  EXPECT_TRUE(has(again.out, "\nlr too high\n")) << again.out;
}

TEST_F(Diagnose, RepeatsARunThatHasNone) {
  ASSERT_EQ(run(train({"--out", "run", "--epochs", "6"})).code, 0);
  const std::vector<std::string> before = files();
  const Outcome told = run({"diagnose", "run", "--steps", "10"});
  ASSERT_EQ(told.code, 0) << told.err;
  EXPECT_TRUE(has(told.out, "repeated")) << told.out;
  EXPECT_EQ(files(), before);
}

TEST_F(Diagnose, WithoutItNothingIsWritten) {
  ASSERT_EQ(run(train({"--out", "run", "--diagnose"})).code, 0);
  const std::string model = read("run/model.safetensors");
  ASSERT_EQ(run(train({"--out", "run", "--force"})).code, 0);
  EXPECT_FALSE(std::filesystem::exists(path("run/diagnosis.json")));
  EXPECT_EQ(read("run/model.safetensors"), model);
  EXPECT_FALSE(has(read("run/report.html"), "Diagnosis"));
}

TEST_F(Diagnose, SaysWhatIsWrong) {
  expect_refused({"diagnose", "nowhere"}, 2, "nowhere is no folder");
  expect_refused({"diagnose"}, 2, "RUN");
  expect_refused({"diagnose", "set"}, 1, "config.toml");
  ASSERT_EQ(run(train({"--out", "run", "--diagnose"})).code, 0);
  expect_refused({"diagnose", "run", "--steps", "-1"}, 2, "steps");
  write("run/diagnosis.json", read("run/diagnosis.json").substr(0, 300));
  expect_refused({"diagnose", "run"}, 1, "diagnosis.json: not the diagnosis of a run");
  expect_refused({"report", "run", "--text"}, 1, "diagnosis.json: not the diagnosis of a run");
  std::filesystem::remove(path("run/diagnosis.json"));
  std::filesystem::remove_all(path("set"));
  expect_refused({"diagnose", "run"}, 1, "train-images");
}

}  // namespace
}  // namespace ravine
