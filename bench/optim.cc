// Every rule against its own traffic, and what many tensors and dead gradients cost.
#include <algorithm>
#include <memory>
#include <optional>

#include "bench/harness.h"
#include "bench/tensors.h"
#include "ravine/runtime.h"

namespace ravine::bench {
namespace {

constexpr const char* kRules[] = {"rmsprop",
                                  "rmsprop,momentum=0.9",
                                  "rmsprop,centered=true",
                                  "rmsprop,centered=true,momentum=0.9",
                                  "adam",
                                  "adam,amsgrad=true",
                                  "adamw",
                                  "adagrad",
                                  "sgd",
                                  "sgd,momentum=0.9"};

// In the caches arithmetic counts: there only what has a bar.
bool is_measured(std::string_view name, std::string_view size) {
  return size != "100k" || name == "rmsprop" || name == "adam";
}

RuleResult measure_rule(const std::string& name, const std::string& size, int thread_count,
                        const Tensors& tensors, int pairs) {
  set_threads(thread_count);
  Optimizer optimizer(name);
  tensors.add_to(optimizer);
  const Traffic traffic(tensors.segments(optimizer));
  const int variant = traffic.fastest(3);
  std::vector<Work> works = {[&] { optimizer.step(); }, [&] { traffic.run(variant); }};
  std::optional<Optimizer> hardware;
  if (name == "rmsprop" && size == "100k") {
    hardware = rmsprop_by_hardware();
    tensors.add_to(*hardware);
    works.push_back([&] { hardware->step(); });
  }
  const auto times = interleave(works, pairs);
  RuleResult result{.name = name, .size = size, .threads = thread_count};
  result.ratio = ratio(times[1], times[0]);
  result.reference_gb_s = traffic.bytes() / spread(times[1]).median * 1e-9;
  if (hardware) result.over_hardware = ratio(times[2], times[0]);
  return result;
}

// 3,000 tensors of 1,000 elements against one of 3 M.
CostResult measure_many(const std::string& name, int thread_count, int pairs) {
  set_threads(thread_count);
  const Tensors many(std::vector<size_t>(3000, 1000)), one({3'000'000});
  Optimizer over_many(name), over_one(name);
  many.add_to(over_many), one.add_to(over_one);
  const Work works[] = {[&] { over_many.step(); }, [&] { over_one.step(); }};
  const auto times = interleave(works, pairs);
  return {name, "3,000 tensors", thread_count, ratio(times[0], times[1])};
}

// Gradients that are `dead` from some step on, over the next 10,000, against ordinary ones.
CostResult measure_dead(const std::string& name, float dead, const char* what, int thread_count,
                        int pairs) {
  set_threads(thread_count);
  Tensors alive(tensors_of("100k")), dying(tensors_of("100k"));
  Optimizer ordinary(name), other(name);
  alive.add_to(ordinary), dying.add_to(other);
  for (int i = 0; i < 100; ++i) ordinary.step(), other.step();
  dying.fill_gradients(dead);
  const int steps = 10'000 / pairs;
  std::vector<double> a, b;
  for (int i = 0; i < pairs; ++i) {
    if (i % 2 == 0) a.push_back(seconds([&] { other.step(); }, steps));
    b.push_back(seconds([&] { ordinary.step(); }, steps));
    if (i % 2 == 1) a.push_back(seconds([&] { other.step(); }, steps));
  }
  return {name, what, thread_count, ratio(a, b)};
}

}  // namespace

void run_optim(const Selection& selection, const std::function<void(const RuleResult&)>& report,
               const std::function<void(const CostResult&)>& report_cost) {
  for (const std::string size : {"100k", "100M", "resnet50"}) {
    std::unique_ptr<Tensors> tensors;
    for (const char* name : kRules) {
      if (!selection.takes(name, size) || !is_measured(name, size)) continue;
      if (!tensors) tensors = std::make_unique<Tensors>(tensors_of(size));
      for (const int n : selection.threads)
        report(measure_rule(name, size, n, *tensors, selection.pairs));
    }
  }
  for (const char* name : {"rmsprop", "rmsprop,momentum=0.9", "adam"}) {
    for (const int n : selection.threads) {
      if (selection.takes(name, "many")) report_cost(measure_many(name, n, selection.pairs));
      if (!selection.takes(name, "dead")) continue;
      report_cost(measure_dead(name, 0, "gradients of 0", n, selection.pairs));
      report_cost(measure_dead(name, 1e-25f, "gradients of 1e-25", n, selection.pairs));
    }
  }
}

}  // namespace ravine::bench
