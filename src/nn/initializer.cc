#include "nn/initializer.h"

#include <fmt/format.h>

#include <cmath>

#include "base/text.h"
#include "nn/call.h"
#include "nn/help.h"
#include "ravine/error.h"
#include "ravine/option.h"

namespace ravine {
namespace {

using Distribution = Initializer::Distribution;
using Fan = Initializer::Fan;
constexpr auto kUniform = Distribution::kUniform;
constexpr auto kNormal = Distribution::kNormal;

// Glorot & Bengio, AISTATS 2010; He, Zhang, Ren & Sun, ICCV 2015, arXiv:1502.01852; LeCun, Bottou,
// Orr & Mueller, Efficient BackProp, 1998. Normal distributions are not truncated.
constexpr Initializer kInitializers[] = {
    {"glorot_uniform", "uniform, variance 2 / (in + out)", kUniform, Fan::kAverage, 1},
    {"glorot_normal", "normal, variance 2 / (in + out)", kNormal, Fan::kAverage, 1},
    {"he_uniform", "uniform, variance 2 / in; suits relu", kUniform, Fan::kIn, 2},
    {"he_normal", "normal, variance 2 / in; suits relu", kNormal, Fan::kIn, 2},
    {"lecun_uniform", "uniform, variance 1 / in", kUniform, Fan::kIn, 1},
    {"lecun_normal", "normal, variance 1 / in", kNormal, Fan::kIn, 1},
    {"uniform", "uniform in [low, high)", kUniform, Fan::kNone, 0, -0.05, 0.05},
    {"normal", "normal", kNormal, Fan::kNone, 0, 0, 0.05},
    {"constant", "the same everywhere", Distribution::kConstant, Fan::kNone, 0, 0},
};

template <class T, class Draw>
void fill_each(std::span<T> values, Draw draw) {
  for (T& value : values) value = T(draw());
}

template <class T>
void fill_values(const Initializer& how, std::span<T> values, double first, double second,
                 Random& random) {
  switch (how.distribution) {
    case Distribution::kUniform:
      return fill_each(values, [&] { return random.uniform(first, second); });
    case Distribution::kNormal:
      return fill_each(values, [&] { return first + second * random.normal(); });
    case Distribution::kConstant:
      return fill_each(values, [&] { return first; });
  }
}

}  // namespace

std::vector<OptionRef> Initializer::options() {
  if (fan != Fan::kNone) return {};
  switch (distribution) {
    case Distribution::kUniform:
      return {{{"low", "the smallest value"}, &first}, {{"high", "above the largest"}, &second}};
    case Distribution::kNormal:
      return {{{"mean", "of the values"}, &first},
              {{"deviation", "standard deviation of the values", kNotNegative}, &second}};
    case Distribution::kConstant:
      return {{{"value", "of every element"}, &first}};
  }
  return {};
}

std::string Initializer::text() const {
  Initializer copy = *this;
  const auto list = copy.options();
  return call_text(name, list, list, list.size());
}

void Initializer::fill(const Tensor& values, int64_t fan_in, int64_t fan_out,
                       Random& random) const {
  double a = first, b = second;
  if (fan != Fan::kNone) {
    const double inputs = double(fan_in), outputs = double(fan_out);
    const double variance = gain / (fan == Fan::kIn ? inputs : (inputs + outputs) / 2);
    b = std::sqrt(distribution == kUniform ? 3 * variance : variance);
    a = distribution == kUniform ? -b : 0;
  }
  if (values.dtype() == DType::kFloat64) {
    fill_values(*this, values.values<double>(), a, b, random);
  } else {
    fill_values(*this, values.values<float>(), a, b, random);
  }
}

Initializer parse_initializer(std::string_view owner, std::string_view text) {
  const std::vector<Call> calls = parse_calls(owner, text);
  if (calls.size() != 1) {
    throw UsageError(fmt::format("{}: init must be one initialiser, got '{}'", owner, text));
  }
  std::vector<std::string> names;
  for (const Initializer& known : kInitializers) {
    names.emplace_back(known.name);
    if (calls[0].name != known.name) continue;
    Initializer found = known;
    const std::string whose = fmt::format("{}: {}", owner, known.name);
    set_arguments(whose, found.options(), calls[0]);
    if (found.fan == Fan::kNone && found.distribution == kUniform && found.first > found.second) {
      throw UsageError(fmt::format("{}: low must not exceed high, got {} and {}", whose,
                                   found.first, found.second));
    }
    return found;
  }
  throw UsageError(fmt::format("{}: no initialiser '{}'{} (there are {})", owner, calls[0].name,
                               suggestion(calls[0].name, names), join(names, ", ")));
}

std::vector<LayerHelp> initializer_help() {
  std::vector<LayerHelp> list;
  for (Initializer how : kInitializers) {
    const auto options = how.options();
    list.push_back(help_of(how.name, how.help, options, options.size()));
  }
  return list;
}

void initialize(std::string_view initializer, const Tensor& values, int64_t fan_in, int64_t fan_out,
                Random& random) {
  parse_initializer("initialize", initializer).fill(values, fan_in, fan_out, random);
}

}  // namespace ravine
