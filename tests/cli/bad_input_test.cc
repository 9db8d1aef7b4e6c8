// Whatever a user gets wrong: one clear line, the right exit code, and no file left behind.
#include <sys/mount.h>
#include <unistd.h>

#include "cli/program.h"

namespace ravine {
namespace {

constexpr int kFailure = 1, kUsage = 2;

class BadInput : public ProgramTest {
 protected:
  void SetUp() override { write_digits(); }

  void expect_bad_data(const std::string& text) {
    expect_refused(train({"--out", "run"}), kFailure, text);
  }
};

TEST_F(BadInput, CommandsAndFlagsThatAreMisspeltGetTheNearestName) {
  expect_refused({"trian"}, kUsage, "no command 'trian'; did you mean 'train'?");
  expect_refused({"--verson"}, kUsage, "did you mean '--version'?");
  expect_refused({"xyzzy"}, kUsage, "no command 'xyzzy'; see `ravine --help`");
  expect_refused({"train", "--epoch", "3"}, kUsage,
                 "no option '--epoch'; did you mean '--epochs'?");
  expect_refused({"train", "--data_dir=x"}, kUsage, "did you mean '--data-dir'?");
  expect_refused({"train", "mnist"}, kUsage, "'mnist' is one word too many");
  expect_refused({"eval", "--thread", "1", "x"}, kUsage, "did you mean '--threads'?");
  expect_refused({"data", "git", "mnist"}, kUsage, "did you mean 'get'?");
  expect_refused({"data", "get", "mnits"}, kUsage, "did you mean 'mnist'?");
  expect_refused({"data", "get", "digits"}, kUsage, "nothing to fetch");
  expect_refused({"data", "list", "mnist"}, kUsage, "takes no name");
  expect_refused({"optimizers", "rmsprob"}, kUsage, "did you mean 'rmsprop'?");
  expect_refused({"optimizers", "rmsprop:tf2"}, kUsage, "no dialect 'tf2'");
}

TEST_F(BadInput, AWordOrAValueThatIsMissing) {
  expect_refused({"eval"}, kUsage, "RUN is missing");
  expect_refused({"data"}, kUsage, "ACTION is missing");
  expect_refused({"data", "get"}, kUsage, "NAME of the set to get is missing");
  expect_refused({"train", "--epochs"}, kUsage, "--epochs needs a value");
  expect_refused({"train", "--out", ""}, kUsage, "--out needs a value");
  expect_refused({"train", "--out", "--force"}, kUsage,
                 "--out needs a value, got the option --force");
}

TEST_F(BadInput, ValuesOutOfRange) {
  for (const auto& [flag, value, text] : std::vector<std::array<std::string, 3>>{
           {"--epochs", "-1", "epochs must be"},
           {"--epochs", "2.5", "epochs must be a whole number"},
           {"--epochs", "99999999999999999999", "epochs must be"},
           {"--batch", "0", "batch must be a whole number >= 1, got 0"},
           {"--batch", "204", "204"},
           {"--validation", "1", "validation must be in [0, 1), got 1"},
           {"--validation", "nan", "validation must be in [0, 1), got nan"},
           {"--tolerance", "inf", "tolerance must be"},
           {"--l2", "-1", "l2 must be >= 0"},
           {"--l2", "1,5", "l2 must be"},
           {"--patience", "-3", "patience must be"},
           {"--seed", "x", "seed must be a whole number"},
           {"--threads", "0", "threads must be a whole number in [1, 1024], got 0"},
           {"--threads", "-2", "threads must be"},
           {"--isa", "avx3", "isa: there is no 'avx3'"},
           {"--loss", "cross_entrop", "cross_entropy"},
           {"--shuffle=maybe", "--force", "shuffle"},
           {"--data", "mnits", "did you mean 'mnist'?"}}) {
    expect_refused(train({"--out", "run", flag, value}), kUsage, text);
  }
  expect_refused(Call{{"--version"}, {{"RAVINE_ISA", "avx3"}}}, kUsage, "there is no 'avx3'");
}

TEST_F(BadInput, OptimizersThatAreWrong) {
  for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
           {"rmsprob", "did you mean 'rmsprop'?"},
           {"rmsprop:tf2", "tf2"},
           {"rmsprop,alhpa=0.9", "did you mean 'alpha'?"},
           {"rmsprop,alpha=1", "alpha must be in [0, 1), got 1"},
           {"rmsprop,alpha=-0.1", "alpha must be in [0, 1), got -0.1"},
           {"rmsprop,lr=-1", "lr must be"},
           {"rmsprop,lr=nan", "lr must be"},
           {"rmsprop,lr=inf", "lr must be"},
           {"rmsprop,eps=-1e-8", "eps must be"},
           {"rmsprop,eps=nan", "eps must be"},
           {"rmsprop,eps=inf", "eps must be"},
           {"rmsprop,decay=0.9", "decay"},
           {"rmsprop,nonfinite=stop", "nonfinite must be ignore or skip"},
           {"rmsprop,lr", "lr"},
           {"rmsprop,,", "rmsprop"}}) {
    expect_refused(train({"--out", "run", "--optimizer", text}), kUsage, message);
  }
}

