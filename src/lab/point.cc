// Spaces and the options that their names mean.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "lab/space.h"
#include "optim/assignments.h"
#include "ravine/error.h"
#include "ravine/optimizer.h"

namespace ravine::lab {
namespace {

// An optimizer's line: "rmsprop:torch" and what follows it.
struct Line {
  std::string head;
  std::vector<Setting> written;

  explicit Line(std::string_view text) {
    const size_t comma = text.find(',');
    head = trim(text.substr(0, comma));
    if (comma == text.npos) return;
    for (const Assignment& a : parse_assignments(head, text.substr(comma + 1))) {
      written.push_back({std::string(a.name), std::string(a.value)});
    }
  }
  bool has(std::string_view name) const {
    return std::ranges::count(written, name, &Setting::name) > 0;
  }
  std::string rule() const { return head.substr(0, head.find(':')); }
  std::string dialect() const {
    const size_t colon = head.find(':');
    return colon == head.npos ? "" : head.substr(colon + 1);
  }
  std::string text() const {
    std::string line = head;
    for (const Setting& s : written) line += fmt::format(",{}={}", s.name, s.text);
    return line;
  }
};

// What may be written after the head; empty where the rule or dialect is not known.
std::vector<std::string> words_of(const Line& line) {
  std::vector<std::string> words;
  const auto add = [&](const std::vector<OptionHelp>& options) {
    for (const OptionHelp& option : options) words.push_back(option.name);
  };
  for (const RuleHelp& rule : rule_help()) {
    if (rule.name != line.rule()) continue;
    if (line.dialect().empty()) add(rule.options);
    for (const RuleHelp::Dialect& dialect : rule.dialects) {
      if (dialect.name == line.dialect()) add(dialect.options), words.emplace_back("lr");
    }
  }
  if (!words.empty()) add(engine_help());
  return words;
}

// Whether the line is an error as long as nothing gives it more options, as rmsprop:tf1 is.
bool demands_options(const std::string& head) {
  try {
    const OptimizerSpec spec(head);
    return false;
  } catch (const UsageError&) {
    return true;
  }
}

struct RuleSpace {
  const char* rule;
  const char* space;
};
// Around what is usual; a rule that is not here is searched around its own lr.
constexpr RuleSpace kSpaces[] = {
    {"sgd", "lr=1e-3..1:log momentum=0,0.9"},
    {"adagrad", "lr=1e-4..1:log"},
    {"rmsprop", "lr=1e-5..1e-1:log alpha=0.9,0.99"},
    {"adam", "lr=1e-5..1e-1:log beta2=0.99,0.999"},
    {"adamw", "lr=1e-5..1e-1:log weight_decay=1e-4..1e-1:log"},
};

bool replace_placeholder(std::string& text, const Setting& setting) {
  const std::string place = fmt::format("{{{}}}", setting.name);
  bool found = false;
  for (size_t at = 0; (at = text.find(place, at)) != text.npos; at += setting.text.size()) {
    text.replace(at, place.size(), setting.text);
    found = true;
  }
  return found;
}

void set_train_option(TrainConfig& config, const std::string& name, const std::string& text) {
  set_option("train", list_options(config), name, text);
  if (name == "steps" && config.steps > 0) config.epochs = 0;
}

[[noreturn]] void reject_unknown(const TrainConfig& config, const Line& line,
                                 const std::vector<std::string>& words, const std::string& name) {
  if (words.empty()) (void)OptimizerSpec(line.head);  // says that there is no such rule or dialect
  std::vector<std::string> names = words;
  TrainConfig copy = config;
  for (const OptionRef& option : list_options(copy)) names.emplace_back(option.option.name);
  throw UsageError(
      fmt::format("space: '{}' is no option of {} or of the training, and {{{}}} stands neither "
                  "in the model nor in the optimizer{}",
                  name, line.head, name, suggestion(name, names)));
}

}  // namespace

std::string rule_of(std::string_view line) { return Line(line.substr(0, line.find(','))).rule(); }

Space default_space(std::string_view optimizer) {
  const Line line(optimizer);
  const auto known = std::ranges::find(kSpaces, line.rule(), &RuleSpace::rule);
  const bool demanding = demands_options(line.head);
  if (!demanding) (void)OptimizerSpec(line.text());  // an error in it is told before one here
  Space space;
  if (known != std::end(kSpaces)) {
    space = parse_space(known->space);
  } else {
    const double lr = OptimizerSpec(line.head).lr();
    space = {{.name = "lr", .values = {}, .low = lr / 100, .high = lr * 100, .log = true}};
  }
  // A dialect has words of its own but for lr, and one that demands it cannot do without.
  if (!line.dialect().empty()) space.resize(1);
  std::erase_if(space, [&](const Dimension& d) {
    const bool written = line.has(d.name) || (d.name == "lr" && line.has("learning_rate"));
    return written && !demanding;
  });
  if (space.empty()) {
    throw UsageError(
        fmt::format("space: '{}' leaves nothing of its rule's space ({}) to search; write fewer "
                    "options, or a space of its own",
                    optimizer, known == std::end(kSpaces) ? "lr" : known->space));
  }
  return space;
}

TrainConfig at_point(const TrainConfig& base, const Point& point) {
  TrainConfig config = base;
  Point options;
  for (const Setting& setting : point) {
    const bool in_model = replace_placeholder(config.model, setting);
    const bool in_optimizer = replace_placeholder(config.optimizer, setting);
    if (!in_model && !in_optimizer) options.push_back(setting);
  }
  Line line(config.optimizer);
  const std::vector<std::string> words = words_of(line);
  for (const Setting& setting : options) {
    const auto own = list_options(config);
    if (setting.name.starts_with("train.")) {
      set_train_option(config, setting.name.substr(6), setting.text);
    } else if (std::ranges::count(words, setting.name)) {
      const std::string name =
          setting.name == "lr" && line.has("learning_rate") ? "learning_rate" : setting.name;
      std::erase_if(line.written, [&](const Setting& s) { return s.name == name; });
      line.written.push_back({name, setting.text});
    } else if (find_option(own, setting.name)) {
      set_train_option(config, setting.name, setting.text);
    } else {
      reject_unknown(config, line, words, setting.name);
    }
  }
  config.optimizer = OptimizerSpec(line.text()).text();
  return config;
}

}  // namespace ravine::lab
