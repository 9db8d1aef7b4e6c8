#include "base/memory.h"

#include <gtest/gtest.h>
#include <sys/sysinfo.h>

namespace ravine {
namespace {

TEST(Memory, AvailableIsPartOfWhatTheMachineHas) {
  struct sysinfo machine;
  ASSERT_EQ(sysinfo(&machine), 0);
  EXPECT_GT(available_memory(), 16e6);
  EXPECT_LE(available_memory(), double(machine.totalram) * machine.mem_unit);
}

}  // namespace
}  // namespace ravine
