// The optimizer: a rule, the engine's options, groups and state over named parameters.
//
//   std::vector<float> w(1000), dw(1000);
//   Optimizer opt(rmsprop({.lr = 1e-3}));     // or "rmsprop,lr=1e-3"
//   opt.add("w", w, dw);
//   opt.step();                               // w has moved against dw
//
// One pass over memory a step, one parallel region for all tensors; the same bits on every
// instruction set and number of threads.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ravine/option.h"
#include "ravine/parameter.h"
#include "ravine/rules.h"

namespace ravine {

// What the engine does around every rule, in this order: scale, clip, coupled decay, rule,
// decoupled decay, clamp.
struct EngineOptions {
  static constexpr double kUnbounded = std::numeric_limits<double>::infinity();

  double weight_decay = 0;             // decoupled: p -= lr weight_decay p
  std::string weight_decay_by = "lr";  // lr; "lr_squared": lr^2 / the first lr; "1": not by lr
  double l2 = 0;                       // coupled: g += l2 p
  double scale = 1;                    // of the gradient, first: 1 / loss scale
  double clip_value = 0;               // each element into [-x, x]; 0: off
  double clip_norm = 0;                // each tensor's gradient scaled to this norm at most; 0: off
  double clip_global_norm = 0;         // all gradients together; 0: off
  bool decay_before_clip = false;      // coupled decay comes before the clipping
  double low = -kUnbounded, high = kUnbounded;  // the parameter is clamped into [low, high]
  bool maximize = false;                        // ascend
  std::string nonfinite = "ignore";   // "skip": a gradient with NaN or Inf anywhere changes nothing
  std::string schedule = "constant";  // of lr: ravine/schedule.h has the grammar
  // Options that are rounded to float32 before use even where the arithmetic is float64, as some
  // frameworks do: "lr" and weight_decay; "all"; "all_but_lr"; "all_but_eps": the rule's and the
  // schedule's but eps.
  std::string round_to_float32 = "none";
  // Of the slots: "same" (the arithmetic's type), "float32", "bfloat16" or "8bit"; or of some:
  // "square_avg:8bit+velocity:bfloat16". docs/storage.md
  std::string storage = "same";
  std::string rounding = "stochastic";  // to bfloat16 and 8 bits; "nearest" stalls slow averages
  int64_t rounding_seed = 0;            // of the stochastic one
  bool correction = false;  // bfloat16 parameters keep the 16 bits that they lack in a slot

  template <class F>
  void options(F f) {
    constexpr Range kBound{.infinite = true};
    f(Option{"weight_decay", "decoupled decay: p -= lr weight_decay p", kNotNegative},
      weight_decay);
    f(Option{"weight_decay_by", "what decoupled decay is times: lr, lr^2 / the first lr, or 1",
             kAny, "lr|lr_squared|1"},
      weight_decay_by);
    f(Option{"l2", "coupled decay: g += l2 p", kNotNegative}, l2);
    f(Option{"scale", "factor of the gradient, first of all: 1 / loss scale", kPositive}, scale);
    f(Option{"clip_value", "each element of the gradient into [-x, x]; 0: off", kNotNegative},
      clip_value);
    f(Option{"clip_norm", "each tensor's gradient scaled to this norm at most; 0: off",
             kNotNegative},
      clip_norm);
    f(Option{"clip_global_norm", "all gradients together scaled to this norm at most; 0: off",
             kNotNegative},
      clip_global_norm);
    f(Option{"decay_before_clip", "coupled decay comes before the clipping"}, decay_before_clip);
    f(Option{"low", "parameters are kept at or above it", kBound}, low);
    f(Option{"high", "parameters are kept at or below it", kBound}, high);
    f(Option{"maximize", "ascend: the gradient's sign is turned"}, maximize);
    f(Option{"nonfinite", "skip: a gradient with NaN or infinity anywhere changes nothing", kAny,
             "ignore|skip"},
      nonfinite);
    f(Option{"schedule", "what multiplies lr after k updates (docs/schedules.md)"}, schedule);
    f(Option{"round_to_float32", "hyperparameters that are rounded so before a step in float64",
             kAny, "none|lr|all|all_but_lr|all_but_eps"},
      round_to_float32);
    f(Option{"storage",
             "of the slots: same (as computed), float32, bfloat16, 8bit, or of each: "
             "square_avg:8bit+velocity:bfloat16"},
      storage);
    f(Option{"rounding", "to bfloat16 and 8 bits", kAny, "stochastic|nearest"}, rounding);
    f(Option{"rounding_seed", "of the stochastic rounding", kNotNegative}, rounding_seed);
    f(Option{"correction", "bfloat16 parameters keep the 16 bits that they lack in a slot"},
      correction);
  }
};

class Rule;  // a rule with its options, behind one interface; ravine/rule.h

// A rule and the engine's options: what `rmsprop({.lr = 1e-3})` gives, and a line of the grammar
//   NAME[:DIALECT][,option=value...]
// means. Plain names speak Ravine's words (docs/rules/); after a dialect its framework's words
// hold, and lr and the engine's own options beside them.
class OptimizerSpec {
 public:
  // Throws UsageError: unknown rule, dialect or option (with the nearest name), bad value, and
  // `decay` without a dialect.
  OptimizerSpec(std::string_view text);  // NOLINT: meant to convert
  OptimizerSpec(const char* text) : OptimizerSpec(std::string_view(text)) {}         // NOLINT
  OptimizerSpec(const std::string& text) : OptimizerSpec(std::string_view(text)) {}  // NOLINT
  OptimizerSpec(std::shared_ptr<const Rule> rule, EngineOptions engine);

