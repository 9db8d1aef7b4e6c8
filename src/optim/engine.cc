#include "optim/engine.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "base/team.h"
#include "optim/built_in.h"
#include "optim/codec.h"
#include "optim/ieee.h"
#include "optim/spec.h"

namespace ravine {
namespace {

double in_float32(double x) { return double(float(x)); }

// lr of the step at hand. Where eps alone is exact, so is what the schedule makes of the lr.
double rate_of(const Group& group, double multiplier) {
  const std::string& rounds = group.spec.engine.round_to_float32;
  if (rounds == "all_but_eps") return in_float32(group.lr) * multiplier;
  const double rate = group.lr * multiplier;
  return rounds == "lr" || rounds == "all" ? in_float32(rate) : rate;
}

// Which part of the parameter decoupled decay takes.
double decay_of(const Group& group) {
  const EngineOptions& o = group.rounded.engine;
  if (o.weight_decay == 0 || o.weight_decay_by == "1") return o.weight_decay;
  const double rate = group.rate * o.weight_decay;
  return o.weight_decay_by == "lr" ? rate : rate * group.rate / group.first_lr;
}

template <class T>
Frame<T> frame_of(const Group& group) {
  const EngineOptions& o = group.rounded.engine;
  Frame<T> frame;
  frame.scale = T(o.maximize ? -o.scale : o.scale);
  frame.clip = T(o.clip_value);
  frame.l2 = T(o.l2);
  frame.decay = T(decay_of(group));
  frame.low = T(o.low), frame.high = T(o.high);
  frame.l2_first = o.decay_before_clip;
  frame.clamp = o.low != -EngineOptions::kUnbounded || o.high != EngineOptions::kUnbounded;
  frame.plain =
      frame.scale == 1 && frame.clip == 0 && frame.l2 == 0 && frame.decay == 0 && !frame.clamp;
  return frame;
}

template <class T>
const Frame<T>& frame_in(const Group& group) {
  if constexpr (sizeof(T) == 4)
    return group.single;
  else
    return group.twice;
}

// The elements in place, or in `copy` if they are stored otherwise.
template <class T>
T* at(const Stored& stored, size_t begin, size_t size, T* copy) {
  if (stored.is<T>()) return stored.at<T>(begin);
  load(stored, begin, size, copy);
  return copy;
}

bool rounds(const Target& target) {
  return target.value.rounds() ||
         std::ranges::any_of(target.slots, [](auto& slot) { return slot && slot.rounds(); });
}

template <class T>
Squares squares_of(const Target& target, const Group& group, size_t begin, size_t size) {
  alignas(64) T values[Target::kBlock], gradients[Target::kBlock];
  const T* const value = at<T>(target.value, begin, size, values);
  const T* const gradient = at<T>(target.gradient, begin, size, gradients);
  if constexpr (sizeof(T) == 4)
    return kernels().squares(group.single, value, gradient, size);
  else
    return kernels().squares_twice(group.twice, value, gradient, size);
}

// In one pass where there is a kernel for it. Returns how many elements that took.
size_t update_in_registers(const Target& target, const Group& group, const Frame<float>& frame,
                           int64_t steps, size_t begin, size_t size) {
  const auto* const rule = dynamic_cast<const StoredRule*>(group.rounded.rule.get());
  const StoredKernel kernel = rule != nullptr ? rule->stored_kernel() : nullptr;
  if (kernel == nullptr || group.spec.engine.rounding != "stochastic") return 0;
  const size_t whole = size / kStoredGroup * kStoredGroup;
  kernel(group.constants.single, frame,
         {target.value, target.gradient, target.slots, begin, whole, target.seed, uint64_t(steps)});
  return whole;
}

// By chunks that stay in L1. An element has one random number a step, for all that is rounded.
template <class T>
void update_stored(const Target& target, const Group& group, const Frame<T>& frame, int64_t steps,
                   size_t begin, size_t size) {
  if constexpr (sizeof(T) == 4) {
    const size_t done = update_in_registers(target, group, frame, steps, begin, size);
    begin += done, size -= done;
  }
  alignas(64) T value[kStoredChunk], gradient[kStoredChunk], slots[kMaxSlots][kStoredChunk];
  alignas(64) uint16_t random[kStoredChunk];
  const bool stochastic = group.spec.engine.rounding == "stochastic" && rounds(target);
  for (size_t i = begin; i < begin + size; i += kStoredChunk) {
    const size_t n = std::min(kStoredChunk, begin + size - i);
    Piece<T> piece{at<T>(target.value, i, n, value), at<T>(target.gradient, i, n, gradient), {}, n};
    for (size_t k = 0; k < kMaxSlots; ++k) {
      if (target.slots[k]) piece.slots[k] = at<T>(target.slots[k], i, n, slots[k]);
    }
    group.rounded.rule->update(group.constants, frame, piece);
    if (stochastic) codecs().random(target.seed, uint64_t(steps), i, random, n);
    const uint16_t* const chance = stochastic ? random : nullptr;
    if (!target.value.is<T>()) store<T>(value, i, n, chance, target.value);
    for (size_t k = 0; k < kMaxSlots; ++k) {
      if (piece.slots[k] == slots[k]) store<T>(slots[k], i, n, chance, target.slots[k]);
    }
  }
}

template <class T>
void update_part(const Target& target, const Group& group, int64_t steps, size_t begin,
                 size_t size) {
  Frame<T> frame = frame_in<T>(group);
  if (target.factor != 1) frame.factor = T(target.factor), frame.plain = false;
  if (!target.plain) return update_stored(target, group, frame, steps, begin, size);
  Piece<T> piece{target.value.at<T>(begin), target.gradient.at<T>(begin), {}, size};
  for (size_t k = 0; k < kMaxSlots; ++k) {
    if (target.slots[k]) piece.slots[k] = target.slots[k].at<T>(begin);
  }
  group.rounded.rule->update(group.constants, frame, piece);
}

bool is_double(const Target& target) { return target.parameter.dtype == DType::kFloat64; }

// NaN where the norm is: what cannot be clipped is not let through as it is.
double clip_factor(double norm, double most) { return most == 0 || norm <= most ? 1 : most / norm; }

// Room for n elements; at least doubled, so that many small calls cost no more than a large one.
template <class T>
void make_room(std::vector<T>& vector, size_t n) {
  if (n > vector.capacity()) vector.reserve(std::max(n, 2 * vector.capacity()));
}

}  // namespace

Group::Group(std::string names, const OptimizerSpec& asked)
    : pattern(std::move(names)),
      spec(asked),
      rounded(in_float32(asked)),
      first_lr(asked.lr()),
      lr(first_lr) {}

void Group::begin(double multiplier) {
  rate = rate_of(*this, multiplier);
  single = frame_of<float>(*this), twice = frame_of<double>(*this);
}

Engine::Engine(const OptimizerSpec& spec) : skips_(spec.engine.nonfinite == "skip") {
  const EngineOptions& rounded = groups.emplace_back("", spec).rounded.engine;
  schedule_ = Schedule(rounded.schedule);
  clip_global_norm_ = rounded.clip_global_norm;
}

double Engine::multiplier() const { return schedule_(steps); }

void Engine::append(std::vector<Target> added, std::map<std::string, size_t> names) {
  size_t cost = cost_, blocks = blocks_;
  for (Target& target : added) {
    target.blocks = (target.parameter.size + Target::kBlock - 1) / Target::kBlock;
    target.first_block = blocks, target.first_cost = cost;
    blocks += target.blocks, cost += target.parameter.size + kCallCost;
  }
  make_room(squares_, blocks);
  next_scalars_.resize(groups.size());
  make_room(targets, targets.size() + added.size());
  // Nothing throws from here on.
  squares_.resize(blocks);
  std::move(added.begin(), added.end(), std::back_inserter(targets));
  by_name.merge(names);
  cost_ = cost, blocks_ = blocks;
}

// Calls run(target, first block, end block) for runs of blocks, each once, spread over the team. A
// block belongs to the thread in whose part of the work it begins.
template <class F>
void Engine::each_run(const F& run) const {
  parallel_ranges(cost_, 2 * Target::kBlock, [&](size_t begin, size_t end) {
    const IeeeMode mode;
    const auto after = [&](size_t cost, const Target& t) {  // the first block that begins at `cost`
      if (cost <= t.first_cost) return size_t{0};
      return std::min((cost - t.first_cost + Target::kBlock - 1) / Target::kBlock, t.blocks);
    };
    auto target =
        std::upper_bound(targets.begin(), targets.end(), begin,
                         [](size_t cost, const Target& t) { return cost < t.first_cost; });
    for (--target; target != targets.end() && target->first_cost < end; ++target) {
      const size_t first = after(begin, *target), last = after(end, *target);
      if (first < last) run(*target, first, last);
    }
  });
}

bool Engine::step() {
  const IeeeMode mode;
  const double scheduled = multiplier();
  for (Group& group : groups) group.begin(scheduled);
  const bool norms =
      clip_global_norm_ > 0 || std::any_of(groups.begin(), groups.end(),
                                           [](auto& g) { return g.rounded.engine.clip_norm > 0; });
  if ((norms || skips_) && !read_gradients() && skips_) {
    ++skipped;
    return false;
  }
  if (norms) set_factors();
  prepare();
  update();
  ++steps;
  return true;
}

// The one extra read: a sum of squares for each block. False where a gradient is not finite.
bool Engine::read_gradients() {
  std::atomic<bool> finite = true;
  each_run([&](const Target& target, size_t first, size_t last) {
    const Group& group = groups[target.group];
    for (size_t block = first; block < last; ++block) {
      const size_t begin = block * Target::kBlock;
      const size_t size = std::min(Target::kBlock, target.parameter.size - begin);
      const Squares squares = is_double(target) ? squares_of<double>(target, group, begin, size)
                                                : squares_of<float>(target, group, begin, size);
      squares_[target.first_block + block] = squares.sum;
      if (!squares.finite) finite.store(false, std::memory_order_relaxed);
    }
  });
  return finite;
}

// Blocks are summed in their order, tensors in that of their names, whoever computed them and
// whichever was added first.
void Engine::set_factors() {
  double global = 0;
  for (const auto& [name, place] : by_name) {
    Target& target = targets[place];
    double sum = 0;
    for (size_t i = 0; i < target.blocks; ++i) sum += squares_[target.first_block + i];
    target.factor = clip_factor(std::sqrt(sum), groups[target.group].rounded.engine.clip_norm);
    global += sum * target.factor * target.factor;
  }
  const double factor = clip_factor(std::sqrt(global), clip_global_norm_);
  for (Target& target : targets) target.factor *= factor;
}

// The rules' constants; their scalars change only when no rule has thrown.
void Engine::prepare() {
  for (size_t i = 0; i < groups.size(); ++i) {
    Group& group = groups[i];
    std::copy(group.scalars.begin(), group.scalars.end(), next_scalars_[i].begin());
    group.rounded.rule->at(steps + 1, group.rate, {next_scalars_[i].data(), group.scalars.size()},
                           group.constants);
  }
  for (size_t i = 0; i < groups.size(); ++i) {
    std::copy_n(next_scalars_[i].begin(), groups[i].scalars.size(), groups[i].scalars.begin());
  }
}

void Engine::update() {
  each_run([&](const Target& target, size_t first, size_t last) {
    const Group& group = groups[target.group];
    const size_t begin = first * Target::kBlock;
    const size_t size = std::min(last * Target::kBlock, target.parameter.size) - begin;
    if (is_double(target))
      update_part<double>(target, group, steps, begin, size);
    else
      update_part<float>(target, group, steps, begin, size);
  });
}

}  // namespace ravine
