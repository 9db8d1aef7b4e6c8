// ravine replay: repeats the recorded steps of an optimizer, and says where they differ.
#include "ravine/replay.h"

#include <fmt/format.h>

#include <cmath>

#include "command.h"
#include "ravine/error.h"
#include "ravine/format.h"
#include "runtime_options.h"
#include "table.h"

namespace ravine::cli {
namespace {

struct ReplayFlags {
  std::string optimizer, out;
  double tolerance = 0;

  template <class F>
  void options(F f) {
    f(Option{"optimizer", "what to repeat the steps with; the file's metadata if not given"},
      optimizer);
    f(Option{"tolerance", "of a column's travel; 0: 1e-4 in float32, 1e-9 in float64",
             kNotNegative},
      tolerance);
    f(Option{"out", "safetensors file for the computed p and slots"}, out);
  }
};

OptimizerSpec spec_of(const ReplayFlags& flags, const Recording& recording) {
  if (!flags.optimizer.empty()) return flags.optimizer;
  const auto own = recording.metadata.find("optimizer");
  if (own == recording.metadata.end()) {
    throw UsageError("replay: the file does not say which optimizer; give --optimizer");
  }
  return own->second;
}

std::string origin(const Recording& recording) {
  std::string text;
  for (const char* key : {"framework", "version"}) {
    const auto found = recording.metadata.find(key);
    if (found != recording.metadata.end()) text += (text.empty() ? "; " : " ") + found->second;
  }
  return text;
}

std::string left(const std::string& text, size_t width) {
  return fmt::format("{:<{}}", text, width);
}

std::string counted(int64_t count, const char* what) {
  return fmt::format("{} {}{}", count_text(count), what, count == 1 ? "" : "s");
}

void show(Screen& screen, const Recording& recording, const OptimizerSpec& spec,
          const Replay& result, double tolerance) {
  screen.line(spec.text());
  screen.line(fmt::format("{}, {}, {}{}", counted(recording.steps(), "step"),
                          counted(int64_t(recording.tracks.size()), "parameter"),
                          name_of(recording.dtype()), origin(recording)));
  size_t width = 6;
  for (const Difference& d : result.differences) width = std::max(width, d.tensor.size());
  const Table table({{left("tensor", width), int(width)},
                     {"largest difference", 18},
                     {"at step", 7},
                     {fmt::format("first beyond {:g}", tolerance), 20}},
                    screen.width());
  screen.line("");
  screen.line(table.heading());
  const auto step_text = [](int64_t step) { return step == 0 ? "-" : count_text(step); };
  for (const Difference& d : result.differences) {
    if (!d.compared) {
      screen.line(table.row({left(d.tensor, width), "not kept here", "-", "-"}));
      continue;
    }
    screen.line(table.row({left(d.tensor, width), fmt::format("{:.2g}", d.largest),
                           step_text(d.largest_step), step_text(d.first_beyond)}));
  }
  screen.line("");
}

}  // namespace

int run_replay(Screen& screen, Arguments arguments) {
  std::string file;
  ReplayFlags flags;
  RuntimeOptions runtime;
  const Syntax syntax{
      .name = "replay",
      .about =
          "Repeats the steps of an optimizer that another program has recorded, and prints how "
          "far the parameters and slots are from the recorded ones, in units of the way that "
          "each element went. Exit code 1 where they differ. docs/parity.md has recorders.",
      .words = {{"FILE", "a safetensors file with p0, g and p", &file}},
      .sections = {{"replay", list_options(flags)}, {"this machine", list_options(runtime)}},
      .examples = "  ravine replay steps.safetensors --optimizer rmsprop:torch,lr=0.01\n"};
  const auto settings = parse(screen, syntax, arguments);
  if (!settings) return 0;
  set_options(syntax, list_options(runtime), set_options(syntax, list_options(flags), *settings));
  runtime.apply();

  const Recording recording = read_recording(file);
  const OptimizerSpec spec = spec_of(flags, recording);
  const double tolerance =
      flags.tolerance > 0 ? flags.tolerance : default_tolerance(recording.dtype());
  const Replay result = replay(recording, spec, tolerance);
  if (!flags.out.empty()) write_safetensors(flags.out, result.computed);
  show(screen, recording, spec, result, tolerance);
  screen.line(result.agrees() ? "agrees" : "differs");
  return result.agrees() ? 0 : 1;
}

}  // namespace ravine::cli
