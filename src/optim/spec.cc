#include "optim/spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/text.h"
#include "optim/assignments.h"
#include "optim/dialects.h"
#include "optim/rule.h"
#include "optim/stored.h"
#include "ravine/error.h"
#include "ravine/schedule.h"

namespace ravine {
namespace {

// Everything that a plain line can set: the rule's options, and the engine's but for those whose
// place the rule's take. They point into both.
std::vector<OptionRef> all_options(Rule& rule, EngineOptions& engine) {
  const std::vector<OptionRef> own = rule.options();
  std::vector<OptionRef> list = own;
  for (const OptionRef& option : list_options(engine)) {
    if (find_option(own, option.option.name) == nullptr) list.push_back(option);
  }
  return list;
}

std::unique_ptr<Rule> default_rule(std::string_view name) {
  if (const Rule* rule = find_rule(name)) return rule->clone();
  std::vector<std::string> names;
  for (const Rule* rule : rules()) names.emplace_back(rule->name());
  throw UsageError(fmt::format("optimizer: no rule '{}'{} (there are {})", name,
                               suggestion(name, names), join(names, ", ")));
}

constexpr const char* kDecay =
    "decay means three things: lr / (1 + decay k) after k updates, as in Keras 2: write "
    "schedule=inverse_time(decay={0}); the factor of the running average, as in TensorFlow 1: "
    "write {1}={0}; weight decay: write l2={0} (coupled) or weight_decay={0} (decoupled)";

// ---- plain lines ----

// "rho" -> "alpha", where some dialect of the rule calls it so.
std::string plain_word(std::string_view rule, std::string_view word) {
  for (const Dialect* dialect : dialects_of(rule)) {
    Words words("", {}, true);
    dialect->translate(words);
    for (const Words::Listed& listed : words.listed()) {
      if (listed.word == word && !listed.option.empty()) return listed.option;
    }
  }
  return "";
}

[[noreturn]] void reject_unknown(const std::string& owner, const Rule& rule,
                                 std::span<const OptionRef> options, const Assignment& written) {
  if (written.name == "decay") {
    const bool has_alpha = find_option(options, "alpha") != nullptr;
    throw UsageError(fmt::format(
        "{}: {}", owner,
        fmt::format(fmt::runtime(kDecay), written.value, has_alpha ? "alpha" : "beta2")));
  }
  const std::string plain = plain_word(rule.name(), written.name);
  if (!plain.empty()) {
    throw UsageError(fmt::format("{}: no option '{}'; without a dialect it is called {}", owner,
                                 written.name, plain));
  }
  std::vector<std::string> names;
  for (const OptionRef& option : options) names.emplace_back(option.option.name);
  throw UsageError(fmt::format("{}: no option '{}'{} (it has {})", owner, written.name,
                               suggestion(written.name, names), join(names, ", ")));
}

void set_plain(const std::string& owner, Rule& rule, EngineOptions& engine,
               std::span<const Assignment> written) {
  const auto options = all_options(rule, engine);
  for (const Assignment& assignment : written) {
    if (find_option(options, assignment.name) == nullptr) {
      reject_unknown(owner, rule, options, assignment);
    }
    set_option(owner, options, assignment.name, assignment.value);
  }
}

// ---- dialects ----

const Dialect& find_dialect(std::string_view rule, std::string_view name) {
  std::vector<std::string> names;
  for (const Dialect* dialect : dialects_of(rule)) {
    if (name == dialect->name) return *dialect;
    names.emplace_back(dialect->name);
  }
  throw UsageError(fmt::format("{}: no dialect '{}'{} (it has {})", rule, name,
                               suggestion(name, names),
                               names.empty() ? "none" : join(names, ", ")));
}

// Sets the plain options that the words mean; a message speaks of the word.
void set_translated(const std::string& owner, const Words& words, Rule& rule,
                    EngineOptions& engine) {
  const auto options = all_options(rule, engine);
  for (const Words::Setting& setting : words.settings()) {
    OptionRef ref = *find_option(options, setting.option);
    if (!setting.word.empty()) ref.option.name = setting.word.c_str();
    set_option(owner, std::span(&ref, 1), ref.option.name, setting.value);
  }
}

[[noreturn]] void reject_unknown_word(const std::string& owner, const Words& words,
                                      std::span<const OptionRef> engine, std::string_view name) {
  std::vector<std::string> names;
  for (const Words::Listed& listed : words.listed()) {
    if (listed.option == name) {
      throw UsageError(fmt::format("{}: no option '{}'; in this dialect it is called {}", owner,
                                   name, listed.word));
    }
    names.push_back(listed.word);
  }
  for (const OptionRef& option : engine) names.emplace_back(option.option.name);
  throw UsageError(fmt::format("{}: no option '{}'{} (it has {})", owner, name,
                               suggestion(name, names), join(names, ", ")));
}

// The engine's own options are understood after every dialect, beside its words.
void set_engine_option(const std::string& owner, const Words& words,
                       std::span<const OptionRef> engine, const Assignment& written) {
  if (find_option(engine, written.name) == nullptr) {
    reject_unknown_word(owner, words, engine, written.name);
  }
  for (const Words::Setting& setting : words.settings()) {
    if (setting.option == written.name && setting.written) {
      throw UsageError(
          fmt::format("{}: {} and {} set the same; keep one", owner, setting.word, written.name));
    }
  }
  set_option(owner, engine, written.name, written.value);
}

void set_dialect(const std::string& owner, const Dialect& dialect, Rule& rule,
                 EngineOptions& engine, std::span<const Assignment> written) {
  Words words(owner, written);
  dialect.translate(words);
  set_translated(owner, words, rule, engine);
  const auto engine_options = list_options(engine);
  for (const Assignment& assignment : written) {
    if (!words.knows(assignment.name)) {
      set_engine_option(owner, words, engine_options, assignment);
    }
  }
}

// ---- checks ----

void check(const std::string& owner, Rule& rule, EngineOptions& engine) {
  check_options(owner, rule.options());
  check_options(owner, list_options(engine));
  if (const char* problem = rule.problem()) {
    throw UsageError(fmt::format("{}: {}", owner, problem));
  }
  if (find_option(rule.options(), "weight_decay") && engine.weight_decay != 0) {
    throw UsageError(
        fmt::format("{}: weight_decay is the rule's own; leave the engine's at 0", owner));
  }
  if (find_option(rule.options(), "weight_decay") && engine.weight_decay_by != "lr") {
    throw UsageError(
        fmt::format("{}: weight_decay is the rule's own; weight_decay_by must be lr", owner));
  }
  if (engine.weight_decay_by == "lr_squared" && rule.lr() == 0) {
    throw UsageError(
        fmt::format("{}: weight_decay_by=lr_squared divides by lr, which is 0", owner));
  }
  if (!(engine.low < engine.high)) {
    throw UsageError(fmt::format("{}: low must be less than high, got {} and {}", owner, engine.low,
                                 engine.high));
  }
  slot_stores(owner, engine.storage, rule.slots(), DType::kFloat32);
  engine.schedule = Schedule(engine.schedule).text();
}

struct Parts {
  std::string_view rule, dialect, options;
};

Parts cut(std::string_view text) {
  const size_t comma = text.find(',');
  const std::string_view head = text.substr(0, comma);
  const size_t colon = head.find(':');
  Parts parts{.rule = trim(head.substr(0, colon))};
  if (comma != text.npos) parts.options = text.substr(comma + 1);
  if (colon == head.npos) return parts;
  parts.dialect = trim(head.substr(colon + 1));
  if (parts.dialect.empty()) {
    throw UsageError(fmt::format("optimizer '{}': a dialect is missing after ':'", trim(head)));
  }
  return parts;
}

}  // namespace

OptimizerSpec::OptimizerSpec(std::string_view text) {
  const Parts parts = cut(text);
  const std::shared_ptr<Rule> made = default_rule(parts.rule);
  std::string owner(parts.rule);
  if (parts.dialect.empty()) {
    set_plain(owner, *made, engine, parse_assignments(owner, parts.options));
  } else {
    const Dialect& dialect = find_dialect(parts.rule, parts.dialect);
    owner += fmt::format(":{}", parts.dialect);
    set_dialect(owner, dialect, *made, engine, parse_assignments(owner, parts.options));
  }
  check(owner, *made, engine);
  rule = made;
}

OptimizerSpec::OptimizerSpec(std::shared_ptr<const Rule> options, EngineOptions around)
    : rule(std::move(options)), engine(std::move(around)) {
  check(rule->name(), *rule->clone(), engine);
}

OptimizerSpec changed(const OptimizerSpec& spec, std::string_view options) {
  OptimizerSpec result = spec;
  const std::shared_ptr<Rule> rule = spec.rule->clone();
  const std::string owner = rule->name();
  set_plain(owner, *rule, result.engine, parse_assignments(owner, options));
  check(owner, *rule, result.engine);
  result.rule = rule;
  return result;
}

namespace {

void round_some(std::span<const OptionRef> options,
                const std::function<bool(std::string_view)>& which) {
  for (const OptionRef& ref : options) {
    double* const* number = std::get_if<double*>(&ref.value);
    if (number && which(ref.option.name)) **number = double(float(**number));
  }
}

}  // namespace

OptimizerSpec in_float32(const OptimizerSpec& spec) {
  const std::string& which = spec.engine.round_to_float32;
  if (which == "none") return spec;
  OptimizerSpec result = spec;
  const std::shared_ptr<Rule> rule = spec.rule->clone();
  const auto rounds = [&](std::string_view option) {
    if (which == "lr") return option == "lr" || option == "weight_decay";
    if (option == "initial") return false;
    return which == "all" || which != fmt::format("all_but_{}", option);
  };
  round_some(rule->options(), rounds);
  if (which == "all_but_eps")
    result.engine.schedule = schedule_in_float32(spec.engine.schedule);
  else
    round_some(list_options(result.engine), rounds);
  result.rule = rule;
  return result;
}

std::string OptimizerSpec::rule_name() const { return rule->name(); }

double OptimizerSpec::lr() const { return rule->clone()->lr(); }

std::string OptimizerSpec::text(bool all) const {
  const auto own = rule->clone(), standard = rule->standard();
  EngineOptions around = engine, standard_around;
  const std::string options =
      assignments_text(all_options(*own, around), all_options(*standard, standard_around), all);
  return options.empty() ? rule_name() : fmt::format("{},{}", rule_name(), options);
}

OptimizerSpec dialect_defaults(const Dialect& dialect) {
  OptimizerSpec spec(dialect.rule);
  const std::shared_ptr<Rule> rule = spec.rule->clone();
  Words words(dialect.rule, {}, true);
  dialect.translate(words);
  set_translated(dialect.rule, words, *rule, spec.engine);
  spec.rule = rule;
  return spec;
}

}  // namespace ravine
