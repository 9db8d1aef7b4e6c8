// Your own rule: it runs in the same engine as the built-in ones.
//
//   struct Signum {  // Bernstein et al., arXiv:1802.04434
//     double lr = 1e-3, beta = 0.9;
//     template <class F> void options(F f) {
//       f(Option{"lr", "length of a step"}, lr);
//       f(Option{"beta", "decay of the average", kBelowOne}, beta);
//     }
//     template <class T> struct State {
//       T average;
//       auto fields() { return std::tie(average); }
//     };
//     State<Slot> slots() const { return {{"average"}}; }
//     template <class T> struct Step {  // the constants of one step, each rounded once from double
//       arithmetic::Average<T> average;
//       T lr;
//       template <class V> V update(V p, V g, State<V>& s) const {  // what to subtract from p
//         using namespace ravine::arithmetic;
//         s.average = average(s.average, g);
//         return select(s.average < V(T(0)), V(-lr), V(lr));
//       }
//     };
//     template <class T> Step<T> at(int64_t t, double rate, std::span<double>) const {  // t from 1
//       return {arithmetic::Average<T>::of(beta), T(rate)};
//     }
//   };
//   RAVINE_RULE(signum, Signum);  // then: Optimizer opt(signum({.lr = 1e-2}, {.clip_norm = 1}));
//
// A rule may also have: `const char* problem() const`, what is wrong with its options together, or
// nullptr; and `std::array<Scalar, n> scalars() const`, doubles that `at` is given, may change, and
// that are saved.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "ravine/optimizer.h"

namespace ravine {

inline constexpr size_t kMaxSlots = 4, kMaxScalars = 8;

// The constants of one step: a rule's Step<float> and Step<double>.
struct StepConstants {
  static constexpr size_t kBytes = 128;
  alignas(64) std::byte single[kBytes];
  alignas(64) std::byte twice[kBytes];
};

// A part of one parameter: `size` elements, their gradients and slots (nullptr: unused).
template <class T>
struct Piece {
  T* value;
  const T* gradient;
  std::array<T*, kMaxSlots> slots;
  size_t size;
};

// A rule with its options, as the engine and the grammar see it.
class Rule {
 public:
  virtual ~Rule() = default;
  virtual std::unique_ptr<Rule> clone() const = 0;
  virtual std::unique_ptr<Rule> standard() const = 0;  // the same rule with its default options
  virtual const char* name() const = 0;                // "rmsprop"
  virtual const char* summary() const = 0;

  // lr is among them. What is called like an option of the engine takes its place.
  virtual std::vector<OptionRef> options() = 0;
  virtual double& lr() = 0;
  virtual const char* problem() const = 0;  // of options that contradict each other, or nullptr
  virtual std::vector<Slot> slots() const = 0;
  virtual std::vector<Scalar> scalars() const = 0;

