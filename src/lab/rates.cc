// The rule's own text, with its averaging of gradients off, says what it makes of a gradient: then
// update / gradient is lr over whatever the rule divides by. With eps at 0 as well, what eps does.
#include "lab/rates.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "lab/probe.h"
#include "optim/engine.h"

namespace ravine::lab {
namespace {

constexpr size_t kSampled = 512;  // elements of a layer
constexpr double kTwice = 2;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

void set_number(std::span<const OptionRef> options, const char* name, double value) {
  if (const OptionRef* ref = find_option(options, name)) *std::get<double*>(ref->value) = value;
}

std::unique_ptr<Rule> without_momentum(const Rule& rule, bool with_eps) {
  std::unique_ptr<Rule> plain = rule.clone();
  const std::vector<OptionRef> options = plain->options();
  for (const char* name : {"momentum", "dampening", "beta1", "weight_decay"}) {
    set_number(options, name, 0);
  }
  if (const OptionRef* ref = find_option(options, "nesterov")) *std::get<bool*>(ref->value) = false;
  if (!with_eps) set_number(options, "eps", 0);
  return plain;
}

double norm_of(const Parameter& p) {
  double sum = 0;
  const auto add = [&](const auto* g) {
    for (size_t i = 0; i < p.size; ++i) sum += double(g[i]) * double(g[i]);
  };
  p.dtype == DType::kFloat32 ? add(static_cast<const float*>(p.gradient))
                             : add(static_cast<const double*>(p.gradient));
  return std::sqrt(sum);
}

// What the norms that gradients are clipped to leave of them.
class Clipping {
 public:
  Clipping(const EngineOptions& engine, const std::vector<Parameter>& parameters)
      : engine_(engine) {
    if (engine.clip_norm == 0 && engine.clip_global_norm == 0) return;
    double sum = 0;
    for (const Parameter& p : parameters) {
      const double norm = engine.scale * norm_of(p);
      norms_[p.name] = norm;
      sum += norm * norm;
    }
    global_ = std::sqrt(sum);
  }
  double factor(const Parameter& p) const {
    double factor = 1;
    if (engine_.clip_norm > 0) factor = std::min(1.0, engine_.clip_norm / norms_.at(p.name));
    if (engine_.clip_global_norm > 0) {
      factor *= std::min(1.0, engine_.clip_global_norm / global_);
    }
    return factor;
  }

 private:
  const EngineOptions& engine_;
  std::map<std::string, double> norms_;
  double global_ = 0;
};

// Rates of some elements of one layer.
struct Sample {
  std::vector<double> rates;
  size_t slowed = 0;  // by eps
};

class Sampler {
 public:
  Sampler(Optimizer& optimizer, const std::vector<Parameter>& parameters)
      : spec_(optimizer.spec()),
        group_("", spec_),
        clipping_(spec_.engine, parameters),
        rule_(without_momentum(*spec_.rule, true)),
        without_eps_(without_momentum(*spec_.rule, false)) {
    const OptimizerState state = optimizer.state();
    for (const StateEntry& entry : state.entries) slots_[{entry.parameter, entry.slot}] = entry;
    group_.begin(1);
    set_constants(*rule_, optimizer, state, constants_);
    set_constants(*without_eps_, optimizer, state, constants_without_eps_);
  }

  bool has_eps() const { return find_option(rule_->options(), "eps") != nullptr; }

  template <class T>
  void add(const Parameter& p, size_t stride, Frame<T> frame, Sample& sample) const {
    const size_t n = (p.size + stride - 1) / stride;
    frame.factor = T(clipping_.factor(p));
    frame.plain = frame.plain && frame.factor == 1;
    std::vector<T> gradients(n);
    for (size_t i = 0; i < n; ++i) {
      gradients[i] = frame.gradient(static_cast<const T*>(p.value)[i * stride],
                                    static_cast<const T*>(p.gradient)[i * stride]);
    }
    const auto with = updates(*rule_, constants_, p, stride, gradients);
    if (!with) return;
    const auto without = updates(*without_eps_, constants_without_eps_, p, stride, gradients);
    for (size_t i = 0; i < n; ++i) {
      const double update = std::fabs(double((*with)[i])), g = std::fabs(double(gradients[i]));
      if (!(g > 0) || !std::isfinite(update)) continue;
      sample.rates.push_back(update / g);
      sample.slowed += std::fabs(double((*without)[i])) > kTwice * update;
    }
  }

