// Dialects: from one framework's own words and defaults to Ravine's options.
#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "optim/words.h"

namespace ravine {

struct Dialect {
  const char* rule;
  const char* name;
  const char* summary;
  void (*translate)(Words& words);
};

// The dialects of a rule, in the order of help.
std::vector<const Dialect*> dialects_of(std::string_view rule);

// A family each, in dialects_*.cc. A framework's constructor is a function, which lists all of its
// arguments, and says with set() what the framework does otherwise than the plain rule.
std::span<const Dialect> torch_dialects();
std::span<const Dialect> tensorflow_dialects();
std::span<const Dialect> other_dialects();
std::span<const Dialect> paper_dialects();

// What several of them do: a variance below 0 gives NaN; the velocity holds lr g / denominator.
void without_clamp(Words& w);
void lr_in_velocity(Words& w);

}  // namespace ravine