TEST_F(BadInput, ModelsThatAreWrong) {
  for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
           {"dens(10)", "did you mean 'dense"},
           {"dense(0)", "dense"},
           {"dense(x)", "dense"},
           {"dense(10", "dense(10"},
           {"dropout(1)", "dropout"},
           {"dense(2000000) relu dense(2000000)", "bytes to train"}}) {
    expect_refused(train({"--out", "run", "--model", text}), kUsage, message);
  }
}

TEST_F(BadInput, OptionsThatContradictEachOther) {
  expect_refused(train({"--out", "run", "--patience", "2"}), kUsage, "validation");
  expect_refused(train({"--out", "run", "--epochs", "0"}), kUsage, "epochs");
  expect_refused(train({"--out", "run", "--validation", "0.001"}), kUsage, "got 0.001 of 203");
  expect_refused(train({"--out", "run", "--validation", "0.9"}), kUsage, "batch must be at most");
}

TEST_F(BadInput, DataFilesThatAreMissing) {
  std::filesystem::remove(path("set/t10k-labels-idx1-ubyte"));
  expect_bad_data("t10k-labels-idx1-ubyte");
  expect_refused({"train", "--data", "mnist"}, kFailure, "ravine data get mnist");
  expect_refused({"train", "--data", "mnist", "--data-dir", "nowhere"}, kFailure, "nowhere");
}

TEST_F(BadInput, DownloadingWithoutLibcurl) {
  std::filesystem::create_directories(path(".cache/ravine/mnist"));  // where the files go
  write("libcurl.so.4", "found first, but no library");
  expect_refused({.arguments = {"data", "get", "mnist"},
                  .environment = {{"LD_LIBRARY_PATH", path("").string()}}},
                 kFailure, "is libcurl installed?");
}

TEST_F(BadInput, DataFilesThatAreDamaged) {
  const std::string images = "set/train-images-idx3-ubyte", labels = "set/train-labels-idx1-ubyte";
  const std::string good_images = read(images), good_labels = read(labels);
  for (const auto& [file, good, bytes, text] : std::vector<std::array<std::string, 4>>{
           {images, good_images, "", "empty"},
           {images, good_images, good_images.substr(0, 9), "truncated"},
           {images, good_images, good_images.substr(0, 999), "truncated"},
           {images, good_images, good_images + "x", "more after them"},
           {images, good_images, "\x1f\x8b" + good_images, "train-images"},
           {images, good_images, good_labels, "expected magic"},
           {labels, good_labels, good_images, "expected magic"},
           {labels, good_labels, good_labels.substr(0, 8) + char(10) + good_labels.substr(9),
            "expected labels from 0 to 9, found 10 at example 0"}}) {
    SCOPED_TRACE(text);
    write(file, bytes);
    expect_bad_data(text);
    write(file, good);
  }
  write("set/train-images-idx3-ubyte.gz", "not gzip");  // taken before the plain file
  expect_bad_data("train-images-idx3-ubyte.gz");
}

