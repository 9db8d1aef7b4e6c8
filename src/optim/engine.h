// What a step does: one pass over all tensors, in one parallel region.
#pragma once
#include <array>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/arena.h"
#include "optim/stored.h"
#include "ravine/rule.h"
#include "ravine/schedule.h"

namespace ravine {

// Parameters with the same options. The first group is the optimizer's own.
struct Group {
  Group(std::string pattern, const OptimizerSpec& spec);
  void begin(double multiplier);  // of lr: sets the rate and frames of the step at hand

  std::string pattern;
  OptimizerSpec spec;     // as asked for
  OptimizerSpec rounded;  // as computed with: round_to_float32
  double first_lr;        // the spec's
  double lr;              // before the schedule
  bool own_lr = false;
  std::vector<double> scalars;  // the rule's

  // Of the step at hand.
  double rate = 0;  // lr, scheduled
  StepConstants constants{};
  Frame<float> single{};
  Frame<double> twice{};
};

// A parameter and its state. Cut into blocks of kBlock elements, the last one shorter.
struct Target {
  static constexpr size_t kBlock = 4096;
  Parameter parameter;
  size_t group = 0;
  Stored value, gradient;
  std::array<Stored, kMaxSlots> slots{};  // in the rule's order
  bool plain = true;                      // all are of the arithmetic's type
  uint64_t seed = 0;                      // of rounding
  size_t blocks = 0;
  size_t first_block = 0;  // of all blocks of the optimizer
  size_t first_cost = 0;   // of the optimizer's work, in elements
  double factor = 1;       // of clipping, at the step at hand
};

// A call of a kernel costs as much as some elements.
inline constexpr size_t kCallCost = 64;

class Engine {
 public:
  explicit Engine(const OptimizerSpec& spec);
  // All or, when it throws, none. `names` are theirs, with the places that they will have.
  void append(std::vector<Target> targets, std::map<std::string, size_t> names);
  bool step();                // false: skipped
  double multiplier() const;  // of lr, at the next step

  std::vector<Group> groups;
  std::vector<Target> targets;
  std::map<std::string, size_t> by_name;  // the place of each target
  std::array<Arena, kMaxSlots> memory;    // of each slot: it is one stream, as the parameters are
  int64_t steps = 0, skipped = 0;

 private:
  void prepare();
  bool read_gradients();
  void set_factors();
  void update();
  template <class F>
  void each_run(const F& run) const;

  Schedule schedule_;
  bool skips_ = false;
  double clip_global_norm_ = 0;
  size_t cost_ = 0, blocks_ = 0;
  std::vector<double> squares_;  // a sum for each block
  std::vector<std::array<double, kMaxScalars>> next_scalars_;
};

}  // namespace ravine