  std::string rule_name() const;  // "rmsprop"
  // The plain line that means the same, without dialect: "rmsprop,lr=0.001,alpha=0.9". Options at
  // their defaults are left out, unless `all`.
  std::string text(bool all = false) const;
  double lr() const;

  std::shared_ptr<const Rule> rule;
  EngineOptions engine;
};

// The rules in C++: optimizer(rmsprop({.lr = 1e-3, .centered = true}, {.clip_norm = 1})). Each
// throws UsageError on a bad value.
OptimizerSpec sgd(const Sgd& rule = {}, const EngineOptions& engine = {});
OptimizerSpec adagrad(const Adagrad& rule = {}, const EngineOptions& engine = {});
OptimizerSpec rmsprop(const RmsProp& rule = {}, const EngineOptions& engine = {});
OptimizerSpec adam(const Adam& rule = {}, const EngineOptions& engine = {});
OptimizerSpec adamw(const AdamW& rule = {}, const EngineOptions& engine = {});

// One buffer of state, viewed. A slot of 8 bits has a second one, "square_avg.base", with a number
// for every 256 elements; bfloat16 parameters with correction have "correction".
struct StateEntry {
  std::string parameter, slot;  // "0.weight", "square_avg"
  std::vector<int64_t> shape;
  DType dtype = DType::kFloat32;
  size_t size = 0;
  void* data = nullptr;
};

// A double that a rule or the engine carries from step to step: "step", "skipped", ...
struct StateScalar {
  std::string name;
  double value = 0;
};

struct OptimizerState {
  std::vector<StateEntry> entries;
  std::vector<StateScalar> scalars;
};

// A rule at work: it knows parameters by name and where their memory is, and keeps the state that
// the rule needs of each. Make it once, before the loop; a new one begins with empty averages.
class Optimizer {
 public:
  explicit Optimizer(OptimizerSpec spec);  // also from text: Optimizer opt("rmsprop:tf1,lr=1e-3")
  ~Optimizer();
  Optimizer(Optimizer&&) noexcept;
  Optimizer& operator=(Optimizer&&) noexcept;

  // Parameters whose name matches `pattern` (* and ? stand for any text and any character) get
  // options of their own: group("*.bias", "weight_decay=0,lr=1e-2"). The last match holds. Before
  // the parameters are added. Throws UsageError on an unknown or bad option.
  void group(std::string pattern, std::string_view options);

  // The memory stays the caller's and in place. Throws UsageError: no gradient, another size,
  // a name or memory that is there already.
  void add(std::string name, std::span<float> value, std::span<const float> gradient);
  void add(std::string name, std::span<double> value, std::span<const double> gradient);
  // Computed in float32.
  void add(std::string name, std::span<BFloat16> value, std::span<const BFloat16> gradient);
  void add(std::string name, std::span<BFloat16> value, std::span<const float> gradient);
  void add(const Parameter& parameter);
  void add(std::span<const Parameter> parameters);

  // One update of every parameter. False when it was skipped (nonfinite = skip).
  bool step();

  int64_t steps() const;  // updates done
  int64_t skipped() const;
  double lr() const;       // of the next step: the spec's, times the schedule
  void set_lr(double lr);  // replaces the spec's, of the parameters without a group's own
  const OptimizerSpec& spec() const;

  OptimizerState state();  // views: valid until the optimizer goes
  // Copies values into the state. Throws Error that names every missing, unknown or wrongly shaped
  // entry; nothing has changed then.
  void load(const OptimizerState& state);

  size_t state_bytes() const;

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

Optimizer make_optimizer(std::string_view text);

// What a rule, its dialects and their options are called: for help and docs.
struct RuleHelp {
  std::string name, summary;
  using Line = OptionHelp;
  std::vector<Line> options;
  struct Dialect {
    std::string name, summary;
    std::string plain;  // what it means with its defaults: "rmsprop,lr=0.01,alpha=0.99"
    std::vector<Line> options;
  };
  std::vector<Dialect> dialects;
  // What differs between the dialects, as a table: the heading, and a row for each; or empty.
  std::vector<std::vector<std::string>> differences;
};
std::vector<RuleHelp> rule_help();
std::vector<RuleHelp::Line> engine_help();

}  // namespace ravine
