// The same options and seed give the same losses and the same parameters, bit for bit: run twice,
// with 1 to 4 threads on each instruction set, and whether or not the C library uses FMA.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "ravine/runtime.h"

namespace ravine {
namespace {

struct Printed {
  std::string trainings, control;
};

Printed run(int threads, const std::string& isa = "", const std::string& environment = "") {
  const std::string command =
      environment + " '" DETERMINISM_RUN "' " + std::to_string(threads) + " " + isa;
  FILE* pipe = popen(command.c_str(), "r");
  std::string text;
  char buffer[4096];
  for (size_t n; (n = fread(buffer, 1, sizeof(buffer), pipe)) > 0;) text.append(buffer, n);
  EXPECT_EQ(pclose(pipe), 0) << command << ": " << text;
  const size_t last = text.find_last_of('\n', text.size() - 2) + 1;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 8) << text;
  return {text.substr(0, last), text.substr(last)};
}

class EachIsa : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Determinism, EachIsa, ::testing::ValuesIn(supported_isas()),
                         [](const auto& info) { return info.param; });

TEST_P(EachIsa, OneToFourThreadsGiveTheSameBits) {
  const Printed one = run(1, GetParam());
  std::printf("%s", one.trainings.c_str());
  for (const int threads : {2, 3, 4}) {
    EXPECT_EQ(run(threads, GetParam()).trainings, one.trainings) << threads << " threads";
  }
}

TEST(Determinism, TheSameAgain) { EXPECT_EQ(run(2).trainings, run(2).trainings); }

bool processor_has_fma() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("fma");
#else
  return false;
#endif
}

// The control shows that the C library's own functions have other bits then.
TEST(Determinism, TheCLibraryWithoutFmaGivesTheSameBits) {
  if (!processor_has_fma()) GTEST_SKIP() << "this processor has no FMA to switch off";
  const Printed with = run(2);
  const Printed without = run(2, "", "GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA");
  EXPECT_NE(with.control, without.control) << "the tunable had no effect";
  EXPECT_EQ(with.trainings, without.trainings);
}

}  // namespace
}  // namespace ravine
