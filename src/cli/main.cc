// The program `ravine`: finds the command, runs it, and tells of errors in one line.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <new>

#include "command.h"
#include "help.h"
#include "interrupt.h"
#include "ravine/error.h"
#include "ravine/runtime.h"
#include "runtime_options.h"

namespace ravine::cli {
namespace {

// A file must never be opened as number 0, 1 or 2, where messages would land in it.
void open_standard_files() {
  for (const int fd : {0, 1, 2}) {
    if (::fcntl(fd, F_GETFD) < 0) (void)::open("/dev/null", O_RDWR);
  }
}

[[noreturn]] void reject_command(std::string_view name) {
  std::vector<std::string> names = {"--help", "--version"};
  for (const Command& command : commands()) names.emplace_back(command.name);
  const std::string near = suggestion(name, names);
  throw UsageError(
      fmt::format("no command '{}'{}", name, near.empty() ? "; see `ravine --help`" : near));
}

int dispatch(Screen& screen, Arguments arguments) {
  if (arguments.empty()) {
    screen.text(program_help(screen.width()));
    return 2;
  }
  const std::string_view name = arguments[0];
  if (name == "--help" || name == "-h" || name == "help") {
    screen.text(program_help(screen.width()));
    return 0;
  }
  if (name == "--version") {
    RuntimeOptions().apply();
    screen.text(version_report());
    return 0;
  }
  for (const Command& command : commands()) {
    if (name == command.name) return command.run(screen, arguments.subspan(1));
  }
  reject_command(name);
}

// One line, whatever was in the names that it quotes.
int fail(int code, std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 127; }, ' ');
  text = fmt::format("ravine: {}\n", text);
  (void)!::write(STDERR_FILENO, text.data(), text.size());
  return code;
}

int run(Arguments arguments) {
  try {
    Screen screen;
    const int code = dispatch(screen, arguments);
    screen.clear();
    return screen.check() ? code : 1;
  } catch (const UsageError& error) {
    return fail(2, error.what());
  } catch (const std::bad_alloc&) {
    return fail(1, "out of memory; a smaller model or batch needs less");
  } catch (const std::exception& error) {
    return fail(1, error.what());
  }
}

}  // namespace
}  // namespace ravine::cli

int main(int argc, char** argv) {
  ravine::cli::open_standard_files();
  ::signal(SIGPIPE, SIG_IGN);  // write() says so too, and files are then finished
  ravine::cli::catch_interrupts();
  return ravine::cli::run({argv + std::min(argc, 1), size_t(std::max(argc - 1, 0))});
}
