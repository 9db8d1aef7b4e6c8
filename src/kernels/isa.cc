// The instruction set: which copies of the kernels run, and how far oneDNN may go.
#include "kernels/isa.h"

#include <dnnl.h>
#include <fmt/format.h>
#include <hwy/detect_targets.h>

#if HWY_ARCH_X86
#include <cpuid.h>
#endif

#include <algorithm>
#include <array>

#include "base/text.h"
#include "ravine/error.h"
#include "ravine/runtime.h"

namespace ravine {
namespace {

struct Isa {
  const char* name;
  int64_t target;       // Highway's
  dnnl_cpu_isa_t dnnl;  // oneDNN's cap
};

// Worst first; a processor that has one has those before it. "scalar" is Highway's portable target:
// HWY_SCALAR below g++ 12.3, else HWY_EMU128.
constexpr int64_t kScalar = HWY_SCALAR | HWY_EMU128;
#if HWY_ARCH_X86
constexpr std::array kIsas = {
    Isa{"scalar", kScalar, dnnl_cpu_isa_sse41}, Isa{"ssse3", HWY_SSSE3, dnnl_cpu_isa_sse41},
    Isa{"sse4", HWY_SSE4, dnnl_cpu_isa_sse41}, Isa{"avx2", HWY_AVX2, dnnl_cpu_isa_avx2},
    Isa{"avx512", HWY_AVX3, dnnl_cpu_isa_all}};

struct Registers {
  unsigned a, b, c, d;
};

Registers cpuid(unsigned leaf) {
  Registers r{};
  __get_cpuid_count(leaf, 0, &r.a, &r.b, &r.c, &r.d);
  return r;
}

// The registers that the operating system saves: XCR0.
uint64_t saved_registers() {
  if (!(cpuid(1).c & bit_OSXSAVE)) return 0;
  uint32_t low = 0, high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return uint64_t{high} << 32 | low;
}

// How many of kIsas this processor has, judged by the instructions that Highway's targets use.
size_t processor_isas() {
  constexpr unsigned kSse4 = bit_SSE4_1 | bit_SSE4_2 | bit_PCLMUL | bit_AES;
  constexpr unsigned kAvx = bit_AVX | bit_FMA | bit_F16C;
  constexpr unsigned kAvx2 = bit_AVX2 | bit_BMI | bit_BMI2;
  constexpr unsigned kAvx512 = bit_AVX512F | bit_AVX512VL | bit_AVX512DQ | bit_AVX512BW;
  constexpr uint64_t kYmm = 0x6, kZmm = 0xE6;
  const auto all = [](auto bits, auto wanted) { return (bits & wanted) == wanted; };
  const unsigned first = cpuid(1).c, seventh = cpuid(7).b;
  const uint64_t saved = saved_registers();
  if (!all(first, unsigned{bit_SSSE3})) return 1;
  if (!all(first, kSse4)) return 2;
  if (!all(first, kAvx) || !all(seventh, kAvx2) || !all(saved, kYmm)) return 3;
  if (!all(seventh, kAvx512) || !all(saved, kZmm)) return 4;
  return 5;
}
#else
constexpr std::array kIsas = {Isa{"scalar", kScalar, dnnl_cpu_isa_all},
                              Isa{"neon", HWY_NEON, dnnl_cpu_isa_all}};

size_t processor_isas() { return kIsas.size(); }
#endif

// The names of the first `count` of kIsas that kernels are compiled for.
std::vector<std::string> names_of(size_t count) {
  std::vector<std::string> names;
  for (size_t i = 0; i < count; ++i) {
    if (kIsas[i].target & HWY_TARGETS) names.emplace_back(kIsas[i].name);
  }
  return names;
}

size_t best() {
  size_t i = processor_isas() - 1;
  while (i > 0 && !(kIsas[i].target & HWY_TARGETS)) --i;
  return i;
}

size_t& chosen() {
  static size_t index = best();
  return index;
}

}  // namespace

size_t isa_index() { return chosen(); }

std::vector<std::string> supported_isas() { return names_of(processor_isas()); }
std::vector<std::string> compiled_isas() { return names_of(kIsas.size()); }

void set_isa(std::string_view name) {
  const auto compiled = compiled_isas(), here = supported_isas();
  const auto among = [&](const auto& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (!among(compiled)) {
    throw UsageError(fmt::format("isa: there is no '{}'{}; it is one of {}", name,
                                 suggestion(name, compiled), join(here, ", ")));
  }
  if (!among(here)) {
    throw UsageError(
        fmt::format("isa: this processor has no {}; it has {}", name, join(here, ", ")));
  }
  while (name != kIsas[chosen()].name) chosen() = (chosen() + 1) % kIsas.size();
  dnnl_set_max_cpu_isa(kIsas[chosen()].dnnl);  // refused once oneDNN has computed
}

std::string isa() { return kIsas[chosen()].name; }

std::string version_report() {
  const dnnl_version_t* dnnl = dnnl_version();
  return fmt::format(
      "ravine {}\ncompiler {}\noneDNN {}.{}.{}\nthreads {}\nisa {} of {}\n", version(),
#if defined(__clang__)
      fmt::format("clang {}", __clang_version__),
#else
      fmt::format("g++ {}", __VERSION__),
#endif
      dnnl->major, dnnl->minor, dnnl->patch, threads(), isa(), join(supported_isas(), " "));
}

}  // namespace ravine
