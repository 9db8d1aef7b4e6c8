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
  constexpr size_t kLine = 16;
  size_t total = 0;
  for (const size_t n : sizes) total += (n + kLine - 1) / kLine * kLine;
  values_ = Buffer<float>(total), gradients_ = Buffer<float>(total);
  std::fill_n(values_.data(), total, 0.5f);
  for (size_t i = 0; i < total; ++i) {
    gradients_[i] = float(int(i * 2654435761u % 2001) - 1000) * 1e-4f;
  }
  size_t at = 0;
  for (const size_t n : sizes) {
    views_.push_back({std::to_string(views_.size()),
                      {int64_t(n)},
                      DType::kFloat32,
                      n,
                      values_.data() + at,
                      gradients_.data() + at});
    at += (n + kLine - 1) / kLine * kLine;
  }
}

std::vector<Segment> Tensors::segments(Optimizer& optimizer) const {
  std::vector<Segment> segments;
  for (const Parameter& p : views_) {
    segments.push_back({{static_cast<float*>(p.value), static_cast<float*>(p.gradient)}, p.size});
  }
  for (const StateEntry& entry : optimizer.state().entries) {
    segments[std::stoul(entry.parameter)].streams.push_back(static_cast<float*>(entry.data));
  }
  return segments;
}

void Tensors::fill_gradients(float x) { std::fill_n(gradients_.data(), gradients_.size(), x); }

Optimizer rmsprop_by_hardware() {
  return Optimizer(OptimizerSpec(std::make_shared<ByHardware>(RmsProp{}), {}));
}

}  // namespace ravine::bench
