// Recordings made here, by the optimizer itself or by hand, and what is said of wrong ones.
#include "ravine/replay.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "ravine/error.h"
#include "train/testing.h"

namespace ravine {
namespace {

using testing::expect_error;
using testing::TempFolder;

constexpr int64_t kSteps = 5, kSize = 3;

Tensor rows(double first, double step) {
  std::vector<double> values;
  for (int64_t i = 0; i < kSteps * kSize; ++i) values.push_back(first + step * double(i));
  return Tensor::from(std::span<const double>(values), {kSteps, kSize});
}

// SGD with lr 0.5, written down by hand.
TensorFile sgd_file() {
  TensorFile file;
  const Tensor start = Tensor::full({kSize}, 1, DType::kFloat64), g = rows(-2, 0.25);
  const Tensor p = Tensor::zeros({kSteps, kSize}, DType::kFloat64);
  std::vector<double> now(kSize, 1);
  for (int64_t i = 0; i < kSteps * kSize; ++i) {
    now[i % kSize] -= 0.5 * g.values<double>()[i];
    p.values<double>()[i] = now[i % kSize];
  }
  file.tensors = {{"p0", start}, {"g", g}, {"p", p}};
  return file;
}

Recording recording_of(const TensorFile& file) {
  const TempFolder folder;
  write_safetensors(folder.path / "steps.safetensors", file);
  return read_recording(folder.path / "steps.safetensors");
}

Tensor& tensor(TensorFile& file, const std::string& name) {
  return std::ranges::find(file.tensors, name, [](auto& entry) { return entry.first; })->second;
}

TEST(Replay, OfTheSameStepsAgrees) {
  const Recording recording = recording_of(sgd_file());
  EXPECT_EQ(recording.steps(), kSteps);
  EXPECT_EQ(recording.dtype(), DType::kFloat64);
  const Replay result = replay(recording, "sgd,lr=0.5");
  EXPECT_TRUE(result.agrees());
  ASSERT_EQ(result.differences.size(), 1u);
  EXPECT_EQ(result.differences[0].tensor, "p");
  EXPECT_EQ(result.differences[0].largest, 0);
  EXPECT_EQ(result.computed.tensors[0].second.to_vector(), recording.tracks[0].values.to_vector());
}

TEST(Replay, NamesTheFirstStepBeyondTheTolerance) {
  TensorFile file = sgd_file();
  tensor(file, "p").values<double>()[3 * kSize + 1] += 1e-6;
  const Replay result = replay(recording_of(file), "sgd,lr=0.5");
  EXPECT_FALSE(result.agrees());
  EXPECT_EQ(result.differences[0].first_beyond, 4);
  EXPECT_EQ(result.differences[0].largest_step, 4);
  // The column's steps add up to 0.5 (1.75 + 1 + 0.25 + 0.5 + 1.25), but for the fault itself.
  EXPECT_NEAR(result.differences[0].largest, 1e-6 / 2.375, 1e-11);
  EXPECT_TRUE(replay(recording_of(file), "sgd,lr=0.5", 1e-6).agrees());
  EXPECT_FALSE(replay(recording_of(sgd_file()), "sgd,lr=0.5000001").agrees());
}

TEST(Replay, WantsNaNAndInfinityAtTheSamePlaces) {
  for (const double bad : {double(NAN), double(INFINITY)}) {
    TensorFile file = sgd_file();
    tensor(file, "p").values<double>()[4] = bad;
    const Replay result = replay(recording_of(file), "sgd,lr=0.5", 1e300);
    EXPECT_EQ(result.differences[0].first_beyond, 2);
    EXPECT_EQ(result.differences[0].largest, INFINITY);
  }
  TensorFile file = sgd_file();
  tensor(file, "g").values<double>()[0] = NAN;
  for (int64_t t = 0; t < kSteps; ++t) tensor(file, "p").values<double>()[t * kSize] = NAN;
  EXPECT_TRUE(replay(recording_of(file), "sgd,lr=0.5").agrees());
}

TEST(Replay, FollowsTheRecordedLrInsteadOfASchedule) {
  TensorFile file = sgd_file();
  file.tensors.emplace_back("lr", Tensor::full({kSteps}, 0.5, DType::kFloat64));
  const Recording recording = recording_of(file);
  EXPECT_TRUE(replay(recording, "sgd,lr=7").agrees());
  EXPECT_TRUE(replay(recording, "sgd,lr=7,schedule=step(every=1)").agrees());
  EXPECT_FALSE(replay(recording, "sgd:keras2,lr=7,decay=0.1").agrees());
}

TEST(Replay, OfSeveralParametersIsOneOptimizer) {
  const TensorFile one = sgd_file();
  TensorFile file;
  for (const char* name : {"b.", "a.x."}) {
    for (const auto& [what, values] : one.tensors) file.tensors.emplace_back(name + what, values);
  }
  const Replay result = replay(recording_of(file), "sgd,lr=0.5");
  EXPECT_TRUE(result.agrees());
  ASSERT_EQ(result.differences.size(), 2u);
  EXPECT_EQ(result.differences[0].tensor, "a.x.p");
  EXPECT_EQ(result.differences[1].tensor, "b.p");
  // Both norms together are beyond 4, each alone is not.
  EXPECT_TRUE(replay(recording_of(one), "sgd,lr=0.5,clip_global_norm=4").agrees());
  EXPECT_FALSE(replay(recording_of(file), "sgd,lr=0.5,clip_global_norm=4").agrees());
}

TEST(Replay, ComparesSlotsAndNamesThoseThatAreNotKept) {
  TensorFile file = sgd_file();
  file.tensors.emplace_back("velocity", rows(0, 0));
  Replay result = replay(recording_of(file), "sgd,lr=0.5");
  EXPECT_TRUE(result.agrees());
  EXPECT_FALSE(result.differences[1].compared);
  EXPECT_EQ(result.differences[1].tensor, "velocity");
  result = replay(recording_of(file), "sgd,lr=0.5,momentum=0.5");
  EXPECT_TRUE(result.differences[1].compared);
  EXPECT_EQ(result.differences[1].first_beyond, 1);
  tensor(file, "velocity") = result.computed.tensors[1].second;
  tensor(file, "p") = result.computed.tensors[0].second;
  EXPECT_TRUE(replay(recording_of(file), "sgd,lr=0.5,momentum=0.5").agrees());
}

TEST(Replay, NamesAllThatIsWrongWithAFile) {
  const auto expect_refused = [](const TensorFile& file, const char* text) {
    expect_error<Error>([&] { recording_of(file); }, {"is no recording of an optimizer", text});
  };
  expect_refused({}, "p0 is missing");
  TensorFile file = sgd_file();
  file.tensors.erase(file.tensors.begin() + 1);
  tensor(file, "p") = tensor(file, "p").reshape({kSize, kSteps});
  expect_refused(file, "g is missing; p is [3, 5], not [T, 3]");
  file = sgd_file();
  tensor(file, "p") = Tensor::zeros({kSteps + 1, kSize}, DType::kFloat64);
  expect_refused(file, "p has 6 steps, others 5");
  file = sgd_file();
  tensor(file, "g") = Tensor::zeros({kSteps, kSize});
  expect_refused(file, "g is float32, others float64");
  file = sgd_file();
  tensor(file, "p0") = Tensor::zeros({1, kSize}, DType::kFloat64);
  expect_refused(file, "p0 is [1, 3], not [n]");
  file = sgd_file();
  for (auto& [name, values] : file.tensors) values = Tensor::zeros(values.shape(), DType::kInt32);
  expect_refused(file, "p0 is int32");
  file = sgd_file();
  for (const char* name : {"g", "p"})
    tensor(file, name) = Tensor::zeros({0, kSize}, DType::kFloat64);
  expect_refused(file, "g has no steps");
  file = sgd_file();
  file.tensors.emplace_back("lr", Tensor::zeros({kSteps}));
  expect_refused(file, "lr is float32 [5], not float64 [5]");
  tensor(file, "lr") = Tensor::full({kSteps}, -1, DType::kFloat64);
  expect_refused(file, "lr of step 1 is -1");
  file = sgd_file();
  file.tensors.emplace_back("velocity", Tensor::zeros({kSize}, DType::kFloat64));
  expect_refused(file, "velocity is [3], not [T, 3]");
  file = sgd_file();
  file.tensors.emplace_back("b.p", Tensor::zeros({kSteps, kSize}, DType::kFloat64));
  expect_refused(file, "b.p0 is missing");
}

}  // namespace
}  // namespace ravine
