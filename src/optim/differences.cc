// The table is asked of the dialects themselves: once with their defaults, and once with momentum,
// centering and weight decay, by whatever names they have there.
#include "optim/differences.h"

#include <fmt/format.h>

#include <map>

#include "optim/dialects.h"
#include "optim/spec.h"
#include "ravine/rule.h"

namespace ravine {
namespace {

using Values = std::map<std::string, std::string>;  // of plain options

Values values_of(const OptimizerSpec& spec) {
  Values values;
  const auto rule = spec.rule->clone();
  EngineOptions engine = spec.engine;
  for (const auto& list : {rule->options(), list_options(engine)}) {
    for (const OptionRef& option : list) values.emplace(option.option.name, value_text(option));
  }
  return values;
}

// "rmsprop:burn,lr=0.5,momentum=0.5,centered=true,weight_decay=0.5"
OptimizerSpec with_all(const Dialect& dialect) {
  Words words("", {}, true);
  dialect.translate(words);
  std::string line = fmt::format("{}:{}", dialect.rule, dialect.name);
  for (const Words::Listed& listed : words.listed()) {
    const auto set = [&](const char* option, const char* value) {
      if (listed.option == option) line += fmt::format(",{}={}", listed.word, value);
    };
    if (listed.standard.empty()) set("lr", "0.5");
    set("momentum", "0.5"), set("centered", "true"), set("l2", "0.5"), set("weight_decay", "0.5");
  }
  return OptimizerSpec(line);
}

std::string place_of_eps(const std::string& inside, const std::string& inside_with_momentum) {
  if (inside != inside_with_momentum) return "either";
  return inside == "true" ? "inside" : "outside";
}

std::string decay_of(const Values& all) {
  if (all.at("l2") != "0") return "coupled";
  if (all.at("weight_decay") == "0") return "-";
  return all.at("weight_decay_by") == "lr" ? "lr wd p" : "wd p";
}

std::string centered_of(const Values& usual, const Values& all) {
  if (usual.at("centered") == "true") return "always";
  if (all.at("centered") == "false") return "-";
  return all.at("clamp") == "true" ? "clamped" : "yes";
}

std::vector<std::string> row(const std::string& name, bool has_lr, const Values& usual,
                             const Values& all) {
  const bool moves = all.at("momentum") != "0";
  const std::string velocity = all.at("lr_in_momentum") == "true" ? "lr g/d" : "g/d";
  const std::string& rounded = usual.at("round_to_float32");
  return {name,
          has_lr ? usual.at("lr") : "-",
          usual.at("alpha"),
          usual.at("eps"),
          place_of_eps(usual.at("eps_inside"), all.at("eps_inside")),
          usual.at("initial"),
          moves ? usual.at("momentum") : "-",
          moves ? velocity : "-",
          centered_of(usual, all),
          decay_of(all),
          rounded == "none" ? "-" : rounded};
}

}  // namespace

std::vector<std::vector<std::string>> rmsprop_differences() {
  std::vector<std::vector<std::string>> rows = {{"dialect", "lr", "alpha", "eps", "eps is", "start",
                                                 "momentum", "velocity", "centered", "decay",
                                                 "float32"}};
  rows.push_back(
      row("(plain)", true, values_of(OptimizerSpec("rmsprop")),
          values_of(OptimizerSpec("rmsprop,momentum=0.5,centered=true,weight_decay=0.5"))));
  for (const Dialect* dialect : dialects_of(RmsProp::kName)) {
    Words words("", {}, true);
    dialect->translate(words);
    const bool has_lr = !words.listed().front().standard.empty();
    rows.push_back(row(dialect->name, has_lr, values_of(dialect_defaults(*dialect)),
                       values_of(with_all(*dialect))));
  }
  return rows;
}

}  // namespace ravine
