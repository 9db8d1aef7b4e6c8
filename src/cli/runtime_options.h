// What every command that computes takes: threads and instruction set.
#pragma once
#include <cstdint>
#include <string>

#include "ravine/option.h"

namespace ravine::cli {

struct RuntimeOptions {
  int64_t threads = 0;
  std::string isa;

  template <class F>
  void options(F f) {
    f(Option{"threads",
             "threads that compute together; all processors if not given",
             {.low = 1, .high = 1024}},
      threads);
    f(Option{"isa",
             "instruction set: scalar, ssse3, sse4, avx2, avx512 or neon; the best if not "
             "given"},
      isa);
  }
  void apply() const;  // RAVINE_ISA holds where `isa` is not given
};

}  // namespace ravine::cli
