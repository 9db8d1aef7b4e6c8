// ravine replay, on a recording of one step of SGD.
#include <cstdint>
#include <cstring>

#include "cli/program.h"

namespace ravine {
namespace {

class Replay : public ProgramTest {
 protected:
  // From p0 = 1 by gradient 2 to `p`; in the metadata, `optimizer`, if any.
  void record(double p, const std::string& optimizer = "") {
    std::string header = R"({"p0":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},)"
                         R"("g":{"dtype":"F64","shape":[1,1],"data_offsets":[8,16]},)"
                         R"("p":{"dtype":"F64","shape":[1,1],"data_offsets":[16,24]})";
    if (!optimizer.empty()) {
      header += R"(,"__metadata__":{"framework":"Paper","version":"1","optimizer":")" + optimizer +
                R"("})";
    }
    header += "}";
    const uint64_t length = header.size();
    std::string bytes(8 + length + 24, '\0');
    const double values[] = {1, 2, p};
    std::memcpy(bytes.data(), &length, 8);
    std::memcpy(bytes.data() + 8, header.data(), length);
    std::memcpy(bytes.data() + 8 + length, values, 24);
    write("steps.safetensors", bytes);
  }
  std::string file() const { return path("steps.safetensors"); }
};

TEST_F(Replay, SaysThatItAgrees) {
  record(0.8);
  const Outcome outcome =
      run({"replay", file(), "--optimizer", "sgd,lr=0.1", "--out", path("ours")});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("1 step, 1 parameter, float64\n"), std::string::npos) << outcome.out;
  EXPECT_TRUE(outcome.out.ends_with("\nagrees\n")) << outcome.out;
  EXPECT_EQ(outcome.err, "");
  EXPECT_NE(read("ours").find("\"p\":"), std::string::npos);
}

TEST_F(Replay, SaysWhatDiffers) {
  record(0.8 + 1e-3);
  const Outcome outcome = run({"replay", file(), "--optimizer", "sgd,lr=0.1"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(outcome.out.ends_with("\ndiffers\n")) << outcome.out;
  EXPECT_NE(outcome.out.find("0.005"), std::string::npos) << outcome.out;
  EXPECT_EQ(run({"replay", file(), "--optimizer", "sgd,lr=0.1", "--tolerance", "0.01"}).code, 0);
}

TEST_F(Replay, TakesTheOptimizerOfTheFile) {
  record(0.8, "sgd:torch,lr=0.1");
  const Outcome outcome = run({"replay", file()});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("sgd,lr=0.1\n"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("float64; Paper 1\n"), std::string::npos) << outcome.out;
}

TEST_F(Replay, RefusesWhatItCannotUse) {
  record(0.8);
  constexpr int kFailure = 1, kUsage = 2;
  expect_refused({"replay"}, kUsage, "FILE is missing");
  expect_refused({"replay", file()}, kUsage, "does not say which optimizer; give --optimizer");
  expect_refused({"replay", file(), "--optimizer", "rmsprop:torhc"}, kUsage,
                 "did you mean 'torch'?");
  expect_refused({"replay", file(), "--optimizer", "sgd", "--tolerance", "-1"}, kUsage,
                 "tolerance");
  expect_refused({"replay", path("none"), "--optimizer", "sgd"}, kFailure, "none");
  write("broken", "no tensors");
  expect_refused({"replay", path("broken"), "--optimizer", "sgd"}, kFailure,
                 "not a well-formed safetensors file");
}

}  // namespace
}  // namespace ravine
