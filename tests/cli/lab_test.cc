// ravine tune and ravine compare as processes: killed, interrupted, gone on, refused.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <random>
#include <regex>

#include "cli/program.h"

namespace ravine {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

Words operator+(Words a, const Words& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

class Lab : public ProgramTest {
 protected:
  void SetUp() override { write_digits(); }

  static Words study(const char* command, int epochs) {
    return {
        command,   "--data", "mnist",    "--data-dir",          "set", "--model", "dense(16) relu",
        "--batch", "32",     "--epochs", std::to_string(epochs)};
  }
  static Words comparison(int epochs) {
    return study("compare", epochs) + Words{"rmsprop", "adam",   "sgd,momentum=0.9",
                                            "--seeds", "3",      "--tune",
                                            "4",       "--goal", "accuracy=0.8"};
  }

  // The finished runs: which file holds each, and since when.
  using Files = std::map<std::string, std::pair<ino_t, int64_t>>;
  Files finished(const std::string& folder) const {
    Files files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(path(folder) / "runs", error)) {
      struct stat status {};
      if (entry.path().extension() != ".json" || ::stat(entry.path().c_str(), &status) != 0)
        continue;
      files[entry.path().filename().string()] = {
          status.st_ino, status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec};
    }
    return files;
  }

  // What the files of the runs say, without seconds: the third number of each epoch.
  std::string measured(const std::string& folder) const {
    static const std::regex seconds(R"(\[(\d+),(\d+),[^,]*,)");
    std::string text;
    for (const auto& [name, file] : finished(folder)) {
      text += name + std::regex_replace(read(folder + "/runs/" + name), seconds, "[$1,$2,");
    }
    return text;
  }
};

// The table and the verdicts, without the columns of seconds.
std::string table_of(const std::string& out) {
  std::string text;
  const auto lines = lines_of(out);
  auto at = std::find_if(lines.begin(), lines.end(),
                         [](auto& line) { return line.starts_with("optimizer "); });
  for (; at != lines.end(); ++at) {
    if (at->starts_with("written")) break;
    // After the goal's steps come: seconds to it, seconds, diverged.
    static const std::regex times(
        R"(  [0-9.]+( ± [0-9.]+)?( \(\d of \d\))?  +[0-9.]+( ± [0-9.]+)?(  +\d of \d)$)");
    text += std::regex_replace(*at, times, "$4") + "\n";
  }
  return std::regex_replace(text, std::regex(" +"), " ");
}

TEST_F(Lab, AComparisonKilledTenTimesEndsWithTheSameTable) {
  const Outcome whole = run(comparison(300) + Words{"--out", "whole"});
  ASSERT_EQ(whole.code, 0) << whole.err;
  ASSERT_EQ(finished("whole").size(), 3u * (4 + 3));
  ASSERT_NE(table_of(whole.out), "");

  std::mt19937 random(1);
  int kills = 0;
  Files before;
  for (int i = 0; i < 10; ++i) {
    Call call{comparison(300) + Words{"--out", "killed"}};
    const useconds_t wait = random() % 60'000;
    call.then = [wait](pid_t pid, int) {
      ::usleep(wait);
      ::kill(pid, SIGKILL);
    };
    kills += run(call).code == -SIGKILL;
    const Files after = finished("killed");
    for (const auto& [name, file] : before) {
      ASSERT_TRUE(after.contains(name)) << name;
      EXPECT_EQ(after.at(name), file) << name << " was run again";
    }
    before = after;
  }
  EXPECT_GE(kills, 3) << "the study is too short for this test";
  const Outcome rest = run(comparison(300) + Words{"--out", "killed"});
  EXPECT_EQ(rest.code, 0) << rest.err;
  EXPECT_EQ(table_of(rest.out), table_of(whole.out));
  EXPECT_EQ(measured("killed"), measured("whole"));
  for (const std::string& file : files()) EXPECT_EQ(file.find(".part"), file.npos) << file;
}

TEST_F(Lab, CtrlCKeepsWhatIsFinishedAndTheSameCommandGoesOn) {
  Call call{comparison(2000) + Words{"--workers", "2"}};
  call.until = [](const std::string& out) { return out.find("-trial-2") != out.npos; };
  call.then = [](pid_t pid, int) { ::kill(pid, SIGINT); };
  const Outcome outcome = run(call);
  EXPECT_EQ(outcome.code, 130);
  EXPECT_NE(outcome.out.find("runs are finished; the same command goes on"), outcome.out.npos)
      << outcome.out;
  std::string folder;
  for (const std::string& file : files()) {
    if (file.ends_with("study.json")) folder = fs::path(file).parent_path().string();
  }
  EXPECT_TRUE(folder.starts_with("runs/compare-mnist-")) << folder;
  const Files before = finished(folder);
  EXPECT_GE(before.size(), 1u);
  EXPECT_LT(before.size(), 12u);
  const Outcome again = run(call);
  EXPECT_EQ(again.code, 130);
  for (const auto& [name, file] : before) EXPECT_EQ(finished(folder).at(name), file);
}

TEST_F(Lab, WhatIsFoundIsToldThoughThePageCannotBeWritten) {
  for (const Words& words :
       {study("tune", 1) + Words{"lr=1e-3,1e-2", "--out", "t"},
        study("compare", 1) + Words{"rmsprop", "adam", "--seeds", "1", "--out", "c"}}) {
    ASSERT_EQ(run(words).code, 0);
    fs::remove(path(words.back()) / "report.html");
    fs::create_directory(path(words.back()) / "report.html");
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.code, 1);
    EXPECT_NE(outcome.err.find("cannot write " + words.back() + "/report.html"), std::string::npos);
    EXPECT_NE(outcome.out.find(words[0] == "tune" ? "ravine train" : "test accuracy"),
              std::string::npos)
        << outcome.out;
    EXPECT_EQ(outcome.out.find("written"), std::string::npos);
  }
}