  // The constants of step t = 1, 2, ... at this lr. May change the scalars.
  virtual void at(int64_t t, double rate, std::span<double> scalars, StepConstants& out) const = 0;
  // The step on a part of a parameter.
  virtual void update(const StepConstants& step, const Frame<float>& frame,
                      const Piece<float>& piece) const = 0;
  virtual void update(const StepConstants& step, const Frame<double>& frame,
                      const Piece<double>& piece) const = 0;
};

// The definition of correct: a rule's text on one element after another. In blocks in which every
// slot is local memory, so that a compiler can vectorise.
template <class R, class T>
void plain_loop(const typename R::template Step<T>& step, const Frame<T>& frame,
                const Piece<T>& piece) {
  using State = typename R::template State<T>;
  constexpr size_t kSlots = std::tuple_size_v<decltype(std::declval<State&>().fields())>;
  constexpr size_t kBlock = 64;
  T local[kSlots + 1][kBlock] = {};
  for (size_t begin = 0; begin < piece.size; begin += kBlock) {
    const size_t n = std::min(kBlock, piece.size - begin);
    for (size_t k = 0; k < kSlots; ++k) {
      if (piece.slots[k] != nullptr) std::copy_n(piece.slots[k] + begin, n, local[k]);
    }
    T* const value = piece.value + begin;
    const T* const gradient = piece.gradient + begin;
    for (size_t i = 0; i < n; ++i) {
      State state{};
      const auto each = [&]<size_t... K>(std::index_sequence<K...>) {
        [[maybe_unused]] auto fields = state.fields();
        ((std::get<K>(fields) = local[K][i]), ...);
        const T p = value[i], u = step.update(p, frame.gradient(p, gradient[i]), state);
        value[i] = frame.parameter(p, u);
        ((local[K][i] = Frame<T>::stored(std::get<K>(fields))), ...);
      };
      each(std::make_index_sequence<kSlots>());
    }
    for (size_t k = 0; k < kSlots; ++k) {
      if (piece.slots[k] != nullptr) std::copy_n(local[k], n, piece.slots[k] + begin);
    }
  }
}

// Any struct of the form above, behind the interface.
template <class R>
class RuleOf : public Rule {
 public:
  RuleOf(const char* name, const R& rule) : name_(name), rule_(rule) {}
  std::unique_ptr<Rule> clone() const override { return std::make_unique<RuleOf>(*this); }
  std::unique_ptr<Rule> standard() const override { return std::make_unique<RuleOf>(name_, R{}); }
  const char* name() const override { return name_; }
  const char* summary() const override {
    if constexpr (requires { R::kSummary; }) return R::kSummary;
    return "";
  }
  std::vector<OptionRef> options() override { return list_options(rule_); }
  double& lr() override { return rule_.lr; }
  const char* problem() const override {
    if constexpr (requires { rule_.problem(); }) return rule_.problem();
    return nullptr;
  }
  std::vector<Slot> slots() const override {
    typename R::template State<Slot> state = rule_.slots();
    return std::apply([](auto&... slot) { return std::vector<Slot>{slot...}; }, state.fields());
  }
  std::vector<Scalar> scalars() const override {
    if constexpr (requires { rule_.scalars(); }) {
      const auto scalars = rule_.scalars();
      static_assert(std::tuple_size_v<decltype(scalars)> <= kMaxScalars);
      return {scalars.begin(), scalars.end()};
    }
    return {};
  }

  void at(int64_t t, double rate, std::span<double> scalars, StepConstants& out) const override {
    std::array<double, kMaxScalars> copy{};
    std::copy(scalars.begin(), scalars.end(), copy.begin());
    new (out.single) Step<float>(rule_.template at<float>(t, rate, {copy.data(), scalars.size()}));
    new (out.twice) Step<double>(rule_.template at<double>(t, rate, scalars));
  }
  void update(const StepConstants& step, const Frame<float>& frame,
              const Piece<float>& piece) const override {
    plain_loop<R>(*reinterpret_cast<const Step<float>*>(step.single), frame, piece);
  }
  void update(const StepConstants& step, const Frame<double>& frame,
              const Piece<double>& piece) const override {
    plain_loop<R>(*reinterpret_cast<const Step<double>*>(step.twice), frame, piece);
  }

 private:
  template <class T>
  using Step = typename R::template Step<T>;
  static_assert(std::is_trivially_copyable_v<Step<double>>, "a Step is numbers and flags");
  static_assert(sizeof(Step<double>) <= StepConstants::kBytes, "a Step has too many constants");

  const char* name_;
  R rule_;
};

}  // namespace ravine

// Defines `OptimizerSpec NAME(const RULE& = {}, const EngineOptions& = {})`, beside rmsprop(...).
#define RAVINE_RULE(NAME, RULE)                                                     \
  inline ::ravine::OptimizerSpec NAME(const RULE& rule = {},                        \
                                      const ::ravine::EngineOptions& engine = {}) { \
    return {std::make_shared<::ravine::RuleOf<RULE>>(#NAME, rule), engine};         \
  }                                                                                 \
  static_assert(true)
