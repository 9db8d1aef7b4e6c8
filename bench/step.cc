// An optimizer's step against the traffic of its bytes.
#include <memory>
#include <optional>

#include "bench/harness.h"
#include "bench/tensors.h"

namespace ravine::bench {
namespace {

StepResult measure(const std::string& name, const std::string& size, int thread_count,
                   const Tensors& tensors, int pairs) {
  Optimizer optimizer(name);
  tensors.add_to(optimizer);
  std::optional<Optimizer> hardware;
  Work hardware_step;
  if (name == "rmsprop" && (size == "100k" || size == "1M")) {
    hardware = rmsprop_by_hardware();
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
      if (!tensors) tensors = std::make_unique<Tensors>(tensors_of(size));
      for (const int n : selection.threads)
        report(measure(name, size, n, *tensors, selection.pairs));
    }
  }
}

}  // namespace ravine::bench