TEST_F(Lab, TheBestRunsCommandGivesItsNumbers) {
  const Outcome outcome = run(study("tune", 3) + Words{"lr=1e-3..1e-1:log", "--trials", "4"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const size_t at = outcome.out.find("ravine train");
  ASSERT_NE(at, outcome.out.npos);
  Words words;
  const std::string command = outcome.out.substr(at);
  static const std::regex word(R"('([^']*)'|([^\s\\']+))");
  for (std::sregex_iterator i(command.begin(), command.end(), word), end; i != end; ++i) {
    const std::string text = (*i)[1].matched ? (*i)[1].str() : (*i)[2].str();
    if (text == "written:") break;
    words.push_back(text);
  }
  words.erase(words.begin());
  const Outcome train = run(words + Words{"--out", "best"});
  ASSERT_EQ(train.code, 0) << train.err;
  // The board's first row: run, accuracy, loss.
  const auto lines = lines_of(outcome.out);
  const auto best = std::find_if(lines.begin(), lines.end(),
                                 [](auto& line) { return line.starts_with("best by accuracy"); });
  const std::string accuracy = csv_column(read("best/history.csv"), "validation_accuracy").back();
  const std::string percent = std::to_string(std::stod(accuracy) * 100).substr(0, 4);
  EXPECT_NE((best + 2)->find(percent), std::string::npos) << *(best + 2) << " " << accuracy;
}

TEST_F(Lab, WhatIsRedrawnFitsTheTerminal) {
  for (const int columns : {120, 60, 30}) {
    const Outcome outcome = run(
        {.arguments = study("tune", 40) + Words{"lr=1e-3..1e-1:log", "alpha=0.9,0.99", "--trials",
                                                "6", "--out", "study" + std::to_string(columns)},
         .columns = columns});
    EXPECT_EQ(outcome.code, 0) << outcome.out;
    EXPECT_NE(outcome.out.find("\x1b[A"), outcome.out.npos) << "nothing was redrawn";
    const size_t last = outcome.out.rfind("\x1b[J");
    ASSERT_NE(last, outcome.out.npos);
    std::string text = outcome.out.substr(outcome.out.find('\r') + 1, last);
    text = std::regex_replace(text, std::regex("\x1b\\[[0-9]*[A-Za-z]"), "");
    std::replace(text.begin(), text.end(), '\r', '\n');
    for (const std::string& line : lines_of(text.substr(0, text.find("best by")))) {
      const auto width = std::count_if(line.begin(), line.end(),
                                       [](unsigned char c) { return (c & 0xC0) != 0x80; });
      if (line.find(" runs (") != line.npos) continue;  // it may be longer than the screen
      EXPECT_LE(width, columns) << line;
    }
  }
}

TEST_F(Lab, RefusesBadSpacesGoalsAndFolders) {
  expect_refused({"tune", "lr=1..0"}, 2, "space: lr: 1 is not below 0; write LOW..HIGH");
  expect_refused({"tune", "lr"}, 2, "'lr' is no entry");
  expect_refused({"tune", "lrr=1..2"}, 2, "did you mean 'lr'?");
  expect_refused({"tune", "lr=0..1:log"}, 2, "needs LOW > 0");
  expect_refused({"tune", "lr=1..2", "lr=3..4"}, 2, "lr: is there twice");
  expect_refused({"tune", "alpha=0.5..2"}, 2, "alpha must be in [0, 1)");
  expect_refused({"tune", "--trials", "0"}, 2, "trials must be");
  expect_refused({"tune", "--search", "bayes"}, 2, "search must be random or grid");
  expect_refused({"tune", "--optimizer", "sgd,lr=1,momentum=0"}, 2, "leaves nothing");
  expect_refused({"tune", "--workers", "0"}, 2, "workers must be");
  expect_refused({"tune", "--data", "none.csv"}, 1, "no set and no file 'none.csv'");
  expect_refused({"compare"}, 2, "OPTIMIZER... is missing");
  expect_refused({"compare", "adam"}, 2, "one optimizer alone");
  expect_refused({"compare", "adam", "adam"}, 2, "'adam' is given twice");
  expect_refused({"compare", "adam", "rmsprob"}, 2, "did you mean 'rmsprop'?");
  expect_refused({"compare", "adam", "sgd", "--optimizer", "sgd"}, 2, "words of their own");
  expect_refused({"compare", "adam", "sgd", "--goal", "fast"}, 2, "goal must be accuracy=X");
  expect_refused({"trace", "adam", "--function", "(x - 1"}, 2, "position 7: ')' is expected");
  expect_refused({"trace", "adam", "--function", "sinn(x)"}, 2, "did you mean 'sin'?");
  expect_refused({"trace", "adam", "--function", "log(x)"}, 1,
                 "'log(x)', position 1, is undefined where x = 0");
  expect_refused({"trace", "adam", "--function", "x", "--start", "y=1"}, 2,
                 "start: no variable 'y'");
  expect_refused({"trace", "adam"}, 2, "either --function or --fit");
  expect_refused({"landscape"}, 2, "FUNCTION is missing");
  expect_refused({"landscape", "beale"}, 2, "OPTIMIZER... is missing");
  expect_refused({"landscape", "bale", "adam"}, 2, "no function 'bale'; did you mean 'beale'?");
  expect_refused({"landscape", "x+", "adam"}, 2, "position 3");
  expect_refused({"landscape", "log(x-1)", "adam"}, 1, "'log(x-1)', position 1, is undefined");
  expect_refused({"landscape", "beale", "adam", "--out", "land.png"}, 2, "in .svg or .html");
  expect_refused({"landscape", "beale", "adam", "--out", "none/land.svg"}, 1, "none");
  write("full/thesis.txt", "mine");
  expect_refused(study("compare", 1) + Words{"adam", "sgd", "--out", "full"}, 2,
                 "full is not empty, and no study began there");
}

}  // namespace
}  // namespace ravine
