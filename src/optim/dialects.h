// Dialects: from one framework's own words and defaults to Ravine's options.
#pragma once
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

}  // namespace ravine
