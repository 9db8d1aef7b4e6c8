// A run as its user has it: the same bits again, and what is written is what was shown.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "cli/program.h"

namespace ravine {
namespace {

class Training : public ProgramTest {
 protected:
  void SetUp() override { write_digits(); }

  void expect_same_run(const std::string& a, const std::string& b) {
    SCOPED_TRACE(a + " and " + b);
    EXPECT_EQ(read(a + "/config.toml"), read(b + "/config.toml"));
    EXPECT_TRUE(read(a + "/model.safetensors") == read(b + "/model.safetensors"));
    const std::string left = read(a + "/history.csv"), right = read(b + "/history.csv");
    for (const char* name :
         {"epoch", "step", "lr", "train_loss", "train_accuracy", "test_loss", "test_accuracy"}) {
      EXPECT_EQ(csv_column(left, name), csv_column(right, name)) << name;
      EXPECT_FALSE(csv_column(left, name).empty());
    }
  }

  Outcome trained(const std::vector<std::string>& more) {
    const Outcome outcome = run(train(more));
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    return outcome;
  }
};

TEST_F(Training, WritesARunFolderAndSaysWhere) {
  const Outcome outcome = trained({"--out", "my run/1"});
  EXPECT_NE(outcome.out.find("mnist: 203 to train, 57 to test"), outcome.out.npos) << outcome.out;
  EXPECT_NE(outcome.out.find("ravine eval 'my run/1'"), outcome.out.npos) << outcome.out;
  const std::vector<std::string> names = {"my run/1/config.toml", "my run/1/history.csv",
                                          "my run/1/results.json", "my run/1/model.safetensors",
                                          "my run/1/report.html"};
  for (const std::string& name : names) EXPECT_TRUE(std::filesystem::exists(path(name))) << name;
  EXPECT_EQ(csv_column(read("my run/1/history.csv"), "step"),
            (std::vector<std::string>{"7", "14"}));
}

TEST_F(Training, WritesEventsForTensorBoardWhereAsked) {
  const std::string file = "run/events.out.tfevents.ravine";
  const Outcome outcome = trained({"--out", "run", "--tensorboard"});
  EXPECT_NE(outcome.out.find("tfevents"), outcome.out.npos) << outcome.out;
  EXPECT_NE(read(file).find("loss/batch"), std::string::npos);
  trained({"--out", "run", "--force"});
  EXPECT_FALSE(std::filesystem::exists(path(file))) << "of the run that was replaced";
}

TEST_F(Training, SaysWhichLayerIsTheOutput) {
  const auto start_line = [&](const char* model) {
    return lines_of(trained({"--out", "run", "--force", "--model", model}).out).at(0);
  };
  const std::string added = " | dense(10) (dense(10) added) | ",
                    taken = " (dense(10) is the output)";
  EXPECT_NE(start_line("softmax").find(added), std::string::npos);
  EXPECT_NE(start_line("dense(4) relu dense(10) softmax").find(taken), std::string::npos);
}

TEST_F(Training, ChoosesANewFolderUnderRuns) {
  trained({});
  trained({});
  int runs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path("runs"))) {
    const std::string name = entry.path().filename().string();
    EXPECT_NE(name.find("-mnist-rmsprop"), name.npos) << name;
    ++runs;
  }
  EXPECT_EQ(runs, 2);
}

TEST_F(Training, AConfigGivesTheSameRunAgainAndFlagsOverrideIt) {
  trained({"--out", "a", "--seed", "3", "--optimizer", "rmsprop:keras2,lr=1e-2,decay=1e-6", "--l2",
           "1e-3", "--validation", "0.1"});
  EXPECT_EQ(run({"train", "--config", "a/config.toml", "--out", "b"}).code, 0);
  expect_same_run("a", "b");
  EXPECT_EQ(run({"train", "--config", "a/config.toml", "--out", "c", "--seed", "4"}).code, 0);
  EXPECT_FALSE(read("a/model.safetensors") == read("c/model.safetensors"));
  EXPECT_EQ(read("a/config.toml").find("\nout"), std::string::npos);
}

TEST_F(Training, GivesTheSameBitsForAnyNumberOfThreads) {
  for (const char* batch : {"1", "7", "64", "100", "128"}) {
    const auto with = [&](const char* threads) {
      const std::string out = std::string("t") + threads + "-" + batch;
      trained({"--out", out, "--batch", batch, "--threads", threads});
      return out;
    };
    const std::string one = with("1");
    EXPECT_NE(read(one + "/config.toml").find(std::string("\nbatch = ") + batch + "\n"),
              std::string::npos);  // the last of two values holds
    for (const char* threads : {"2", "3", "4"}) expect_same_run(one, with(threads));
  }
}

TEST_F(Training, EvalShowsTheNumbersOfTheLastEpoch) {
  const Outcome training = trained({"--out", "run"});
  const Outcome eval = run({"eval", "run"});
  EXPECT_EQ(eval.code, 0) << eval.err;
  const std::string history = read("run/history.csv");
  char expected[128];
  std::snprintf(expected, sizeof expected, "mnist: 57 test examples, loss %.6f, accuracy %.2f%%\n",
                std::stod(csv_column(history, "test_loss").back()),
                100 * std::stod(csv_column(history, "test_accuracy").back()));
  EXPECT_EQ(eval.out, expected);
  write_digits("other");
  EXPECT_EQ(run({"eval", "run", "--data-dir", "other"}).out, eval.out);
  expect_refused({"eval", "run", "--data", "fashion-mnist"}, 1, "fashion-mnist");
}

