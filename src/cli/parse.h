// The command line of one command: words and options, and the help that lists them.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "ravine/option.h"
#include "ravine/run.h"
#include "screen.h"

namespace ravine::cli {

using Arguments = std::span<char* const>;

// A word that is not an option: `ravine eval RUN`; or any number of them: `ravine report RUN...`.
struct Word {
  const char* name;
  const char* help;
  std::variant<std::string*, std::vector<std::string>*> value;
  bool required = true;
};

struct Section {
  const char* title;
  std::vector<OptionRef> options;  // an option data_dir is the flag --data-dir
};

struct Syntax {
  const char* name;   // "train"
  const char* about;  // first paragraph of the help
  std::vector<Word> words = {};
  std::vector<Section> sections = {};
  std::string examples = {};  // last paragraph of the help
};

// Sets the words, and returns the options that were given, in the order of the command line; their
// values are not looked at. Nothing: help was asked for, and printed.
// Throws UsageError: an unknown option (with the nearest one), a missing value or word.
std::optional<std::vector<Setting>> parse(Screen& screen, const Syntax& syntax,
                                          Arguments arguments);

// Sets those of `settings` that `options` has, checked, and returns the others.
std::vector<Setting> set_options(const Syntax& syntax, std::span<const OptionRef> options,
                                 const std::vector<Setting>& settings);

std::string flag_of(const Option& option);  // "--data-dir"

}  // namespace ravine::cli
