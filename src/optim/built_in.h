// Built-in rules, whose update runs on vectors.
#pragma once
#include "optim/kernel_stored.h"

namespace ravine {

template <class R, size_t I = 0>
constexpr size_t index_of() {
  if constexpr (std::is_same_v<R, std::tuple_element_t<I, BuiltInRules>>) {
    return I;
  } else {
    return index_of<R, I + 1>();
  }
}

// A rule that may have a kernel on stored values; nullptr: not for this instruction set.
class StoredRule {
 public:
  virtual ~StoredRule() = default;
  virtual StoredKernel stored_kernel() const = 0;
};

template <class R>
class BuiltIn final : public RuleOf<R>, public StoredRule {
 public:
  explicit BuiltIn(const R& rule = {}) : RuleOf<R>(R::kName, rule) {}
  std::unique_ptr<Rule> clone() const override { return std::make_unique<BuiltIn>(*this); }
  void update(const StepConstants& step, const Frame<float>& frame,
              const Piece<float>& piece) const override {
    kernels().single[index_of<R>()](step.single, frame, piece);
  }
  void update(const StepConstants& step, const Frame<double>& frame,
              const Piece<double>& piece) const override {
    kernels().twice[index_of<R>()](step.twice, frame, piece);
  }
  StoredKernel stored_kernel() const override { return stored_kernels()[index_of<R>()]; }
};

}  // namespace ravine
