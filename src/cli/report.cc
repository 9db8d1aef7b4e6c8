// ravine report: what happened in one run, or in several side by side, to look at.
#include "ravine/report.h"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include <string>
#include <vector>

#include "command.h"
#include "ravine/error.h"
#include "ravine/format.h"

extern char** environ;

namespace ravine::cli {
namespace {

namespace fs = std::filesystem;

struct ReportFlags {
  std::string out;
  bool open = false, text = false;

  template <class F>
  void options(F f) {
    f(Option{"out",
             "file to write; report.html in the run's folder, or beside the first of several"},
      out);
    f(Option{"open", "show the page in the browser (xdg-open)"}, open);
    f(Option{"text", "draw the curves here instead of writing a page"}, text);
  }
};

void check(const ReportFlags& flags) {
  if (!flags.text) return;
  for (const auto& [given, flag] :
       {std::pair(flags.open, "--open"), {!flags.out.empty(), "--out"}}) {
    if (given) {
      throw UsageError(
          fmt::format("report: --text writes no page, so {} does not go with it", flag));
    }
  }
}

fs::path default_file(const std::vector<fs::path>& runs) {
  const fs::path folder = runs.size() == 1 ? runs[0] : runs[0] / "..";
  return (folder / "report.html").lexically_normal();
}

void open_in_browser(const fs::path& page) {
  const std::string file = fs::absolute(page).string();
  std::string program = "xdg-open";
  char* const words[] = {program.data(), const_cast<char*>(file.c_str()), nullptr};
  pid_t child = 0;
  int status = 0;
  const bool opened = ::posix_spawnp(&child, words[0], nullptr, nullptr, words, environ) == 0 &&
                      ::waitpid(child, &status, 0) == child && WIFEXITED(status) &&
                      WEXITSTATUS(status) == 0;
  if (!opened) {
    throw Error(fmt::format("xdg-open does not open {}; open it in a browser by hand", file));
  }
}

}  // namespace

int run_report(Screen& screen, Arguments arguments) {
  std::vector<std::string> words;
  ReportFlags flags;
  const Syntax syntax{
      .name = "report",
      .about =
          "Writes one page about a run, or about several overlaid: curves, confusion matrix, the "
          "surest mistakes, network, options and command. It needs the run folders alone, no data "
          "and no network. `ravine train` writes it at its end.",
      .words = {{"RUN...", "run folders, as `ravine train` writes them", &words}},
      .sections = {{"options", list_options(flags)}},
      .examples =
          "  ravine report runs/keras --open\n"
          "  ravine report runs/rmsprop runs/adam runs/sgd --out compared.html\n"
          "  ravine report runs/keras --text\n"};
  const auto settings = parse(screen, syntax, arguments);
  if (!settings) return 0;
  set_options(syntax, list_options(flags), *settings);
  check(flags);
  const std::vector<fs::path> runs(words.begin(), words.end());
  if (flags.text) {
    screen.text(report_text(runs, screen.text_options()));
    return 0;
  }
  const fs::path file = flags.out.empty() ? default_file(runs) : fs::path(flags.out);
  write_page(file, report_page(runs));
  screen.line(fmt::format("written: {}", file.string()));
  if (flags.open) open_in_browser(file);
  return 0;
}

}  // namespace ravine::cli
