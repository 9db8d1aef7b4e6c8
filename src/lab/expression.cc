#include "lab/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/math.h"
#include "base/text.h"
#include "ravine/error.h"
#include "ravine/ops.h"

namespace ravine::lab {

struct Expression::Node {
  char kind;  // + - * / ^, n: -a, f: function, v: variable, c: constant
  double constant = 0;
  size_t variable = 0;
  Tensor (*function)(const Tensor&) = nullptr;
  std::shared_ptr<const Node> a = nullptr, b = nullptr;
};

namespace {

using Node = Expression::Node;
using NodePtr = std::shared_ptr<const Node>;

struct Function {
  const char* name;
  Tensor (*apply)(const Tensor&);
};
constexpr Function kFunctions[] = {{"sqrt", sqrt},       {"exp", exp},   {"log", log},
                                   {"abs", abs},         {"tanh", tanh}, {"square", square},
                                   {"sigmoid", sigmoid}, {"relu", relu}};
constexpr int kDeepest = 200;  // parentheses and signs inside of each other

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

class Parser {
 public:
  Parser(std::string_view text, std::vector<std::string>& variables)
      : text_(text), variables_(variables) {}

  NodePtr whole() {
    NodePtr node = sum();
    if (peek() != 0) refuse(fmt::format("an operator is missing before '{}'", rest()));
    return node;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw UsageError(fmt::format("function: {} at position {} of '{}'", what, at_ + 1, text_));
  }
  std::string_view rest() const { return text_.substr(at_, 8); }

  char peek() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : 0;
  }

  static NodePtr join(char kind, NodePtr a, NodePtr b) {
    return std::make_shared<Node>(Node{.kind = kind, .a = std::move(a), .b = std::move(b)});
  }

  NodePtr sum() {
    NodePtr node = product();
    for (char c; (c = peek()) == '+' || c == '-';) {
      ++at_;
      node = join(c, node, product());
    }
    return node;
  }

  NodePtr product() {
    NodePtr node = with_sign();
    for (char c; (c = peek()) == '*' || c == '/';) {
      ++at_;
      node = join(c, node, with_sign());
    }
    return node;
  }

  // -x^2 is -(x^2), and x^-2 is 1 / x^2.
  NodePtr with_sign() {
    if (++depth_ > kDeepest) refuse("too many parentheses or signs");
    NodePtr node;
    if (const char c = peek(); c == '-' || c == '+') {
      ++at_;
      node = with_sign();
      if (c == '-') node = join('n', node, nullptr);
    } else {
      node = primary();
      if (peek() == '^') {
        ++at_;
        node = join('^', node, with_sign());
      }
    }
    --depth_;
    return node;
  }

  NodePtr primary() {
    const char c = peek();
    if (c == 0) refuse("something is missing");
    if (is_digit(c) || c == '.') return number();
    if (is_letter(c)) return name();
    if (c != '(') refuse(fmt::format("'{}' is not expected", c));
    ++at_;
    NodePtr node = sum();
    close();
    return node;
  }

  void close() {
    if (peek() != ')') refuse("a ')' is missing");
    ++at_;
  }

  NodePtr number() {
    const size_t begin = at_;
    const auto digits = [&] {
      while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.')) ++at_;
    };
    digits();
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '-' || text_[at_] == '+')) ++at_;
      digits();
    }
    const std::string_view word = text_.substr(begin, at_ - begin);
    const auto value = parse_double(word);
    if (value) return std::make_shared<Node>(Node{.kind = 'c', .constant = *value});
    at_ = begin;
    refuse(fmt::format("'{}' is no number", word));
  }

  NodePtr name() {
    const size_t begin = at_;
    while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
    const std::string word(text_.substr(begin, at_ - begin));
    const auto function = std::ranges::find(kFunctions, word, &Function::name);
    if (peek() == '(') {
      if (function == std::end(kFunctions)) at_ = begin, refuse_function(word);
      ++at_;
      const NodePtr argument = sum();
      close();
      return std::make_shared<Node>(Node{.kind = 'f', .function = function->apply, .a = argument});
    }
    if (function != std::end(kFunctions)) refuse(fmt::format("'(' is missing after {}", word));
    if (word == "pi") return std::make_shared<Node>(Node{.kind = 'c', .constant = math::kPi});
    const auto known = std::ranges::find(variables_, word);
    const size_t index = size_t(known - variables_.begin());
    if (known == variables_.end()) variables_.push_back(word);
    return std::make_shared<Node>(Node{.kind = 'v', .variable = index});
  }

  [[noreturn]] void refuse_function(const std::string& word) const {
    std::vector<std::string> names;
    for (const Function& f : kFunctions) names.emplace_back(f.name);
    refuse(fmt::format("no function '{}'{} (there are {})", word, suggestion(word, names),
                       join_names(names)));
  }
  static std::string join_names(const std::vector<std::string>& names) {
    return ravine::join(names, ", ");
  }

  std::string_view text_;
  std::vector<std::string>& variables_;
  size_t at_ = 0;
  int depth_ = 0;
};

Tensor evaluate(const Node& node, std::span<const Tensor> values);

// By repeated multiplication where the exponent is a whole number, else exp(y log x).
Tensor power(const Node& node, std::span<const Tensor> values) {
  const Tensor base = evaluate(*node.a, values);
  const Tensor exponent = evaluate(*node.b, values);
  const double y = exponent.needs_grad() ? NAN : exponent.item();
  if (!(y == std::floor(y) && std::fabs(y) <= 64)) return exp(exponent * log(base));
  Tensor result = Tensor::full({}, 1, DType::kFloat64);
  for (int i = 0; i < int(std::fabs(y)); ++i) result = i == 0 ? base : result * base;
  return y < 0 ? 1 / result : result;
}

Tensor evaluate(const Node& node, std::span<const Tensor> values) {
  const auto a = [&] { return evaluate(*node.a, values); };
  const auto b = [&] { return evaluate(*node.b, values); };
  switch (node.kind) {
    case '+':
      return a() + b();
    case '-':
      return a() - b();
    case '*':
      return a() * b();
    case '/':
      return a() / b();
    case '^':
      return power(node, values);
    case 'n':
      return -a();
    case 'f':
      return node.function(a());
    case 'v':
      return values[node.variable];
    default:
      return Tensor::full({}, node.constant, DType::kFloat64);
  }
}

}  // namespace

Expression::Expression(std::string_view text) { root_ = Parser(text, variables_).whole(); }

Tensor Expression::operator()(std::span<const Tensor> values) const {
  return evaluate(*root_, values);
}

}  // namespace ravine::lab
