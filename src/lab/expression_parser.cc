// The grammar of expressions:
//   sum = product {(+ | -) product}    product = signed {(* | /) signed}
//   signed = (+ | -) signed | power    power = value [^ signed]
//   value = number | name | function ( sum ) | ( sum )
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/math.h"
#include "lab/expression_program.h"
#include "ravine/error.h"
#include "ravine/ops.h"
#include "ravine/option.h"

namespace ravine::lab {
namespace {

constexpr size_t kLongest = 10'000;  // characters
constexpr int kDeepest = 200;        // parentheses, signs and powers within each other

// The functions for which there is an operation of one tensor.
constexpr Function kFunctions[] = {
    {"abs", abs},         {"cos", cos}, {"exp", exp},   {"log", log},       {"relu", relu},
    {"sigmoid", sigmoid}, {"sin", sin}, {"sqrt", sqrt}, {"square", square}, {"tanh", tanh}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

const Function* find_function(std::string_view name) {
  const auto* const found = std::ranges::find(kFunctions, name, &Function::name);
  return found == std::end(kFunctions) ? nullptr : found;
}

class Parser {
 public:
  Parser(std::string_view text, std::vector<std::string> variables, bool open) : open_(open) {
    program_.text = text, program_.variables = std::move(variables);
  }

  Expression::Program parse() {
    if (text().size() > kLongest) {
      throw UsageError(
          fmt::format("an expression of {} characters; {} are the most", text().size(), kLongest));
    }
    skip_blanks();
    if (at_ == text().size()) throw UsageError("the expression is empty");
    sum();
    if (peek() == ')') fail(at_, "')' has no '(' before it");
    if (at_ < text().size()) fail(at_, fmt::format("an operator is expected, got {}", next()));
    return std::move(program_);
  }

 private:
  std::string_view text() const { return program_.text; }
  char peek() const { return at_ < text().size() ? text()[at_] : '\0'; }
  void skip_blanks() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n') ++at_;
  }

  [[noreturn]] void fail(size_t at, std::string_view what) const {
    throw UsageError(fmt::format("'{}', position {}: {}", text(), position_of(text(), at), what));
  }

  // What stands there, for a message: the whole character.
  std::string next() const {
    if (at_ == text().size()) return "the end";
    size_t end = at_ + 1;
    while (end < text().size() && (text()[end] & 0xC0) == 0x80) ++end;
    return fmt::format("'{}'", text().substr(at_, end - at_));
  }

  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    skip_blanks();
    return true;
  }

  size_t add(Part part) {
    program_.parts.push_back(part);
    return program_.parts.size() - 1;
  }

  size_t add_binary(char sign, size_t a, size_t b) {
    const Part &left = program_.parts[a], &right = program_.parts[b];
    return add({.kind = Part::Kind::kBinary,
                .begin = left.begin,
                .end = right.end,
                .sign = sign,
                .a = a,
                .b = b,
                .constant = left.constant && right.constant});
  }

  size_t sum() {
    size_t left = product();
    for (char c = peek(); c == '+' || c == '-'; c = peek()) {
      take(c);
      left = add_binary(c, left, product());
    }
    return left;
  }

  size_t product() {
    size_t left = with_sign();
    for (char c = peek(); c == '*' || c == '/'; c = peek()) {
      take(c);
      left = add_binary(c, left, with_sign());
    }
    return left;
  }

  size_t with_sign() {
    const size_t begin = at_;
    if (++depth_ > kDeepest) fail(at_, fmt::format("more than {} levels deep", kDeepest));
    size_t result;
    if (take('-')) {
      const size_t a = with_sign();
      const Part& inner = program_.parts[a];
      result = add({.kind = Part::Kind::kNegate,
                    .begin = begin,
                    .end = inner.end,
                    .a = a,
                    .constant = inner.constant});
    } else {
      result = take('+') ? with_sign() : raised();
    }
    --depth_;
    return result;
  }

  size_t raised() {
    const size_t base = value();
    return take('^') ? add_binary('^', base, with_sign()) : base;
  }