  Frame<float> frame(float) const { return group_.single; }
  Frame<double> frame(double) const { return group_.twice; }

 private:
  static void set_constants(const Rule& rule, const Optimizer& optimizer,
                            const OptimizerState& state, StepConstants& constants) {
    std::vector<double> scalars;
    for (const Scalar& scalar : rule.scalars()) {
      const auto found = std::ranges::find(state.scalars, scalar.name, &StateScalar::name);
      scalars.push_back(found == state.scalars.end() ? scalar.initial : found->value);
    }
    rule.at(optimizer.steps() + 1, optimizer.lr(), scalars, constants);
  }

  // What the rule would subtract from each element; nothing where a slot is stored otherwise.
  template <class T>
  std::optional<std::vector<T>> updates(const Rule& rule, const StepConstants& constants,
                                        const Parameter& p, size_t stride,
                                        const std::vector<T>& gradients) const {
    const size_t n = gradients.size();
    std::vector<T> values(n);  // 0, so that what is left there is the update alone
    std::array<std::vector<T>, kMaxSlots> copies;
    Piece<T> piece{values.data(), gradients.data(), {}, n};
    const std::vector<Slot> slots = rule.slots();
    for (size_t k = 0; k < slots.size(); ++k) {
      if (!slots[k].used) continue;
      const auto found = slots_.find({p.name, slots[k].name});
      if (found == slots_.end() || found->second.dtype != p.dtype) return std::nullopt;
      copies[k].resize(n);
      for (size_t i = 0; i < n; ++i) {
        copies[k][i] = static_cast<const T*>(found->second.data)[i * stride];
      }
      piece.slots[k] = copies[k].data();
    }
    rule.update(constants, Frame<T>{}, piece);
    return values;
  }

  const OptimizerSpec& spec_;
  Group group_;
  Clipping clipping_;
  std::unique_ptr<Rule> rule_, without_eps_;
  StepConstants constants_{}, constants_without_eps_{};
  std::map<std::pair<std::string, std::string>, StateEntry> slots_;
};

double point(std::vector<double>& sorted, double share) {
  return sorted[size_t(std::lround(share * double(sorted.size() - 1)))];
}

}  // namespace

std::vector<Rates> effective_rates(Optimizer& optimizer, const std::vector<Parameter>& parameters,
                                   size_t layers) {
  const Sampler sampler(optimizer, parameters);
  std::vector<size_t> sizes(layers);
  for (const Parameter& p : parameters) sizes[layer_of(p)] += p.size;
  std::vector<Sample> samples(layers);
  for (const Parameter& p : parameters) {
    const size_t layer = layer_of(p), stride = std::max<size_t>(1, sizes[layer] / kSampled);
    if (p.dtype == DType::kFloat32) {
      sampler.add(p, stride, sampler.frame(float{}), samples[layer]);
    } else {
      sampler.add(p, stride, sampler.frame(double{}), samples[layer]);
    }
  }
  std::vector<Rates> rates(layers, {kNone, kNone, kNone, kNone});
  for (size_t i = 0; i < layers; ++i) {
    std::vector<double>& sorted = samples[i].rates;
    if (sorted.empty()) continue;
    std::ranges::sort(sorted);
    rates[i] = {point(sorted, 0.05), point(sorted, 0.5), point(sorted, 0.95), kNone};
    if (sampler.has_eps()) rates[i].eps = double(samples[i].slowed) / double(sorted.size());
  }
  return rates;
}

}  // namespace ravine::lab
