// The words of a dialect, and their translation to Ravine's options.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "optim/assignments.h"

namespace ravine {

// What a dialect's function talks to: it lists the framework's words, each with the framework's
// default, and says what they mean. Words holds what was written, and collects the translation.
class Words {
 public:
  // A plain option and its value. `word`: from which word, or "" for a quirk of the framework;
  // `written`: whether somebody wrote that word.
  struct Setting {
    std::string option, value, word;
    bool written = false;
  };
  // A word, for help. `standard`: the framework's default, "" where it has none. `option`: the
  // plain option that it sets, or "". `takes` and `help` are that option's where they are "".
  struct Listed {
    std::string word, standard, option, takes, help;
    std::string value;  // as written, else standard
    bool written = false;
  };

  // `owner` begins messages: "rmsprop:keras2". While `describing`, no word must be written.
  Words(std::string owner, std::span<const Assignment> written, bool describing = false);

  // `word` is Ravine's `option`, and `standard` unless written; where that is "" it must be.
  // None leaves Ravine's default. What is `lr` can be written as lr too.
  void option(const char* word, const char* option, const char* standard);
  // `word` may be anything: name, use_locking, fused, ...
  void ignored(const char* word, const char* standard);
  // `word` can only be `standard`; `advice` says what to do instead.
  void only(const char* word, const char* standard, const char* advice);
  // `word` has a value that the dialect's function translates itself.
  void value(const char* word, const char* standard, const char* takes, const char* help);
  // `word` is d in lr / (1 + d k) after k updates.
  void inverse_time(const char* word, const char* standard);
  // `word` is a pair (a, b), an option each.
  void pair(const char* word, const char* first, const char* second, const char* standard);

  // A plain option that makes a quirk of the framework. Replaces what a word has set it to.
  void set(const char* option, std::string value);
  // What `word` says becomes this plain option, in place of what it has set.
  void move(const char* word, const char* option);
  const std::string& text(std::string_view word) const;  // of a listed word, as `number` and `flag`
  double number(std::string_view word) const;            // of a listed word; None is 0
  bool flag(std::string_view word) const;
  bool given(std::string_view word) const;  // written, and not as None
  bool knows(std::string_view word) const;  // whether it is listed; `lr` always is
  [[noreturn]] void refuse(const std::string& text) const;

  const std::vector<Setting>& settings() const { return settings_; }
  const std::vector<Listed>& listed() const { return listed_; }

 private:
  const Listed& list(Listed listed);
  const Listed& find(std::string_view word) const;

  std::string owner_;
  std::vector<Assignment> written_;
  bool describing_;
  std::vector<Listed> listed_;
  std::vector<Setting> settings_;
};

}  // namespace ravine