TEST_F(BadInput, RunFoldersThatAreThereAlready) {
  write("run/notes.txt", "mine");
  expect_refused(train({"--out", "run"}), kUsage, "--force");
  write("file", "mine");
  expect_refused(train({"--out", "file"}), kFailure, "file");
  EXPECT_EQ(run(train({"--out", "run", "--force"})).code, 0);
  EXPECT_EQ(read("run/notes.txt"), "mine");
}

TEST_F(BadInput, RunFoldersThatCannotBeWritten) {
  write("file", "mine");
  expect_refused(train({"--out", "file/run"}), kFailure, "file/run");
  expect_refused(train({"--out", "/proc/run"}), kFailure, "/proc/run");
}

// Mounts need root and a kernel that lets it: the reason is printed where they fail.
TEST_F(BadInput, RunFoldersOnAFullOrReadOnlyDisk) {
  std::filesystem::create_directory(path("disk"));
  const auto mounted = [&](unsigned long flags, const char* options) {
    return ::mount("none", path("disk").c_str(), "tmpfs", flags, options) == 0;
  };
  if (!mounted(0, "size=8k")) GTEST_SKIP() << "cannot mount a small disk: " << strerror(errno);
  expect_refused(train({"--out", "disk/run", "--model", "dense(512)"}), kFailure, "disk/run");
  ::umount(path("disk").c_str());
  ASSERT_TRUE(mounted(MS_RDONLY, ""));
  expect_refused(train({"--out", "disk/run"}), kFailure, "Read-only file system");
  ::umount(path("disk").c_str());
}

TEST_F(BadInput, ALossThatDiverges) {
  const Outcome outcome = run(
      train({"--quiet", "--out", "run", "--optimizer", "sgd,lr=1e30", "--loss", "cross_entropy"}));
  EXPECT_EQ(outcome.code, kFailure);
  EXPECT_EQ(lines_of(outcome.err).size(), 1u) << outcome.err;
  EXPECT_NE(outcome.err.find("loss"), outcome.err.npos) << outcome.err;
  EXPECT_FALSE(std::filesystem::exists(path("run/model.safetensors")));
}

TEST_F(BadInput, ConfigsThatAreWrong) {
  expect_refused({"train", "--config", "missing.toml"}, kFailure, "missing.toml");
  for (const auto& [toml, text] : std::vector<std::pair<std::string, std::string>>{
           {"epoch = 3\n", "did you mean 'epochs'?"},
           {"# one\nbatch = 0\n", "c.toml:2: batch must be a whole number >= 1, got 0"},
           {"epochs = \"3\"\n", "epochs must be a whole number"},
           {"epochs = \n", "c.toml:1"}}) {
    write("c.toml", toml);
    expect_refused({"train", "--config", "c.toml"}, kUsage, text);
  }
}

TEST_F(BadInput, RunsThatAreForeignOrDamaged) {
  expect_refused({"eval", "nowhere"}, kFailure, "nowhere");
  expect_refused({"eval", "set"}, kFailure, "config.toml");
  ASSERT_EQ(run(train({"--out", "run"})).code, 0);
  const std::string model = read("run/model.safetensors"), config = read("run/config.toml");
  for (const std::string& bytes :
       {std::string(), model.substr(0, 7), model.substr(0, model.size() / 2), model + "x",
        std::string(model.size(), '\xff'), config}) {
    write("run/model.safetensors", bytes);
    expect_refused({"eval", "run"}, kFailure, "model.safetensors");
  }
  std::filesystem::remove(path("run/model.safetensors"));
  expect_refused({"eval", "run"}, kFailure, "model.safetensors");
}

TEST_F(BadInput, NamesWithControlCharactersStillGiveOneLine) {
  expect_refused({"tr\nain"}, kUsage, "no command");
  expect_refused({"train", "--data", "a\x1b[31mb\n"}, kUsage, "a [31mb ");
}

}  // namespace
}  // namespace ravine
