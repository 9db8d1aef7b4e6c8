// ravine landscape: the paths of optimizers over a surface.
#include "ravine/landscape.h"

#include <fmt/format.h>

#include "command.h"
#include "help.h"
#include "ravine/error.h"
#include "ravine/format.h"
#include "ravine/report.h"

namespace ravine::cli {
namespace {

struct LandscapeFlags {
  std::string out = "landscape.svg";

  template <class F>
  void options(F f) {
    f(Option{"out", "file to write: a picture, or with a name in .html a page that plays"}, out);
  }
};

std::string about() {
  std::string text =
      "Draws the paths of optimizers over a surface, as a picture or a page that plays. The "
      "surface "
      "is an expression in x and y, or one of these:";
  for (const Surface& surface : surfaces()) {
    text += fmt::format("{} {} ({})", text.ends_with(':') ? "" : ",", surface.name, surface.about);
  }
  return text + ".";
}

}  // namespace

int run_landscape(Screen& screen, Arguments arguments) {
  LandscapeOptions options{.function = "", .optimizers = {}};
  LandscapeFlags flags;
  const std::string text = about();
  const Syntax syntax{
      .name = "landscape",
      .about = text.c_str(),
      .words = {{"FUNCTION", "a surface, or an expression in x and y", &options.function},
                {"OPTIMIZER...", "NAME[:DIALECT][,option=value...]", &options.optimizers}},
      .sections = {{"options", list_options(options)}, {"the file", list_options(flags)}},
      .examples =
          "  ravine landscape rosenbrock rmsprop adam --out land.svg\n"
          "  ravine landscape beale rmsprop sgd,momentum=0.9 adagrad,lr=0.1 --out land.html\n"
          "  ravine landscape \"x^2 + 3*sin(y)^2\" adam,lr=0.01 --start x=2,y=1 --steps 500\n"};
  auto settings = parse(screen, syntax, arguments);
  if (!settings) return 0;
  settings = set_options(syntax, list_options(options), *settings);
  set_options(syntax, list_options(flags), *settings);
  const bool page = flags.out.ends_with(".html");
  if (!page && !flags.out.ends_with(".svg")) {
    throw UsageError(fmt::format("landscape: out is a name in .svg or .html, got '{}'", flags.out));
  }
  const Landscape seen = landscape(options);
  write_page(flags.out, page ? landscape_page(seen) : landscape_svg(seen));
  Entries entries;
  for (const LandscapePath& path : seen.paths) {
    entries.emplace_back(
        path.optimizer,
        fmt::format("{} updates, to x {:.5g}, y {:.5g}, height {:.5g}{}",
                    count_text(int64_t(path.x.size()) - 1), path.x.back(), path.y.back(),
                    path.loss.back(), path.ended.empty() ? "" : "; ends early: " + path.ended));
  }
  screen.text(fmt::format("{}\n", seen.surface.formula) + entries_text(entries, screen.width()));
  screen.line(fmt::format("written: {}", flags.out));
  return 0;
}

}  // namespace ravine::cli
