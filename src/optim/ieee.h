// The floating-point mode of a step: docs/design/0001-denormals.md.
#pragma once
#include <cstdint>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace ravine {

// While one lives, this thread computes as IEEE 754 says: rounding to nearest, denormals kept, no
// traps. Then the caller's mode holds again.
class IeeeMode {
 public:
  IeeeMode() : before_(mode()) { set_mode(kIeee); }
  ~IeeeMode() { set_mode(before_); }
  IeeeMode(const IeeeMode&) = delete;
  IeeeMode& operator=(const IeeeMode&) = delete;

#if defined(__SSE2__)
  static constexpr uint64_t kIeee = 0x1F80, kFlush = 0x9FC0;  // MXCSR; FTZ and DAZ
  static uint64_t mode() { return _mm_getcsr(); }
  static void set_mode(uint64_t mode) { _mm_setcsr(uint32_t(mode)); }
#elif defined(__aarch64__)
  static constexpr uint64_t kIeee = 0, kFlush = uint64_t{1} << 24;  // FPCR; FZ
  static uint64_t mode() {
    uint64_t mode;
    asm volatile("mrs %0, fpcr" : "=r"(mode));
    return mode;
  }
  static void set_mode(uint64_t mode) { asm volatile("msr fpcr, %0" : : "r"(mode)); }
#else
  static constexpr uint64_t kIeee = 0, kFlush = 0;
  static uint64_t mode() { return 0; }
  static void set_mode(uint64_t) {}
#endif

 private:
  uint64_t before_;
};

}  // namespace ravine
