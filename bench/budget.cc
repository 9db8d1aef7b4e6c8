// What Ravine costs beside training: start, memory, compile time, build time.
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "bench/harness.h"
#include "ravine/error.h"

extern char** environ;

namespace ravine::bench {
namespace {

namespace fs = std::filesystem;

// A folder that is removed at the end.
class Scratch {
 public:
  Scratch() : path_(fs::temp_directory_path() / fmt::format("ravine-bench-{}", getpid())) {
    fs::create_directories(path_);
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  std::string operator/(const char* name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

// Runs a program to its end, its output thrown away. Throws Error if it fails.
rusage run(std::vector<std::string> command) {
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failed =
      posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  rusage usage{};
  if (failed != 0 || wait4(child, &status, 0, &usage) < 0 || status != 0) {
    throw Error(fmt::format("{} failed", fmt::join(command, " ")));
  }
  return usage;
}

double median_seconds(const Work& work, int rounds) {
  std::vector<double> times;
  for (int i = 0; i < rounds; ++i) times.push_back(seconds(work));
  return spread(times).median;
}

BudgetResult start() {
  const auto version = [] { run({RAVINE_PROGRAM, "--version"}); };
  version();
  return {"start of ravine --version", "ms", median_seconds(version, 21) * 1e3};
}

BudgetResult peak_memory(const Scratch& scratch) {
  const bool real = std::getenv("RAVINE_DATA") != nullptr;
  const rusage usage = run({RAVINE_PROGRAM, "train", "--quiet", "--data", real ? "mnist" : "digits",
                            "--model", "dense(128) relu dropout(0.2) dense(10)", "--epochs", "2",
                            "--batch", "128", "--out", scratch / "run"});
  return {"peak memory of a training", "MB", double(usage.ru_maxrss) * 1024 * 1e-6};
}

BudgetResult compile(const Scratch& scratch) {
  const std::string source = scratch / "all.cc";
  write_file(source, "#include \"ravine/ravine.h\"\nint main() {}\n");
  const auto work = [&] {
    run({RAVINE_COMPILER, "-std=c++20", "-O2", "-I", RAVINE_SOURCE "/include", "-c", source, "-o",
         scratch / "all.o"});
  };
  return {"compile a file with ravine/ravine.h", "s", median_seconds(work, 5)};
}

// Everything, tests and examples too, without ccache.
BudgetResult build(const Scratch& scratch) {
  const std::string folder = scratch / "build";
  run({"cmake", "-S", RAVINE_SOURCE, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
       "-DCCACHE=OFF"});
  return {"full Release build", "s", seconds([&] {
            run({"cmake", "--build", folder, "--parallel", "2"});
          })};
}

}  // namespace

void run_budgets(const Selection& selection,
                 const std::function<void(const BudgetResult&)>& report) {
  const Scratch scratch;
  if (selection.takes("start")) report(start());
  if (selection.takes("memory")) report(peak_memory(scratch));
  if (selection.takes("compile")) report(compile(scratch));
}

void run_build(const std::function<void(const BudgetResult&)>& report) { report(build(Scratch())); }

}  // namespace ravine::bench
