// `ravine report`, and the page that `ravine train` leaves.
#include "cli/program.h"

namespace ravine {
namespace {

namespace fs = std::filesystem;

class ReportCommand : public ProgramTest {
 protected:
  void SetUp() override {
    write_digits();
    for (const char* name : {"one", "two"}) {
      ASSERT_EQ(run(train({"--quiet", "--out", std::string("runs/") + name})).code, 0);
    }
  }

  // Stands for the browser: remembers what it was given.
  Call with_browser(std::vector<std::string> words, const std::string& script) {
    fs::create_directory(path("bin"));
    write("bin/xdg-open", "#!/bin/sh\n" + script);
    fs::permissions(path("bin/xdg-open"), fs::perms::owner_all);
    return Call{std::move(words), {{"PATH", path("bin").string() + ":/usr/bin:/bin"}}};
  }
};

TEST_F(ReportCommand, TrainingLeavesThePageThatItMakesAnew) {
  const std::string first = read("runs/one/report.html");
  EXPECT_NE(first.find("<title>one</title>"), first.npos);
  fs::remove_all(path("set"));  // it needs no data
  fs::remove(path("runs/one/model.safetensors"));
  EXPECT_EQ(run({"report", "runs/one/"}).out, "written: runs/one/report.html\n");
  EXPECT_EQ(read("runs/one/report.html"), first);
}

TEST_F(ReportCommand, SeveralRunsShareAPageBesideThem) {
  EXPECT_EQ(run({"report", "runs/one", "runs/two"}).out, "written: runs/report.html\n");
  EXPECT_NE(read("runs/report.html").find("2 runs"), std::string::npos);
  EXPECT_EQ(run({"report", "runs/one", "runs/two", "--out", "my page.html"}).code, 0);
  EXPECT_EQ(read("my page.html"), read("runs/report.html"));
}

TEST_F(ReportCommand, OpensThePage) {
  const Outcome opened =
      run(with_browser({"report", "runs/one", "--open"}, "printf '%s' \"$1\" > opened"));
  EXPECT_EQ(opened.code, 0) << opened.err;
  EXPECT_TRUE(fs::path(read("opened")).is_absolute());
  EXPECT_TRUE(read("opened").ends_with("runs/one/report.html"));
  const Outcome failed = run(with_browser({"report", "runs/one", "--open"}, "exit 3"));
  EXPECT_EQ(failed.code, 1);
  EXPECT_NE(failed.err.find("by hand"), failed.err.npos) << failed.err;
}

TEST_F(ReportCommand, DrawsTextForWhatItIsWrittenTo) {
  const std::vector<std::string> words = {"report", "runs/one", "runs/two", "--text"};
  const Outcome plain = run(Call{words, {{"LC_ALL", "C"}}});
  EXPECT_EQ(plain.code, 0) << plain.err;
  EXPECT_EQ(plain.out.find('\x1b'), plain.out.npos);
  EXPECT_TRUE(plain.out.starts_with("Accuracy by epoch: test\n")) << plain.out;
  const std::map<std::string, std::string> utf8 = {{"LC_ALL", "C.UTF-8"}};
  EXPECT_NE(run(Call{words, utf8}).out.find("\u2502"), std::string::npos);
  Call terminal{words, {{"LC_ALL", "C"}, {"TERM", "xterm"}}, 50};
  const Outcome colored = run(terminal);
  EXPECT_NE(colored.out.find("\x1b[34m"), colored.out.npos);
  terminal.environment["NO_COLOR"] = "1";
  const Outcome uncolored = run(terminal);
  EXPECT_EQ(uncolored.out.find('\x1b'), uncolored.out.npos);
  for (std::string line : lines_of(uncolored.out)) {
    if (line.ends_with('\r')) line.pop_back();
    EXPECT_LE(line.size(), 50u) << line;
  }
}

TEST_F(ReportCommand, RefusesWhatItCannotShow) {
  expect_refused({"report"}, 2, "RUN... is missing");
  expect_refused({"report", "runs/three"}, 2, "runs/three is no folder");
  expect_refused({"report", "runs/one", "runs/one/"}, 2, "given twice");
  expect_refused({"report", "runs/one", "--text", "--open"}, 2, "--open");
  expect_refused({"report", "runs/one", "--text", "--out", "x"}, 2, "--out");
  expect_refused({"report", "runs/one", "--out", "none/x.html"}, 1, "none/x.html");
  write("runs/two/results.json", read("runs/two/results.json").substr(0, 300));
  expect_refused({"report", "runs/one", "runs/two"}, 1, "runs/two/results.json: not the results");
  write("runs/two/history.csv", "epoch,step,seconds,lr\n1,2,x,4\n");
  expect_refused({"report", "runs/one", "runs/two"}, 1, "runs/two/history.csv:2: seconds 'x'");
}

TEST_F(ReportCommand, AFailedTrainingHasItsPage) {
  const Outcome outcome = run(train({"--out", "wild", "--model", "dense(10)", "--loss",
                                     "mean_squared_error", "--optimizer", "sgd,lr=1e9"}));
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.err.find("diverged"), outcome.err.npos);
  EXPECT_NE(read("wild/report.html").find("Failed after"), std::string::npos);
}

}  // namespace
}  // namespace ravine
