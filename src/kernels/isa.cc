// The instruction set: which kernels Highway dispatches to, and how far oneDNN may go.
#include "kernels/isa.h"

#include <dnnl.h>
#include <fmt/format.h>
#include <hwy/targets.h>

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

// Worst first. "scalar" is Highway's portable target: HWY_SCALAR below g++ 12.3, else HWY_EMU128.
constexpr int64_t kScalar = HWY_SCALAR | HWY_EMU128;
#if HWY_ARCH_X86
constexpr std::array kIsas = {
    Isa{"scalar", kScalar, dnnl_cpu_isa_sse41}, Isa{"ssse3", HWY_SSSE3, dnnl_cpu_isa_sse41},
    Isa{"sse4", HWY_SSE4, dnnl_cpu_isa_sse41}, Isa{"avx2", HWY_AVX2, dnnl_cpu_isa_avx2},
    Isa{"avx512", HWY_AVX3, dnnl_cpu_isa_all}};
#else
constexpr std::array kIsas = {Isa{"scalar", kScalar, dnnl_cpu_isa_all},
                              Isa{"neon", HWY_NEON, dnnl_cpu_isa_all}};
#endif

// 0 until set_isa: the best that the processor has.
int64_t chosen = 0;

std::vector<std::string> names_of(int64_t targets) {
  std::vector<std::string> names;
  for (const Isa& isa : kIsas) {
    if (targets & isa.target) names.emplace_back(isa.name);
  }
  return names;
}

int64_t available() {
  static const int64_t targets = hwy::SupportedTargets();
  return targets;
}

}  // namespace

std::vector<std::string> supported_isas() { return names_of(available() & kernel_targets()); }
std::vector<std::string> compiled_isas() { return names_of(kernel_targets()); }

void set_isa(std::string_view name) {
  for (const Isa& isa : kIsas) {
    if (name != isa.name) continue;
    const int64_t target = available() & isa.target & kernel_targets();
    if (target == 0) {
      throw UsageError(fmt::format("isa: this processor has no {}; it has {}", name,
                                   join(supported_isas(), ", ")));
    }
    chosen = target;
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);
    dnnl_set_max_cpu_isa(isa.dnnl);  // refused once oneDNN has computed: then only ours changes
    return;
  }
  const auto names = compiled_isas();
  throw UsageError(fmt::format("isa: there is no '{}'{}; it is one of {}", name,
                               suggestion(name, names), join(supported_isas(), ", ")));
}

std::string isa() {
  const auto names = chosen ? names_of(chosen) : supported_isas();
  return names.empty() ? "scalar" : names.back();
}

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
