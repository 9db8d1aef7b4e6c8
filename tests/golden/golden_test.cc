// Ravine against recordings of the frameworks themselves, which tools/make_golden.py has made: the
// parameters and every slot after every step.
#include <gtest/gtest.h>

#include "golden/recordings.h"

namespace ravine {
namespace {

// Whatever Ravine keeps has been recorded, and the other way round.
void expect_the_same_slots(const Recording& theirs, const Replay& ours) {
  for (const Difference& d : ours.differences) EXPECT_TRUE(d.compared) << d.tensor;
  EXPECT_EQ(ours.differences.size(), ours.computed.tensors.size()) << "a slot is not recorded";
  EXPECT_FALSE(theirs.metadata.at("framework").empty() || theirs.metadata.at("version").empty());
}

class Golden : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Framework, Golden, ::testing::ValuesIn(dialects()),
                         [](const auto& info) { return info.param; });

TEST_P(Golden, Float64IsTheSame) {
  const auto paths = recordings(GetParam(), "float64");
  EXPECT_FALSE(paths.empty());
  for (const fs::path& path : paths) {
    SCOPED_TRACE(path);
    const Recording theirs = read_recording(path);
    const OptimizerSpec spec = theirs.metadata.at("optimizer");
    const double tolerance = tolerance_of(spec);
    const Replay ours = replay(theirs, spec, tolerance);
    expect_the_same_slots(theirs, ours);
    for (const Difference& d : ours.differences) {
      EXPECT_LE(d.largest, tolerance) << d.tensor << " at step " << d.largest_step;
    }
    EXPECT_TRUE(replay(theirs, spec.text(), tolerance).agrees())
        << "the plain line " << spec.text();
  }
}

TEST_P(Golden, Float32IsAtMostTwiceAsFarFromExact) {
  for (const fs::path& path : recordings(GetParam(), "float32")) {
    SCOPED_TRACE(path);
    const Recording theirs = read_recording(path);
    const OptimizerSpec spec = theirs.metadata.at("optimizer");
    expect_the_same_slots(theirs, replay(theirs, spec));
    EXPECT_EQ(float32_faults(theirs, spec), "");
  }
}

}  // namespace
}  // namespace ravine
