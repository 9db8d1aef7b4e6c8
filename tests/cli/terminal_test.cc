// On a terminal: the bar is drawn and fits, the cursor is left alone, and Ctrl-C ends a run whole.
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "cli/program.h"

namespace ravine {
namespace {

// What a terminal does with `output`: the columns that each frame of the redrawn line takes.
std::vector<int> frame_widths(const std::string& output) {
  std::vector<int> widths;
  for (size_t at = output.find('\r'); at != output.npos; at = output.find('\r', at + 1)) {
    const size_t end = output.find_first_of("\r\n\x1b", at + 1);
    const std::string frame = output.substr(at + 1, end - at - 1);
    widths.push_back(int(std::count_if(frame.begin(), frame.end(),
                                       [](unsigned char c) { return (c & 0xC0) != 0x80; })));
  }
  return widths;
}

class Terminal : public ProgramTest {
 protected:
  void SetUp() override { write_digits(); }

  Call call(std::vector<std::string> more, int columns) const {
    return {.arguments = train(std::move(more)), .columns = columns};
  }

  // A training without end that is sent `signal` once its bar is there.
  Outcome interrupted(int signal, int columns) const {
    Call endless = call({"--out", "run", "--epochs", "100000000"}, columns);
    endless.until = [](const std::string& out) { return out.find("    1") != out.npos; };
    endless.then = [signal](pid_t pid, int) { ::kill(pid, signal); };
    return run(endless);
  }
};

TEST_F(Terminal, TheBarFitsAnyWidth) {
  for (const int columns : {200, 100, 60, 40, 20, 5}) {
    const Outcome outcome = run(call({"--out", "run", "--force"}, columns));
    EXPECT_EQ(outcome.code, 0) << outcome.out;
    const auto widths = frame_widths(outcome.out);
    ASSERT_FALSE(widths.empty());
    EXPECT_GT(*std::max_element(widths.begin(), widths.end()), 0);
    EXPECT_LT(*std::max_element(widths.begin(), widths.end()), columns) << outcome.out;
    EXPECT_EQ(outcome.out.find("\x1b[?25"), outcome.out.npos) << "the cursor was hidden";
  }
}

TEST_F(Terminal, LinesFitAsWell) {
  for (const int columns : {100, 60, 40}) {
    const Outcome outcome = run(call({"--out", "run", "--force", "--summary"}, columns));
    for (std::string line : lines_of(outcome.out)) {
      line.erase(0, line.rfind("\x1b[K") == line.npos ? 0 : line.rfind("\x1b[K") + 3);
      if (line.ends_with('\r')) line.pop_back();
      if (line.find('\x1b') != line.npos) continue;  // styled
      EXPECT_LE(int(line.size()), columns) << line;
    }
  }
}

TEST_F(Terminal, NoColorLeavesColoursOutAndKeepsTheBar) {
  const auto styled = [](const Outcome& outcome) {
    return outcome.out.find("\x1b[2m") != std::string::npos;
  };
  Call plain = call({"--out", "run", "--force"}, 80);
  EXPECT_TRUE(styled(run(plain)));
  plain.environment = {{"NO_COLOR", "1"}};
  const Outcome outcome = run(plain);
  EXPECT_FALSE(styled(outcome));
  EXPECT_EQ(outcome.out.find("\x1b[1m"), outcome.out.npos);
  EXPECT_FALSE(frame_widths(outcome.out).empty());
}

TEST_F(Terminal, ADumbOneGetsPlainLinesAndQuietNothing) {
  Call dumb = call({"--out", "run"}, 80);
  dumb.environment = {{"TERM", "dumb"}};
  EXPECT_EQ(run(dumb).out.find('\x1b'), std::string::npos);
  EXPECT_EQ(run(call({"--out", "quiet", "--quiet"}, 80)).out, "");
}

TEST_F(Terminal, TheBarIsAsciiWhereTheLocaleIsNotUtf8) {
  Call ascii = call({"--out", "run"}, 100);
  ascii.environment = {{"LC_ALL", "C"}};
  const std::string out = run(ascii).out;
  EXPECT_TRUE(std::none_of(out.begin(), out.end(), [](unsigned char c) { return c >= 128; }));
}

TEST_F(Terminal, AnInterruptEndsAfterTheBatchAndWritesWhatThereIs) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const Outcome outcome = interrupted(signal, 100);
    EXPECT_EQ(outcome.code, 130) << outcome.out;
    const Outcome eval = run({"eval", "run"});
    EXPECT_EQ(eval.code, 0) << eval.err;
    EXPECT_FALSE(csv_column(read("run/history.csv"), "test_loss").empty());
    for (const std::string& name : files()) EXPECT_EQ(name.find(".part"), name.npos) << name;
    std::filesystem::remove_all(path("run"));
  }
}

// Drawing the digits takes longer than the signal needs to come.
TEST_F(Terminal, AnInterruptBeforeTheTrainingLeavesNothing) {
  const auto before = files();
  Call early{.arguments = {"train", "--out", "run"}, .columns = 80};
  early.then = [](pid_t pid, int) { ::kill(pid, SIGINT); };
  const int code = run(early).code;
  EXPECT_TRUE(code == 130 || code == -SIGINT) << code;  // the latter before main() has begun
  EXPECT_EQ(files(), before);
}

TEST_F(Terminal, ASecondInterruptEndsAtOnce) {
  Call endless = call({"--out", "run", "--epochs", "100000000", "--batch", "1"}, 100);
  endless.until = [](const std::string& out) { return out.find("    1") != out.npos; };
  endless.then = [](pid_t pid, int) {
    for (int i = 0; i < 1000 && ::kill(pid, SIGINT) == 0; ++i) ::usleep(20);
  };
  EXPECT_EQ(run(endless).code, 130);
}

TEST_F(Terminal, ItFollowsAResize) {
  Call resized = call({"--out", "run", "--epochs", "100000000"}, 120);
  resized.until = [](const std::string& out) { return out.find("    1") != out.npos; };
  resized.then = [](pid_t pid, int terminal) {
    winsize size{.ws_row = 24, .ws_col = 50};
    ::ioctl(terminal, TIOCSWINSZ, &size);
    ::usleep(500'000);
    ::kill(pid, SIGINT);
  };
  auto widths = frame_widths(run(resized).out);
  std::erase(widths, 0);
  ASSERT_GT(widths.size(), 3u);
  EXPECT_GT(widths.front(), 50);
  EXPECT_LT(*std::max_element(widths.end() - 2, widths.end()), 50);
}

}  // namespace
}  // namespace ravine
