// An optimizer's step against the traffic of its bytes.
#include <algorithm>

#include "bench/harness.h"
#include "optim/kernel.h"
#include "ravine/optimizer.h"
#include "ravine/runtime.h"

namespace ravine::bench {
namespace {

// RMSprop with the hardware's division.
class ByHardware final : public RuleOf<RmsProp> {
 public:
  explicit ByHardware(const RmsProp& rule) : RuleOf("rmsprop", rule) {}
  std::unique_ptr<Rule> clone() const override { return std::make_unique<ByHardware>(*this); }
  void update(const StepConstants& step, const Frame<float>& frame,
              const Piece<float>& piece) const override {
    kernels().rmsprop_by_hardware(step.single, frame, piece);
  }
};

// Parameters and gradients of one size, shared by the cases.
class Tensors {
 public:
  explicit Tensors(std::string_view size) {
    for (const size_t n : tensors_of(size)) {
      values_.emplace_back(n), gradients_.emplace_back(n);
      std::fill_n(values_.back().data(), n, 0.5f);
      for (size_t i = 0; i < n; ++i)
        gradients_.back()[i] = float(int(i * 2654435761u % 2001) - 1000) * 1e-4f;
    }
  }
  void add_to(Optimizer& optimizer) const {
    for (size_t k = 0; k < values_.size(); ++k) {
      optimizer.add(std::to_string(k), std::span(values_[k].data(), values_[k].size()),
                    std::span<const float>(gradients_[k].data(), gradients_[k].size()));
    }
  }
  std::vector<Segment> segments(Optimizer& optimizer) const {
    std::vector<Segment> segments;
    for (size_t k = 0; k < values_.size(); ++k) {
      segments.push_back({{values_[k].data(), gradients_[k].data()}, values_[k].size()});
    }
    for (const StateEntry& entry : optimizer.state().entries) {
      segments[std::stoul(entry.parameter)].streams.push_back(static_cast<float*>(entry.data));
    }
    return segments;
  }

 private:
  std::vector<Buffer<float>> values_, gradients_;
};

StepResult measure(const std::string& name, const std::string& size, int thread_count,
                   const Tensors& tensors, int pairs) {
  Optimizer optimizer(name);
  tensors.add_to(optimizer);
  std::unique_ptr<Optimizer> hardware;
  Work hardware_step;
  if (name == "rmsprop" && (size == "100k" || size == "1M")) {
    hardware =
        std::make_unique<Optimizer>(OptimizerSpec(std::make_shared<ByHardware>(RmsProp{}), {}));
    tensors.add_to(*hardware);
    hardware_step = [&] { hardware->step(); };
  }
  return measure_step(
      name, size, thread_count, tensors.segments(optimizer), [&] { optimizer.step(); },
      hardware_step, pairs);
}

}  // namespace

void run_steps(const Selection& selection, const std::function<void(const StepResult&)>& report) {
  for (const std::string& size : step_sizes()) {
    std::unique_ptr<Tensors> tensors;
    for (const char* name : {"rmsprop", "rmsprop,momentum=0.9", "adam", "adagrad", "sgd"}) {
      if (!selection.takes(name, size)) continue;
      if (!tensors) tensors = std::make_unique<Tensors>(size);
      for (const int n : selection.threads)
        report(measure(name, size, n, *tensors, selection.pairs));
    }
  }
}

}  // namespace ravine::bench
