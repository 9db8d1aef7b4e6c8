// The data sets by name: a new one is a file of its own and a line here.
#include <fmt/format.h>

#include "base/text.h"
#include "data/digits.h"
#include "data/download.h"
#include "data/published.h"
#include "ravine/data.h"
#include "ravine/error.h"

namespace ravine {
namespace {

struct Set {
  const char* name;
  TrainTest (*load)(const DataOptions&);
  PublishedSet (*published)();  // nullptr: nothing to fetch
};

constexpr Set kSets[] = {
    {"digits", [](const DataOptions& options) { return draw_digits(options.seed); }, nullptr},
    {"mnist", [](const DataOptions& options) { return load_published(mnist(), options); }, mnist},
    {"fashion-mnist",
     [](const DataOptions& options) { return load_published(fashion_mnist(), options); },
     fashion_mnist},
};

const Set& find_set(std::string_view name) {
  for (const Set& set : kSets) {
    if (name == set.name) return set;
  }
  const auto names = dataset_names();
  throw UsageError(fmt::format("data: no set '{}'{} (there are {})", name, suggestion(name, names),
                               join(names, ", ")));
}

}  // namespace

std::vector<std::string> dataset_names() {
  std::vector<std::string> names;
  for (const Set& set : kSets) names.emplace_back(set.name);
  return names;
}

std::vector<std::string> dataset_classes(std::string_view name) {
  const Set& set = find_set(name);
  return set.published ? set.published().class_names : digit_names();
}

TrainTest load_data(std::string_view name, const DataOptions& options) {
  return find_set(name).load(options);
}

void download(std::string_view name, const DataOptions& options,
              const std::function<void(std::string_view)>& progress) {
  const Set& set = find_set(name);
  if (set.published == nullptr) {
    throw UsageError(fmt::format("data: {} is drawn by Ravine; there is nothing to fetch", name));
  }
  if (options.cache.empty()) throw UsageError("data: no folder was given to put the files into");
  fetch(set.published(), options.cache / set.name, progress);
}

}  // namespace ravine
