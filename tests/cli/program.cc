#include "cli/program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <pty.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace ravine {
namespace {

namespace fs = std::filesystem;

struct Child {
  pid_t pid = -1;
  int out = -1, err = -1;  // err -1: it is in out
};

[[noreturn]] void become_program(const Call& call, const fs::path& folder) {
  std::vector<std::string> variables = {"PATH=/usr/bin:/bin", "TERM=xterm", "LC_ALL=C.UTF-8",
                                        "HOME=" + folder.string()};
  for (const char* name : {"ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS", "LLVM_PROFILE_FILE"}) {
    if (const char* value = std::getenv(name))
      variables.push_back(fmt::format("{}={}", name, value));
  }
  for (const auto& [name, value] : call.environment) {
    std::erase_if(variables, [&](const auto& v) { return v.starts_with(name + "="); });
    variables.push_back(name + "=" + value);
  }
  std::vector<std::string> words = {RAVINE_PROGRAM};
  words.insert(words.end(), call.arguments.begin(), call.arguments.end());
  std::vector<char*> argv, envp;
  for (std::string& word : words) argv.push_back(word.data());
  for (std::string& variable : variables) envp.push_back(variable.data());
  argv.push_back(nullptr), envp.push_back(nullptr);
  if (::chdir(folder.c_str()) == 0) ::execve(RAVINE_PROGRAM, argv.data(), envp.data());
  ::_exit(127);
}

Child start(const Call& call, const fs::path& folder) {
  Child child;
  if (call.columns > 0) {
    winsize size{.ws_row = 24, .ws_col = uint16_t(call.columns)};
    child.pid = ::forkpty(&child.out, nullptr, nullptr, &size);
    if (child.pid == 0) become_program(call, folder);
    return child;
  }
  int out[2], err[2];
  if (::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0) return child;
  child.pid = ::fork();
  if (child.pid == 0) {
    ::dup2(call.output >= 0 ? call.output : out[1], STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    become_program(call, folder);
  }
  ::close(out[1]), ::close(err[1]);
  child.out = out[0], child.err = err[0];
  return child;
}

// Appends what there is; false at the end.
bool receive(int fd, std::string& text) {
  std::array<char, 65536> buffer;
  const ssize_t n = ::read(fd, buffer.data(), buffer.size());
  if (n > 0) text.append(buffer.data(), size_t(n));
  return n > 0;
}

void collect(const Call& call, const Child& child, Outcome& outcome) {
  std::vector<pollfd> files = {{child.out, POLLIN, 0}, {child.err, POLLIN, 0}};
  bool waiting = bool(call.until);
  if (call.then && !waiting) {
    ::usleep(100'000);
    call.then(child.pid, child.out);
  }
  while (files[0].fd >= 0 || files[1].fd >= 0) {
    if (::poll(files.data(), files.size(), 120'000) <= 0) {  // it hangs
      ::kill(child.pid, SIGKILL);
      ADD_FAILURE() << "the program did not end; so far:\n" << outcome.out << outcome.err;
      return;
    }
    if (files[0].revents != 0 && !receive(files[0].fd, outcome.out)) files[0].fd = -1;
    if (files[1].revents != 0 && !receive(files[1].fd, outcome.err)) files[1].fd = -1;
    if (waiting && call.until(outcome.out)) {
      waiting = false;
      call.then(child.pid, child.out);
    }
  }
}

}  // namespace

ProgramTest::ProgramTest() {
  std::string name = (fs::temp_directory_path() / "ravine t\u00e4st XXXXXX").string();
  folder_ = ::mkdtemp(name.data());
}

ProgramTest::~ProgramTest() {
  std::error_code error;
  fs::remove_all(folder_, error);
}

Outcome ProgramTest::run(const Call& call) const {
  Outcome outcome;
  const Child child = start(call, folder_);
  if (child.pid < 0) {
    ADD_FAILURE() << "cannot start a process";
    return outcome;
  }
  collect(call, child, outcome);
  int status = 0;
  rusage usage{};
  ::wait4(child.pid, &status, 0, &usage);
  outcome.peak_kib = usage.ru_maxrss;
  ::close(child.out);
  if (child.err >= 0) ::close(child.err);
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return outcome;
}

std::vector<std::string> ProgramTest::train(std::vector<std::string> more) const {
  std::vector<std::string> words = {"train",      "--data",  "mnist",
                                    "--data-dir", "set",     "--batch",
                                    "32",         "--model", "dense(16) relu dropout(0.2)",
                                    "--epochs",   "2",       "--threads",
                                    "1"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

void ProgramTest::expect_refused(const Call& call, int code, const std::string& text) const {
  SCOPED_TRACE(fmt::format("ravine {}", fmt::join(call.arguments, " ")));
  const auto before = files();
  const Outcome outcome = run(call);
  EXPECT_EQ(outcome.code, code);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(lines_of(outcome.err).size(), 1u) << outcome.err;
  EXPECT_TRUE(outcome.err.starts_with("ravine: ") && outcome.err.ends_with("\n")) << outcome.err;
  EXPECT_NE(outcome.err.find(text), outcome.err.npos) << outcome.err << "does not have: " << text;
  EXPECT_EQ(files(), before);
}

std::string ProgramTest::read(const std::string& name) const {
  std::ifstream file(path(name), std::ios::binary);
  EXPECT_TRUE(file) << "no file " << name;
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

void ProgramTest::write(const std::string& name, const std::string& bytes) const {
  fs::create_directories(path(name).parent_path());
  std::ofstream(path(name), std::ios::binary) << bytes;
}

std::vector<std::string> ProgramTest::files() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
    names.push_back(fs::relative(entry.path(), folder_).string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void ProgramTest::write_digits(const std::string& name) const {
  const auto big_endian = [](uint32_t x) {
    return std::string{char(x >> 24), char(x >> 16), char(x >> 8), char(x)};
  };
  uint32_t noise = 1;
  const auto part = [&](const std::string& prefix, uint32_t count) {
    std::string images = big_endian(0x803) + big_endian(count) + big_endian(8) + big_endian(8);
    std::string labels = big_endian(0x801) + big_endian(count);
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t label = i % 10;
      labels += char(label);
      for (uint32_t at = 0; at < 64; ++at) {
        noise = noise * 1664525 + 1013904223;
        const bool ink = at / 8 == label % 8 || at % 8 == label * 3 % 8;
        images += char((ink ? 155 : 0) + (noise >> 24) % 100);
      }
    }
    write(name + "/" + prefix + "-images-idx3-ubyte", images);
    write(name + "/" + prefix + "-labels-idx1-ubyte", labels);
  };
  part("train", 203);
  part("t10k", 57);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> csv_column(const std::string& csv, const std::string& name) {
  const auto cells = [](const std::string& line) {
    std::vector<std::string> parts;
    std::istringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');) parts.push_back(cell);
    return parts;
  };
  const auto lines = lines_of(csv);
  if (lines.empty()) return {};
  const auto titles = cells(lines[0]);
  const size_t at = size_t(std::find(titles.begin(), titles.end(), name) - titles.begin());
  EXPECT_LT(at, titles.size()) << "no column " << name << " in " << lines[0];
  std::vector<std::string> column;
  for (size_t i = 1; i < lines.size(); ++i) column.push_back(cells(lines[i]).at(at));
  return column;
}

}  // namespace ravine