TEST_F(Training, FindsDataInTheEnvironmentsFolders) {
  write_digits("root/mnist");
  write_digits("cache/ravine/mnist");
  const std::string root = path("root").string(), cache = path("cache").string();
  const std::vector<std::string> words = {"train", "--data", "mnist", "--steps", "2", "--quiet"};
  EXPECT_EQ(run(Call{words, {{"RAVINE_DATA", root}}}).code, 0);
  EXPECT_EQ(run(Call{words, {{"XDG_CACHE_HOME", cache}}}).code, 0);
  expect_refused(Call{words, {{"RAVINE_DATA", path("nowhere").string()}}}, 1, "mnist");
  const Outcome list = run(Call{{"data", "list"}, {{"RAVINE_DATA", root}}});
  EXPECT_NE(list.out.find("mnist           203 to train, 57 to test\n"), list.out.npos) << list.out;
}

TEST_F(Training, ShowsPlainLinesWhereThereIsNoTerminal) {
  const Outcome outcome = trained({"--out", "run", "--log-every", "3", "--summary"});
  EXPECT_EQ(outcome.out.find_first_of("\x1b\r"), outcome.out.npos) << outcome.out;
  EXPECT_NE(outcome.out.find("\n  0  dense(16)"), outcome.out.npos) << outcome.out;
  int logged = 0;
  for (const std::string& line : lines_of(outcome.out))
    logged += line.starts_with("    1       3  ");
  EXPECT_EQ(logged, 1) << outcome.out;
  EXPECT_EQ(trained({"--out", "still", "--quiet"}).out, "");
  expect_same_run("run", "run");
}

TEST_F(Training, DoesNotDependOnTheLocale) {
  const std::string folder = path("locales").string();
  std::filesystem::create_directory(folder);
  const std::string make =
      "localedef -i de_DE -f UTF-8 '" + folder + "/de_DE.UTF-8' >/dev/null 2>&1";
  if (std::system(make.c_str()) > 256) GTEST_SKIP() << "localedef cannot make de_DE here";
  Call call{train({"--out", "german", "--l2", "0.001"})};
  call.environment = {{"LC_ALL", "de_DE.UTF-8"}, {"LOCPATH", folder}};
  const Outcome german = run(call);
  EXPECT_EQ(german.code, 0) << german.err;
  trained({"--out", "plain", "--l2", "0.001"});
  expect_same_run("german", "plain");
}

TEST_F(Training, EndsWithWholeFilesWhenItsReaderGoes) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  ::close(ends[0]);  // nobody reads
  Call call{train({"--out", "run", "--epochs", "100000"})};
  call.output = ends[1];
  const Outcome outcome = run(call);
  ::close(ends[1]);
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.err, "");  // as after `| head`
  EXPECT_EQ(run({"eval", "run"}).code, 0);
}

TEST_F(Training, SaysSoWhenItsOutputCannotBeWritten) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  if (full < 0) GTEST_SKIP() << "no /dev/full here";
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--help"}, {"optimizers"}, train({"--out", "run"})}) {
    Call call{words};
    call.output = full;
    const Outcome outcome = run(call);
    EXPECT_EQ(outcome.code, 1);
    EXPECT_EQ(outcome.err, "ravine: cannot write standard output: No space left on device\n");
  }
  ::close(full);
  EXPECT_EQ(run({"eval", "run"}).code, 0);  // what was trained is whole
}

TEST_F(Training, HelpNamesEveryOptionAndEveryCommand) {
  const std::string help = run({"--help"}).out;
  for (const char* name : {"train", "eval", "predict", "report", "data", "optimizers", "layers"}) {
    EXPECT_NE(help.find(std::string("\n  ") + name), help.npos) << name;
    const Outcome own = run({name, "--help"});
    EXPECT_EQ(own.code, 0);
    EXPECT_TRUE(own.out.starts_with(std::string("usage: ravine ") + name)) << own.out;
  }
  const std::string own = run({"train", "--help"}).out;
  for (const char* flag :
       {"--data TEXT",  "--data-dir DIR", "--model",   "--optimizer",    "--loss",
        "--epochs N",   "--steps N",      "--batch N", "--validation X", "--tolerance X",
        "--patience N", "--l1 X",         "--l2 X",    "--log-every N",  "--seed N",
        "--config",     "--out",          "--force",   "--summary",      "--quiet",
        "--threads N",  "--isa",          "--test",    "--label",        "--task",
        "--missing",    "--scale",        "--ignore",  "--categorical",  "--separator"}) {
    EXPECT_NE(own.find(std::string("\n  ") + flag), own.npos) << flag;
  }
  EXPECT_NE(own.find("(default 10)"), own.npos) << own;
  EXPECT_EQ(run(Call{}).code, 2);
}

TEST_F(Training, TheOptimizersAndLayersAreListed) {
  const std::string rules = run({"optimizers"}).out, rule = run({"optimizers", "rmsprop"}).out;
  for (const char* text :
       {"rmsprop", "adam", "sgd", "clip_global_norm", "schedule", "cosine", "warmup"}) {
    EXPECT_NE(rules.find(text), rules.npos) << text;
  }
  for (const char* text : {"alpha", "rmsprop:torch", "rmsprop:tf1", "rho"}) {
    EXPECT_NE(rule.find(text), rule.npos) << text;
  }
  EXPECT_NE(run({"layers"}).out.find("dropout"), std::string::npos);
  const std::string version = run({"--version"}).out;
  for (const char* text : {"ravine ", "compiler ", "oneDNN ", "threads ", "isa "}) {
    EXPECT_NE(version.find(text), version.npos) << text;
  }
}

}  // namespace
}  // namespace ravine
