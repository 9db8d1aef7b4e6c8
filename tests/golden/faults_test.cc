// The recordings can tell: an option of a dialect, set wrongly, is out of step with one of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "golden/recordings.h"
#include "optim/spec.h"
#include "ravine/error.h"
#include "ravine/rule.h"

namespace ravine {
namespace {

// An option with a wrong value: a flag turned, a number moved by a millionth, another word.
struct Fault {
  std::string option, word;
  auto operator<=>(const Fault&) const = default;
};

std::string wrong(const OptionRef& ref, const std::string& word) {
  if (const auto* flag = std::get_if<bool*>(&ref.value)) return **flag ? "false" : "true";
  if (const auto* number = std::get_if<double*>(&ref.value)) {
    const double x = **number;
    if (std::isinf(x)) return x < 0 ? "-0.9" : "0.9";
    return to_text(x == 0 ? 1e-3 : x * (1 - 1e-6));
  }
  return word;
}

// The options of a spec, those of the engine after the rule's.
struct Options {
  explicit Options(const OptimizerSpec& spec) : rule(spec.rule->clone()), engine(spec.engine) {
    list = rule->options();
    for (const OptionRef& option : list_options(engine)) {
      if (!find_option(list, option.option.name)) list.push_back(option);
    }
  }
  std::unique_ptr<Rule> rule;
  EngineOptions engine;
  std::vector<OptionRef> list;
};

// Of the engine's options those that a dialect sets.
constexpr const char* kOfDialects[] = {
    "weight_decay",     "weight_decay_by",   "l2",  "scale", "clip_value", "clip_norm",
    "clip_global_norm", "decay_before_clip", "low", "high",  "maximize",   "round_to_float32"};

std::set<Fault> faults_of(const OptimizerSpec& spec) {
  std::set<Fault> faults = {{"schedule", "constant"}};
  const Options options(spec);
  for (const OptionRef& ref : options.list) {
    const std::string name = ref.option.name;
    if (!find_option(options.rule->options(), name) && !std::ranges::count(kOfDialects, name))
      continue;
    if (ref.option.choices == nullptr) {
      faults.insert({name, ""});
      continue;
    }
    for (const std::string_view word : split(ref.option.choices, '|')) {
      faults.insert({name, std::string(word)});
    }
  }
  return faults;
}

// nullopt where the fault changes nothing or contradicts another option.
std::optional<OptimizerSpec> with(const Fault& fault, const OptimizerSpec& spec) {
  const Options options(spec);
  const OptionRef& ref = *find_option(options.list, fault.option);
  try {
    const OptimizerSpec other = changed(spec, fault.option + "=" + wrong(ref, fault.word));
    if (other.text() != spec.text()) return other;
  } catch (const UsageError&) {
  }
  return std::nullopt;
}

bool is_seen(const Recording& recording, const OptimizerSpec& spec) {
  return recording.dtype() == DType::kFloat64
             ? !replay(recording, spec, tolerance_of(spec)).agrees()
             : !float32_faults(recording, spec).empty();
}

// What no recording of these dialects can show.
struct Excuse {
  const char *dialects, *rules, *option, *why;
};
constexpr Excuse kExcuses[] = {
    {"keras2|keras3|mlx|mxnet|optax|tf1|timm_tf|torch", "rmsprop", "clamp",
     "a variance below 0 comes of rounding, and each framework rounds in its own order"},
    {"keras2|keras3|mlx|mxnet|optax|tf1|timm_tf|torch", "rmsprop", "eps_guard", "ensmallen's"},
    {"keras2|keras3|mlx|optax|tf1|timm_tf|torch", "sgd|adagrad|rmsprop|adam|adamw",
     "decay_before_clip", "they do not have coupled decay and clipping"},
    {"keras2|mlx|mxnet|optax|tf1|torch", "sgd|adagrad|rmsprop|adam", "weight_decay_by",
     "they have no decoupled decay"},
    {"keras2|tf1", "adam", "float32_powers", "their beta is a float32 already"},
    {"tf1", "adagrad", "eps_inside", "eps is 0"},
    {"tf1", "adagrad|sgd", "round_to_float32", "other words name the same options"},
    {"keras3", "sgd", "round_to_float32", "momentum is rounded already"},
    {"mlx", "rmsprop", "lr_in_momentum", "it has no momentum"},
};

bool is_excused(const std::string& dialect, const std::string& rule, const Fault& fault) {
  const auto in = [](const char* list, const std::string& word) {
    return std::ranges::count(split(list, '|'), word) > 0;
  };
  return std::ranges::any_of(kExcuses, [&](const Excuse& e) {
    return in(e.dialects, dialect) && in(e.rules, rule) && fault.option == e.option;
  });
}

using Recordings = std::vector<std::pair<Recording, OptimizerSpec>>;

// Those of a dialect, by rule.
std::map<std::string, Recordings> all_of(const std::string& dialect) {
  std::map<std::string, Recordings> rules;
  for (const char* dtype : {"float64", "float32"}) {
    for (const fs::path& path : recordings(dialect, dtype)) {
      Recording recording = read_recording(path);
      const OptimizerSpec spec = OptimizerSpec(recording.metadata.at("optimizer")).text();
      rules[spec.rule_name()].emplace_back(std::move(recording), spec);
    }
  }
  return rules;
}

class Faults : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Framework, Faults, ::testing::ValuesIn(dialects()),
                         [](const auto& info) { return info.param; });

TEST_P(Faults, AreSeenByARecording) {
  int seen = 0;
  for (const auto& [rule, recorded] : all_of(GetParam())) {
    for (const Fault& fault : faults_of(recorded.front().second)) {
      bool applies = false;
      const bool found = std::ranges::any_of(recorded, [&](const auto& entry) {
        const auto other = with(fault, entry.second);
        applies |= other.has_value();
        return other && is_seen(entry.first, *other);
      });
      seen += found;
      EXPECT_TRUE(found || !applies || is_excused(GetParam(), rule, fault))
          << rule << ": " << fault.option << " " << fault.word;
    }
  }
  EXPECT_GT(seen, 15);
}

}  // namespace
}  // namespace ravine
