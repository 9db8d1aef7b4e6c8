// What rules, dialects and options are called, from their own listings.
#include <fmt/format.h>

#include "base/text.h"
#include "optim/assignments.h"
#include "optim/dialects.h"
#include "optim/differences.h"
#include "optim/rule.h"
#include "optim/spec.h"
#include "ravine/optimizer.h"
#include "ravine/option.h"

namespace ravine {
namespace {

// What a word takes and means: where it says nothing of its own, as the plain option that it sets.
// "alpha: decay of the averages" where that has another name.
OptionHelp word_help(const Words::Listed& word, std::span<const OptionHelp> plain) {
  OptionHelp line{word.word, word.standard, word.takes, word.help};
  for (const OptionHelp& option : plain) {
    if (option.name != word.option) continue;
    if (line.range.empty()) line.range = option.range;
    if (line.help.empty()) line.help = option.help;
    if (word.word != word.option) line.help = fmt::format("{}: {}", option.name, line.help);
  }
  if (word.standard.empty()) line.range += "; must be given";
  return line;
}

RuleHelp::Dialect dialect_help(const Dialect& dialect, std::span<const OptionHelp> plain) {
  Words words(fmt::format("{}:{}", dialect.rule, dialect.name), {}, true);
  dialect.translate(words);
  RuleHelp::Dialect help{dialect.name, dialect.summary, "", {}};
  help.plain = dialect_defaults(dialect).text();
  for (const Words::Listed& word : words.listed()) help.options.push_back(word_help(word, plain));
  return help;
}

}  // namespace

std::vector<OptionHelp> engine_help() {
  EngineOptions engine;
  return options_help(list_options(engine));
}

std::vector<RuleHelp> rule_help() {
  std::vector<RuleHelp> list;
  for (const Rule* rule : rules()) {
    RuleHelp help{rule->name(), rule->summary(), options_help(rule->clone()->options()), {}, {}};
    std::vector<OptionHelp> plain = help.options;
    for (const OptionHelp& line : engine_help()) plain.push_back(line);
    for (const Dialect* dialect : dialects_of(help.name)) {
      help.dialects.push_back(dialect_help(*dialect, plain));
    }
    if (help.name == RmsProp::kName) help.differences = rmsprop_differences();
    list.push_back(std::move(help));
  }
  return list;
}

}  // namespace ravine
