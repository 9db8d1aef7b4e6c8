// ravine data: which data sets there are, and how to get them.
#include <fmt/format.h>

#include "command.h"
#include "describe.h"
#include "environment.h"
#include "ravine/error.h"
#include "ravine/format.h"

namespace ravine::cli {
namespace {

constexpr int kNameWidth = 16;

std::string state_of(const std::string& name, const DataOptions& places) {
  try {
    const TrainTest data = load_data(name, places);
    return fmt::format("{} to train, {} to test", count_text(int64_t(data.train.size())),
                       count_text(int64_t(data.test.size())));
  } catch (const Error& error) {
    const std::string text = error.what(), owner = name + ": ";
    return text.starts_with(owner) ? text.substr(owner.size()) : text;
  }
}

int list_sets(Screen& screen, const DataOptions& places) {
  for (const std::string& name : dataset_names()) {
    screen.line(fmt::format("{:<{}}{}", name, kNameWidth,
                            wrapped(state_of(name, places), screen.width(), kNameWidth)));
  }
  return 0;
}

int get_set(Screen& screen, const std::string& name, const DataOptions& places) {
  if (name.empty()) {
    throw UsageError("data: NAME of the set to get is missing; `ravine data list` names them");
  }
  download(name, places, [&](std::string_view what) { screen.line(what); });
  screen.line(fmt::format("{}: {}", name, state_of(name, places)));
  return 0;
}

}  // namespace

int run_data(Screen& screen, Arguments arguments) {
  std::string action, name;
  DescribeFlags flags;
  const Syntax syntax{
      .name = "data",
      .about =
          "`ravine data list` tells which data sets there are and which are here. "
          "`ravine data get NAME` fetches one into the cache folder, checked by size and "
          "SHA-256; without a network it says which files to put where. "
          "`ravine data describe FILE` shows what is in a table (CSV), an IDX file or a set by "
          "name: ranges, means, missing values, classes, repeated rows.",
      .words = {{"ACTION", "list, get or describe", &action},
                {"NAME", "of the data set, or a file to describe", &name, false}},
      .sections = {{"describe", list_options(flags)}},
      .examples =
          "  ravine data list\n  ravine data get mnist\n"
          "  ravine data describe train.csv --test test.csv\n"};
  const auto settings = parse(screen, syntax, arguments);
  if (!settings) return 0;
  set_options(syntax, list_options(flags), *settings);
  if (action == "describe") {
    if (name.empty()) throw UsageError("data: NAME of the file or set to describe is missing");
    return describe(screen, name, flags);
  }
  if (!settings->empty()) {
    throw UsageError(
        fmt::format("data: --{} is for describe, not for {}", settings->front().name, action));
  }
  const DataOptions places = data_places();
  if (action == "get") return get_set(screen, name, places);
  if (action != "list") {
    const std::vector<std::string> actions = {"list", "get", "describe"};
    throw UsageError(fmt::format("data: no action '{}'{} (it has list, get, describe)", action,
                                 suggestion(action, actions)));
  }
  if (!name.empty()) throw UsageError(fmt::format("data: list takes no name, got '{}'", name));
  return list_sets(screen, places);
}

}  // namespace ravine::cli
