#include "optim/words.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "ravine/error.h"

namespace ravine {
namespace {

// A value as Python or Ravine writes it: True and "true", quoted or not.
std::string plain_value(std::string_view text) {
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
      text.front() == text.back()) {
    text = text.substr(1, text.size() - 2);
  }
  if (text == "True") return "true";
  if (text == "False") return "false";
  return std::string(text);
}

}  // namespace

Words::Words(std::string owner, std::span<const Assignment> written, bool describing)
    : owner_(std::move(owner)), written_(written.begin(), written.end()), describing_(describing) {}

const Words::Listed& Words::list(Listed listed) {
  for (const auto& [name, value] : written_) {
    if (name != listed.word && !(name == "lr" && listed.option == "lr")) continue;
    if (listed.written) refuse(fmt::format("lr and {} are one option; keep one", listed.word));
    listed.value = plain_value(value), listed.written = true;
  }
  if (!listed.written && listed.standard.empty() && !describing_) {
    refuse(fmt::format("{0} must be given, as in its framework: {0}=1e-3", listed.word));
  }
  if (!listed.written) listed.value = plain_value(listed.standard);
  return listed_.emplace_back(std::move(listed));
}

void Words::option(const char* word, const char* option, const char* standard) {
  const Listed& listed = list({.word = word, .standard = standard, .option = option});
  if (listed.value.empty() || listed.value == "None") return;
  settings_.push_back({option, listed.value, word, listed.written});
}

void Words::ignored(const char* word, const char* standard) {
  list({.word = word,
        .standard = standard,
        .takes = "anything",
        .help = "without effect on the result"});
}

void Words::only(const char* word, const char* standard, const char* advice) {
  const Listed& listed =
      list({.word = word, .standard = standard, .takes = standard, .help = advice});
  const auto number = parse_double(listed.value);
  if (listed.value == plain_value(standard) || (number && number == parse_double(standard))) return;
  refuse(fmt::format("{}={} is not available, only {}; {}", word, listed.value, standard, advice));
}

void Words::value(const char* word, const char* standard, const char* takes, const char* help) {
  list({.word = word, .standard = standard, .takes = takes, .help = help});
}

void Words::inverse_time(const char* word, const char* standard) {
  const Listed& listed = list({.word = word,
                               .standard = standard,
                               .option = "schedule",
                               .takes = range_text(kNotNegative),
                               .help = "d in lr / (1 + d k) after k updates"});
  if (number(word) == 0) return;
  settings_.push_back(
      {"schedule", fmt::format("inverse_time(decay={})", listed.value), word, listed.written});
}

void Words::pair(const char* word, const char* first, const char* second, const char* standard) {
  const Listed& listed = list({.word = word,
                               .standard = standard,
                               .takes = "(a, b)",
                               .help = fmt::format("{} and {}", first, second)});
  std::string_view text = trim(listed.value);
  if (text.starts_with('(') && text.ends_with(')')) text = text.substr(1, text.size() - 2);
  const auto halves = split(text, ',');
  if (halves.size() != 2) {
    refuse(fmt::format("{} is a pair {}, got {}", word, standard, listed.value));
  }
  settings_.push_back({first, std::string(trim(halves[0])), word, listed.written});
  settings_.push_back({second, std::string(trim(halves[1])), word, listed.written});
}

void Words::set(const char* option, std::string value) {
  std::erase_if(settings_, [&](const Setting& setting) { return setting.option == option; });
  settings_.push_back({option, std::move(value), "", false});
}

void Words::move(const char* word, const char* option) {
  std::erase_if(settings_, [&](const Setting& setting) { return setting.word == word; });
  const Listed& listed = find(word);
  settings_.push_back({option, listed.value, word, listed.written});
}

const std::string& Words::text(std::string_view word) const { return find(word).value; }

const Words::Listed& Words::find(std::string_view word) const {
  return *std::find_if(listed_.begin(), listed_.end(),
                       [&](const Listed& listed) { return listed.word == word; });
}

double Words::number(std::string_view word) const {
  const std::string& text = find(word).value;
  if (text.empty() || text == "None") return 0;
  const auto value = parse_double(text);
  if (!value) refuse(fmt::format("{} must be a number, got {}", word, text));
  return *value;
}

bool Words::flag(std::string_view word) const {
  const std::string& text = find(word).value;
  return text == "true" || text == "1";
}

bool Words::knows(std::string_view word) const {
  for (const Listed& listed : listed_) {
    if (listed.word == word || (word == "lr" && listed.option == "lr")) return true;
  }
  return false;
}

bool Words::given(std::string_view word) const {
  const Listed& listed = find(word);
  return listed.written && listed.value != "None";
}

void Words::refuse(const std::string& text) const {
  throw UsageError(fmt::format("{}: {}", owner_, text));
}

}  // namespace ravine