  size_t value() {
    if (peek() == '(') return in_parentheses();
    if (is_letter(peek())) return name();
    if (is_digit(peek()) || peek() == '.') return number();
    const bool stars = peek() == '*' && at_ > 0 && text()[at_ - 1] == '*';
    fail(at_, fmt::format("a value is expected, got {}{}", next(),
                          stars ? "; a power is written ^" : ""));
  }

  size_t in_parentheses() {
    const size_t begin = at_;
    take('(');
    const size_t inner = sum();
    if (peek() != ')') {
      fail(at_, fmt::format("')' is expected for the '(' at position {}, got {}",
                            position_of(text(), begin), next()));
    }
    program_.parts[inner].begin = begin, program_.parts[inner].end = at_ + 1;
    take(')');
    return inner;
  }

  size_t number() {
    double value = 0;
    const char* const begin = text().data() + at_;
    const auto [end, error] = std::from_chars(begin, text().data() + text().size(), value);
    if (error == std::errc::result_out_of_range) fail(at_, "this number is too large or too small");
    if (error != std::errc()) fail(at_, fmt::format("a number is expected, got {}", next()));
    const size_t first = at_;
    at_ += size_t(end - begin);
    if (is_letter(peek()) || peek() == '(') {
      fail(at_, fmt::format("an operator is expected, got {}; a product is written {}*{}", next(),
                            text().substr(first, at_ - first), peek()));
    }
    const size_t result = add({.kind = Part::Kind::kNumber,
                               .begin = first,
                               .end = at_,
                               .number = value,
                               .constant = true});
    skip_blanks();
    return result;
  }

  size_t name() {
    const size_t begin = at_;
    while (is_letter(peek()) || is_digit(peek())) ++at_;
    const std::string_view name = text().substr(begin, at_ - begin);
    const size_t end = at_;
    skip_blanks();
    const Function* const function = find_function(name);
    if (peek() == '(') {
      if (function == nullptr) reject(begin, name, "function");
      const size_t a = in_parentheses();
      const Part& inner = program_.parts[a];
      return add({.kind = Part::Kind::kFunction,
                  .begin = begin,
                  .end = inner.end,
                  .function = function,
                  .a = a,
                  .constant = inner.constant});
    }
    if (function != nullptr) fail(end, fmt::format("{} is a function; write {}(...)", name, name));
    if (name == "pi") {
      return add({.kind = Part::Kind::kNumber,
                  .begin = begin,
                  .end = end,
                  .number = math::kPi,
                  .constant = true});
    }
    return add({.kind = Part::Kind::kVariable,
                .begin = begin,
                .end = end,
                .variable = variable(begin, name)});
  }

  size_t variable(size_t begin, std::string_view name) {
    auto& names = program_.variables;
    const size_t place = size_t(std::ranges::find(names, name) - names.begin());
    if (place < names.size()) return place;
    if (!open_) reject(begin, name, "name");
    names.emplace_back(name);
    return place;
  }

  [[noreturn]] void reject(size_t begin, std::string_view name, const char* kind) const {
    std::vector<std::string> names;
    const bool function = std::string_view(kind) == "function";
    if (!function) names = program_.variables, names.emplace_back("pi");
    for (const Function& f : kFunctions) names.emplace_back(f.name);
    std::string near = suggestion(name, names);
    if (near.empty() && function && std::ranges::count(program_.variables, name) > 0) {
      near = "; a product is written with *";
    } else if (near.empty()) {
      near = fmt::format(" (there are {})", fmt::join(names, ", "));
    }
    fail(begin, fmt::format("no {} '{}'{}", kind, name, near));
  }

  Expression::Program program_;
  bool open_;
  size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

size_t position_of(std::string_view text, size_t at) {
  const auto continues = [](char c) { return (c & 0xC0) == 0x80; };
  return at + 1 - size_t(std::ranges::count_if(text.substr(0, at), continues));
}

Expression::Program parse_expression(std::string_view text, std::vector<std::string> variables,
                                     bool open) {
  return Parser(text, std::move(variables), open).parse();
}

}  // namespace ravine::lab
