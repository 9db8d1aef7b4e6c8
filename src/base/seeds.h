// What the one seed of a training governs: a part each, for derive_seed(). Whoever takes such a
// seed derives its part itself, so that a loop of one's own and fit() draw the same numbers.
#pragma once
#include <cstdint>

namespace ravine {

enum SeedPart : uint64_t { kOrderSeed = 1, kDropoutSeed, kHeldOutSeed };

}  // namespace ravine
