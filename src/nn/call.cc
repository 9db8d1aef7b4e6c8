#include "nn/call.h"

#include <fmt/format.h>

#include <set>

#include "base/text.h"
#include "ravine/error.h"
#include "ravine/option.h"

namespace ravine {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

class CallParser {
 public:
  CallParser(std::string_view owner, std::string_view text) : owner_(owner), text_(text) {}

  std::vector<Call> calls() {
    std::vector<Call> calls;
    for (skip(true); at_ < text_.size(); skip(true)) calls.push_back(call());
    return calls;
  }

 private:
  Call call() {
    const size_t begin = at_;
    while (at_ < text_.size() && is_name(text_[at_])) ++at_;
    if (at_ == begin) fail(at_, fmt::format("a name is needed, not '{}'", text_[at_]));
    Call call{std::string(text_.substr(begin, at_ - begin)), {}};
    const size_t end = at_;
    skip(false);
    if (at_ < text_.size() && text_[at_] == '(') {
      call.arguments = arguments();
    } else {
      at_ = end;
    }
    return call;
  }

  std::vector<Argument> arguments() {
    const size_t open = at_;
    std::vector<Argument> list;
    do {
      ++at_;
      const std::string_view argument = until_comma_or_close(open);
      const bool none = list.empty() && text_[at_] == ')';  // relu()
      if (!argument.empty()) {
        list.push_back(named(argument));
      } else if (!none) {
        fail(at_, "an argument is missing");
      }
    } while (text_[at_] == ',');
    ++at_;
    return list;
  }

  std::string_view until_comma_or_close(size_t open) {
    const size_t begin = at_;
    for (int depth = 0; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (depth == 0 && (c == ',' || c == ')')) return trim(text_.substr(begin, at_ - begin));
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    }
    fail(open, "this '(' is never closed");
  }

  static Argument named(std::string_view argument) {
    const size_t equals = argument.find('=');
    if (equals == argument.npos || equals > argument.find('(')) return {"", std::string(argument)};
    return {std::string(trim(argument.substr(0, equals))),
            std::string(trim(argument.substr(equals + 1)))};
  }

  void skip(bool commas) {
    while (at_ < text_.size() && (is_space(text_[at_]) || (commas && text_[at_] == ','))) ++at_;
  }

  [[noreturn]] void fail(size_t at, std::string_view what) const {
    throw UsageError(fmt::format("{}: '{}', character {}: {}", owner_, text_, at + 1, what));
  }

  std::string_view owner_, text_;
  size_t at_ = 0;
};

}  // namespace

std::vector<Call> parse_calls(std::string_view owner, std::string_view text) {
  return CallParser(owner, text).calls();
}

void set_arguments(std::string_view owner, std::span<const OptionRef> options, const Call& call) {
  std::set<std::string> given;
  size_t place = 0;
  for (const Argument& argument : call.arguments) {
    std::string name = argument.name;
    if (name.empty()) {
      if (place < given.size()) {
        throw UsageError(fmt::format("{}: '{}' comes after a named argument; name it too", owner,
                                     argument.value));
      }
      if (place == options.size()) {
        throw UsageError(fmt::format("{}: '{}' is one argument too many; it takes {}", owner,
                                     argument.value,
                                     place == 0 ? "none" : fmt::format("{}", place)));
      }
      name = options[place++].option.name;
    }
    if (!given.insert(name).second) {
      throw UsageError(fmt::format("{}: {} is given twice", owner, name));
    }
    set_option(owner, options, name, argument.value);
  }
}

std::string call_text(std::string_view name, std::span<const OptionRef> options,
                      std::span<const OptionRef> defaults, size_t positional) {
  std::vector<std::string> arguments;
  for (size_t i = 0; i < options.size(); ++i) {
    const std::string value = value_text(options[i]);
    if (i < positional) {
      arguments.push_back(value);
    } else if (value != value_text(defaults[i])) {
      arguments.push_back(fmt::format("{}={}", options[i].option.name, value));
    }
  }
  if (arguments.empty()) return std::string(name);
  return fmt::format("{}({})", name, join(arguments, ","));
}

}  // namespace ravine
