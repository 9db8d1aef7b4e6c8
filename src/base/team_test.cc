#include "base/team.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

#include "ravine/error.h"

namespace ravine {
namespace {

class TeamTest : public testing::Test {
 protected:
  ~TeamTest() override { set_threads(before_); }
  int before_ = threads();
};

TEST_F(TeamTest, EveryIndexIsVisitedOnceAndCutsLieOnTheGrain) {
  for (const int n : {1, 2, 3, 4, 7}) {
    set_threads(n);
    for (const size_t count : {0, 1, 5, 64, 1000}) {
      for (const size_t grain : {1, 3, 64}) {
        std::vector<std::atomic<int>> visits(count);
        parallel_ranges(count, grain, [&](size_t begin, size_t end) {
          EXPECT_EQ(begin % grain, 0u);
          EXPECT_TRUE(end == count || end % grain == 0);
          for (size_t i = begin; i < end; ++i) ++visits[i];
        });
        for (const auto& visit : visits) ASSERT_EQ(visit, 1);
      }
    }
  }
}

TEST_F(TeamTest, WhatABodyThrowsArrivesAtTheCaller) {
  for (const int n : {1, 4}) {
    set_threads(n);
    EXPECT_THROW(parallel_for(100,
                              [](size_t i) {
                                if (i == 77) throw Error("77");
                              }),
                 Error);
  }
}

TEST_F(TeamTest, ARegionInsideARegionRunsOnItsThread) {
  set_threads(4);
  std::atomic<int> sum = 0;
  parallel_for(4, [&](size_t) { parallel_for(10, [&](size_t) { ++sum; }); });
  EXPECT_EQ(sum, 40);
}

TEST_F(TeamTest, ThreadsMustBePositive) {
  EXPECT_THROW(set_threads(0), UsageError);
  EXPECT_THROW(set_threads(-1), UsageError);
}

}  // namespace
}  // namespace ravine
