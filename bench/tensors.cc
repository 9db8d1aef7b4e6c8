#include "bench/tensors.h"

#include <algorithm>

#include "optim/kernel.h"

namespace ravine::bench {
namespace {

class ByHardware final : public RuleOf<RmsProp> {
 public:
  explicit ByHardware(const RmsProp& rule) : RuleOf("rmsprop", rule) {}
  std::unique_ptr<Rule> clone() const override { return std::make_unique<ByHardware>(*this); }
  void update(const StepConstants& step, const Frame<float>& frame,
              const Piece<float>& piece) const override {
    kernels().rmsprop_by_hardware(step.single, frame, piece);
  }
};

}  // namespace

Tensors::Tensors(const std::vector<size_t>& sizes) {
  for (const size_t n : sizes) {
    values_.emplace_back(n), gradients_.emplace_back(n);
    std::fill_n(values_.back().data(), n, 0.5f);
    for (size_t i = 0; i < n; ++i) {
      gradients_.back()[i] = float(int(i * 2654435761u % 2001) - 1000) * 1e-4f;
    }
  }
}

void Tensors::add_to(Optimizer& optimizer) const {
  for (size_t k = 0; k < values_.size(); ++k) {
    optimizer.add(std::to_string(k), std::span(values_[k].data(), values_[k].size()),
                  std::span<const float>(gradients_[k].data(), gradients_[k].size()));
  }
}

std::vector<Segment> Tensors::segments(Optimizer& optimizer) const {
  std::vector<Segment> segments;
  for (size_t k = 0; k < values_.size(); ++k) {
    segments.push_back({{values_[k].data(), gradients_[k].data()}, values_[k].size()});
  }
  for (const StateEntry& entry : optimizer.state().entries) {
    segments[std::stoul(entry.parameter)].streams.push_back(static_cast<float*>(entry.data));
  }
  return segments;
}

void Tensors::fill_gradients(float x) {
  for (Buffer<float>& g : gradients_) std::fill_n(g.data(), g.size(), x);
}

Optimizer rmsprop_by_hardware() {
  return Optimizer(OptimizerSpec(std::make_shared<ByHardware>(RmsProp{}), {}));
}

}  // namespace ravine::bench
