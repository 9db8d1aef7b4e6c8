// ravine trace: the first steps of an optimizer, number by number.
#include "ravine/trace.h"

#include <fmt/format.h>

#include "command.h"
#include "ravine/error.h"

namespace ravine::cli {
namespace {

struct TraceFlags {
  bool markdown = false;
  int64_t digits = 6;

  template <class F>
  void options(F f) {
    f(Option{"markdown", "as a table for a page"}, markdown);
    f(Option{"digits", "of each number", {.low = 1, .high = 17}}, digits);
  }
};

}  // namespace

int run_trace(Screen& screen, Arguments arguments) {
  TraceOptions options;
  TraceFlags flags;
  const Syntax syntax{
      .name = "trace",
      .about =
          "Minimises a function by hand, as it were: each step's gradient, averages, root, rate, "
          "update and parameter, beside the formula that it came from. Of several optimizers, what "
          "differs from the first one's digits stands in brackets.",
      .words = {{"OPTIMIZER...", "NAME[:DIALECT][,option=value...]", &options.optimizers}},
      .sections = {{"options", list_options(options)}, {"how it is shown", list_options(flags)}},
      .examples =
          "  ravine trace rmsprop --function \"(theta-1)^2\" --steps 5\n"
          "  ravine trace rmsprop:torch rmsprop:tf1,learning_rate=0.01 adam --fit line.csv\n"
          "  ravine trace adam,lr=0.1 --function \"(1-x)^2 + 100*(y-x^2)^2\" --start x=-1,y=1\n"};
  auto settings = parse(screen, syntax, arguments);
  if (!settings) return 0;
  settings = set_options(syntax, list_options(flags), *settings);
  set_options(syntax, list_options(options), *settings);
  const std::vector<Trace> traces = trace(options);
  screen.text(trace_text(traces, {.markdown = flags.markdown, .digits = int(flags.digits)}));
  int code = 0;
  for (const Trace& one : traces) {
    if (one.ended.empty()) continue;
    code = 1;
    screen.line(fmt::format("\n{} ends here: {}", one.optimizer, one.ended));
  }
  return code;
}

}  // namespace ravine::cli
