#include "ravine/optimizer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <cstring>
#include <map>
#include <set>

#include "base/text.h"
#include "optim/assignments.h"
#include "optim/engine.h"
#include "optim/spec.h"
#include "ravine/error.h"
#include "ravine/random.h"

namespace ravine {
namespace {

// Of the whole optimizer: a group cannot have its own.
constexpr const char* kShared[] = {"clip_global_norm", "nonfinite", "schedule", "round_to_float32"};

// Disjoint ranges of memory, and whose they are.
class Memory {
 public:
  // Throws where one of these ranges or of `others` meets the new one.
  void add(const void* begin, size_t bytes, const std::string& owner, const Memory& others) {
    if (bytes == 0) return;
    const auto at = reinterpret_cast<uintptr_t>(begin);
    for (const Memory* memory : {static_cast<const Memory*>(this), &others}) {
      if (const std::string* other = memory->owner_in(at, at + bytes)) {
        throw UsageError(
            fmt::format("{} shares memory with {}; each needs its own", owner, *other));
      }
    }
    ranges_.emplace(at, Range{at + bytes, owner});
  }
  void merge(Memory& others) { ranges_.merge(others.ranges_); }

 private:
  struct Range {
    uintptr_t end;
    std::string owner;
  };
  const std::string* owner_in(uintptr_t begin, uintptr_t end) const {
    const auto next = ranges_.upper_bound(begin);
    if (next != ranges_.end() && next->first < end) return &next->second.owner;
    const bool meets_last = next != ranges_.begin() && std::prev(next)->second.end > begin;
    return meets_last ? &std::prev(next)->second.owner : nullptr;
  }
  std::map<uintptr_t, Range> ranges_;
};

bool floating(DType dtype) {
  return dtype == DType::kFloat32 || dtype == DType::kFloat64 || dtype == DType::kBFloat16;
}

void check_parameter(const Parameter& p) {
  const DType gradient = p.gradient_dtype.value_or(p.dtype);
  if (!floating(p.dtype) || !floating(gradient)) {
    throw UsageError(fmt::format("{} '{}' is {}; float32, float64 and bfloat16 can be trained",
                                 floating(p.dtype) ? "the gradient of" : "parameter", p.name,
                                 name_of(floating(p.dtype) ? gradient : p.dtype)));
  }
  if (gradient == DType::kFloat64 && p.dtype != DType::kFloat64) {
    throw UsageError(
        fmt::format("the gradient of '{}' is float64, but a {} parameter is computed in float32",
                    p.name, name_of(p.dtype)));
  }
  size_t size = 1;
  for (const int64_t n : p.shape) size *= size_t(n);
  if (size != p.size) {
    throw UsageError(fmt::format("parameter '{}' has {} elements, and its shape [{}] has {}",
                                 p.name, p.size, fmt::join(p.shape, ", "), size));
  }
  if (p.size == 0) return;
  if (p.value == nullptr) throw UsageError(fmt::format("parameter '{}' has no memory", p.name));
  if (p.gradient == nullptr) {
    throw UsageError(
        fmt::format("parameter '{}' has no gradient; give it one or leave it out", p.name));
  }
}

int16_t* beside(Arena& arena, size_t count) {
  auto* const memory = static_cast<int16_t*>(arena.take(count * sizeof(int16_t)));
  std::fill_n(memory, count, int16_t{0});
  return memory;
}

size_t bases_of(size_t size) { return (size + Stored::kBlock - 1) / Stored::kBlock; }

// 64-bit FNV-1a: a tensor's random numbers are those of its name.
uint64_t hash_of(std::string_view name) {
  uint64_t hash = 0xCBF29CE484222325;
  for (const char c : name) hash = (hash ^ uint8_t(c)) * 0x100000001B3;
  return hash;
}

Target target_of(const Parameter& p, size_t group, const OptimizerSpec& spec,
                 std::span<Arena, kMaxSlots> arenas) {
  Target target{.parameter = p, .group = group};
  target.value = {.store = store_of(p.dtype), .data = p.value};
  target.gradient = {.store = store_of(p.gradient_dtype.value_or(p.dtype)), .data = p.gradient};
  target.seed = derive_seed(uint64_t(spec.engine.rounding_seed), hash_of(p.name));
  if (spec.engine.correction && p.dtype == DType::kBFloat16) {
    target.value.store = Store::kCorrected;
    target.value.beside = beside(arenas[0], p.size);
  }
  const auto slots = spec.rule->slots();
  const auto stores = slot_stores(spec.rule_name(), spec.engine.storage, slots, p.dtype);
  const Store same = p.dtype == DType::kFloat64 ? Store::kFloat64 : Store::kFloat32;
  target.plain = target.value.store == same && target.gradient.store == same;
  for (size_t k = 0; k < slots.size(); ++k) {
    if (!slots[k].used) continue;
    Stored& slot = target.slots[k];
    slot = {.store = stores[k], .nonnegative = slots[k].nonnegative};
    slot.data = arenas[k].take(p.size * size_of(dtype_of(slot.store)));
    if (slot.store == Store::kEightBit) slot.beside = beside(arenas[k], bases_of(p.size));
    fill(slot, p.size, slots[k].initial);
    target.plain &= slot.store == same;
  }
  return target;
}

template <class T>
constexpr DType kDTypeOf = std::is_same_v<T, double>  ? DType::kFloat64
                           : std::is_same_v<T, float> ? DType::kFloat32
                                                      : DType::kBFloat16;

template <class T, class G>
Parameter view_of(std::string name, std::span<T> value, std::span<const G> gradient) {
  if (value.size() != gradient.size()) {
    throw UsageError(fmt::format("parameter '{}' has {} elements, and its gradient {}", name,
                                 value.size(), gradient.size()));
  }
  return {std::move(name), {int64_t(value.size())},         kDTypeOf<T>, value.size(),
          value.data(),    const_cast<G*>(gradient.data()), kDTypeOf<G>};
}

std::vector<double> initial_scalars(const Rule& rule) {
  std::vector<double> values;
  for (const Scalar& scalar : rule.scalars()) values.push_back(scalar.initial);
  return values;
}

std::string entry_text(const StateEntry& e) {
  return fmt::format("{} {} [{}]", name_of(e.dtype), e.parameter + "/" + e.slot,
                     fmt::join(e.shape, ", "));
}

}  // namespace

struct Optimizer::Body {
  explicit Body(const OptimizerSpec& spec) : engine(spec) {
    engine.groups[0].scalars = initial_scalars(*spec.rule);
  }
  Engine engine;
  Memory memory;
  bool lr_was_set = false;

