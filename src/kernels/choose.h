// Choosing between the copies of a function that Highway's foreach_target.h made. Highway's own
// choice would need its library, which times the clock for milliseconds whenever it is loaded.
#pragma once
#include <hwy/detect_targets.h>

#include "kernels/isa.h"

// The copies of `f`, for each of isa.cc's kIsas; nullptr where it is not compiled.
#if HWY_ARCH_X86
#define RAVINE_COPIES(f)                                                               \
  HWY_CHOOSE_FALLBACK(f), HWY_CHOOSE_SSSE3(f), HWY_CHOOSE_SSE4(f), HWY_CHOOSE_AVX2(f), \
      HWY_CHOOSE_AVX3(f)
#else
#define RAVINE_COPIES(f) HWY_CHOOSE_FALLBACK(f), HWY_CHOOSE_NEON(f)
#endif

// The copy of `f` for the instruction set in use: RAVINE_CHOOSE(add)(x, y, n).
#define RAVINE_CHOOSE(f)                                                               \
  ([] {                                                                                \
    static constexpr decltype(&HWY_STATIC_DISPATCH(f)) kCopies[] = {RAVINE_COPIES(f)}; \
    return kCopies[isa_index()];                                                       \
  }())
