// What rules, dialects and options are called, from their own listings.
#include <fmt/format.h>

#include "base/options.h"
#include "base/text.h"
#include "optim/assignments.h"
#include "optim/dialects.h"
#include "optim/rule.h"
#include "optim/spec.h"
#include "ravine/optimizer.h"

namespace ravine {
namespace {

// "alpha: decay of the averages", with the range of the plain option that the word sets.
OptionHelp word_help(const Words::Listed& word, std::span<const OptionHelp> plain) {
  OptionHelp line{word.word, word.standard, "", word.help};
  if (line.default_value.empty()) line.default_value = "must be given";
  for (const OptionHelp& option : plain) {
    if (option.name != word.option) continue;
    if (word.help.empty())
      line.help = fmt::format("{}: {}", option.name, option.help);
    else
      line.help = fmt::format("{}: {}", option.name, word.help);
    line.range = option.range;
  }
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
    RuleHelp help{rule->name(), rule->summary(), options_help(rule->clone()->options()), {}};
    std::vector<OptionHelp> plain = help.options;
    for (const OptionHelp& line : engine_help()) plain.push_back(line);
    for (const Dialect* dialect : dialects_of(help.name)) {
      help.dialects.push_back(dialect_help(*dialect, plain));
    }
    list.push_back(std::move(help));
  }
  return list;
}

}  // namespace ravine