  size_t group_of(std::string_view name) const {
    for (size_t i = engine.groups.size(); i-- > 1;) {
      if (matches(engine.groups[i].pattern, name)) return i;
    }
    return 0;
  }
};

Optimizer::Optimizer(OptimizerSpec spec) : body_(std::make_unique<Body>(spec)) {}
Optimizer::~Optimizer() = default;
Optimizer::Optimizer(Optimizer&&) noexcept = default;
Optimizer& Optimizer::operator=(Optimizer&&) noexcept = default;

void Optimizer::group(std::string pattern, std::string_view options) {
  if (!body_->engine.targets.empty()) {
    throw UsageError(fmt::format("group '{}': groups come before the parameters", pattern));
  }
  Group group(pattern, changed(spec(), options));
  for (const Assignment& option : parse_assignments(pattern, options)) {
    if (std::count(std::begin(kShared), std::end(kShared), option.name)) {
      throw UsageError(
          fmt::format("group '{}': {} holds for all parameters; set it in the optimizer", pattern,
                      option.name));
    }
    group.own_lr |= option.name == "lr";
  }
  if (!group.own_lr) group.lr = body_->engine.groups[0].lr;
  group.scalars = initial_scalars(*group.spec.rule);
  body_->engine.groups.push_back(std::move(group));
}

void Optimizer::add(std::string name, std::span<float> value, std::span<const float> gradient) {
  add(view_of(std::move(name), value, gradient));
}
void Optimizer::add(std::string name, std::span<double> value, std::span<const double> gradient) {
  add(view_of(std::move(name), value, gradient));
}
void Optimizer::add(std::string name, std::span<BFloat16> value,
                    std::span<const BFloat16> gradient) {
  add(view_of(std::move(name), value, gradient));
}
void Optimizer::add(std::string name, std::span<BFloat16> value, std::span<const float> gradient) {
  add(view_of(std::move(name), value, gradient));
}

void Optimizer::add(const Parameter& parameter) { add(std::span(&parameter, 1)); }

// What is new is checked against what there is and kept apart until nothing can throw: a failed
// call changes nothing, and n calls cost no more than one of n parameters.
void Optimizer::add(std::span<const Parameter> parameters) {
  Engine& engine = body_->engine;
  if (engine.steps > 0) throw UsageError("parameters are added before the first step");
  std::map<std::string, size_t> names;
  Memory memory;
  for (const Parameter& p : parameters) {
    check_parameter(p);
    const size_t place = engine.targets.size() + names.size();
    if (engine.by_name.contains(p.name) || !names.emplace(p.name, place).second) {
      throw UsageError(fmt::format("there are two parameters '{}'; names must differ", p.name));
    }
    memory.add(p.value, p.size * size_of(p.dtype), fmt::format("parameter '{}'", p.name),
               body_->memory);
    memory.add(p.gradient, p.size * size_of(p.gradient_dtype.value_or(p.dtype)),
               fmt::format("the gradient of '{}'", p.name), body_->memory);
  }
  std::vector<Target> targets;
  for (const Parameter& p : parameters) {
    const size_t group = body_->group_of(p.name);
    targets.push_back(target_of(p, group, engine.groups[group].rounded, engine.memory));
  }
  engine.append(std::move(targets), std::move(names));
  body_->memory.merge(memory);
}

bool Optimizer::step() {
  if (body_->engine.targets.empty())
    throw UsageError("the optimizer has no parameters; add() some");
  return body_->engine.step();
}

int64_t Optimizer::steps() const { return body_->engine.steps; }
int64_t Optimizer::skipped() const { return body_->engine.skipped; }
double Optimizer::lr() const { return body_->engine.groups[0].lr * body_->engine.multiplier(); }
const OptimizerSpec& Optimizer::spec() const { return body_->engine.groups[0].spec; }

void Optimizer::set_lr(double lr) {
  if (!(lr >= 0) || std::isinf(lr)) {
    throw UsageError(fmt::format("{}: lr must be >= 0 and finite, got {}", spec().rule_name(), lr));
  }
  body_->lr_was_set = true;
  for (Group& group : body_->engine.groups) {
    if (!group.own_lr) group.lr = lr;
  }
}

size_t Optimizer::state_bytes() const {
  size_t bytes = 0;
  for (const Target& target : body_->engine.targets) {
    const size_t size = target.parameter.size;
    if (target.value.beside != nullptr) bytes += size * sizeof(int16_t);
    for (const Stored& slot : target.slots) {
      if (slot) bytes += size * size_of(dtype_of(slot.store));
      if (slot.beside != nullptr) bytes += bases_of(size) * sizeof(int16_t);
    }
  }
  return bytes;
}

// ---- state ----

OptimizerState Optimizer::state() {
  const Engine& engine = body_->engine;
  OptimizerState state;
  for (const Target& target : engine.targets) {
    const Parameter& p = target.parameter;
    const auto slots = engine.groups[target.group].spec.rule->slots();
    for (size_t k = 0; k < slots.size(); ++k) {
      if (!slots[k].used) continue;
      const Stored& slot = target.slots[k];
      state.entries.push_back(
          {p.name, slots[k].name, p.shape, dtype_of(slot.store), p.size, slot.data});
      if (slot.beside == nullptr) continue;
      const size_t bases = bases_of(p.size);
      state.entries.push_back({p.name,
                               std::string(slots[k].name) + ".base",
                               {int64_t(bases)},
                               DType::kInt16,
                               bases,
                               slot.beside});
    }
    if (target.value.beside != nullptr) {
      state.entries.push_back(
          {p.name, "correction", p.shape, DType::kInt16, p.size, target.value.beside});
    }
  }
  state.scalars = {{"step", double(engine.steps)}, {"skipped", double(engine.skipped)}};
  if (body_->lr_was_set) state.scalars.push_back({"lr", engine.groups[0].lr});
  for (const Group& group : engine.groups) {
    const auto scalars = group.spec.rule->scalars();
    for (size_t i = 0; i < scalars.size(); ++i) {
      const std::string prefix = group.pattern.empty() ? "" : group.pattern + ":";
      state.scalars.push_back({prefix + scalars[i].name, group.scalars[i]});
    }
  }
  return state;
}

namespace {

// What is wrong with loading `from` into `to`, one entry after another; "" where all fits.
std::string misfits(const OptimizerState& from, const OptimizerState& to) {
  std::vector<std::string> missing, unknown, different;
  std::map<std::pair<std::string, std::string>, const StateEntry*> entries;
  std::set<std::string> scalars;
  for (const StateEntry& e : from.entries) entries[{e.parameter, e.slot}] = &e;
  for (const StateScalar& s : from.scalars) scalars.insert(s.name);
  for (const StateEntry& e : to.entries) {
    const auto found = entries.find({e.parameter, e.slot});
    if (found == entries.end()) {
      missing.push_back(e.parameter + "/" + e.slot);
    } else {
      const StateEntry& given = *found->second;
      if (given.shape != e.shape || given.dtype != e.dtype || given.size != e.size) {
        different.push_back(fmt::format("{} is not {}", entry_text(given), entry_text(e)));
      }
      entries.erase(found);
    }
  }
  for (const StateScalar& s : to.scalars) {
    if (scalars.erase(s.name) == 0 && s.name != "lr") missing.push_back(s.name);
  }
  scalars.erase("lr");
  for (const auto& [key, entry] : entries) unknown.push_back(key.first + "/" + key.second);
  unknown.insert(unknown.end(), scalars.begin(), scalars.end());
  std::string text;
  const auto list = [&](const char* what, const std::vector<std::string>& names) {
    if (!names.empty()) text += fmt::format("; {}: {}", what, fmt::join(names, ", "));
  };
  list("missing", missing), list("unknown", unknown), list("another shape or type", different);
  return text;
}

void check_count(const StateScalar& s) {
  if (s.value >= 0 && s.value == std::floor(s.value) && s.value < 0x1p53) return;
  throw Error(fmt::format("optimizer state: {} must be a count, got {}", s.name, s.value));
}

}  // namespace

void Optimizer::load(const OptimizerState& from) {
  const OptimizerState to = state();
  const std::string wrong = misfits(from, to);
  if (!wrong.empty()) {
    throw Error(fmt::format("the state does not fit optimizer {}{}", spec().text(), wrong));
  }
  std::map<std::string, double> scalars;
  for (const StateScalar& s : from.scalars) {
    if (s.name == "step" || s.name == "skipped") check_count(s);
    scalars[s.name] = s.value;
  }
  std::map<std::pair<std::string_view, std::string_view>, const StateEntry*> entries;
  for (const StateEntry& e : from.entries) entries[{e.parameter, e.slot}] = &e;
  const bool has_lr = scalars.contains("lr");
  set_lr(has_lr ? scalars["lr"] : spec().lr());
  body_->lr_was_set = has_lr;
  for (const StateEntry& e : to.entries) {
    const StateEntry& given = *entries[{e.parameter, e.slot}];
    if (e.size > 0) std::memmove(e.data, given.data, e.size * size_of(e.dtype));
  }
  Engine& engine = body_->engine;
  engine.steps = int64_t(scalars["step"]), engine.skipped = int64_t(scalars["skipped"]);
  for (Group& group : engine.groups) {
    const auto names = group.spec.rule->scalars();
    for (size_t i = 0; i < names.size(); ++i) {
      const std::string prefix = group.pattern.empty() ? "" : group.pattern + ":";
      group.scalars[i] = scalars[prefix + names[i].name];
    }
  }
}

Optimizer make_optimizer(std::string_view text) { return Optimizer(OptimizerSpec(text)); }

}  // namespace ravine
