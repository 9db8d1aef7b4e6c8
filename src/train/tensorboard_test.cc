// An event file as its reader sees it: records, checksums, events.
#include "ravine/tensorboard.h"

#include <cstring>
#include <map>

#include "ravine/error.h"
#include "ravine/runtime.h"
#include "train/testing.h"

namespace ravine {
namespace {

using namespace testing;

// Bit by bit, as the definition has it.
uint32_t crc32c(std::string_view bytes) {
  uint32_t crc = ~0u;
  for (const char byte : bytes) {
    crc ^= uint8_t(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? 0x82F63B78u : 0);
  }
  return ~crc;
}
uint32_t masked(std::string_view bytes) {
  const uint32_t crc = crc32c(bytes);
  return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u;
}

// Takes values off the front of a text.
struct Wire {
  std::string_view text;

  std::string_view take(size_t n) {
    EXPECT_LE(n, text.size());
    const std::string_view taken = text.substr(0, n);
    text.remove_prefix(std::min(n, text.size()));
    return taken;
  }
  template <class T>
  T number() {
    T value{};
    const std::string_view taken = take(sizeof(T));
    std::memcpy(&value, taken.data(), taken.size());
    return value;
  }
  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = number<uint8_t>();
      value |= uint64_t(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
  }
  std::string_view bytes() { return take(varint()); }
};

struct Point {
  int64_t step;
  float value;
  double time;
};
struct Events {
  std::string version;
  std::map<std::string, std::vector<Point>> scalars;
};

void read_summary(Wire summary, int64_t step, double time, Events& events) {
  EXPECT_EQ(summary.number<uint8_t>(), 1 << 3 | 2);  // Summary.value
  Wire value{summary.bytes()};
  EXPECT_EQ(value.number<uint8_t>(), 1 << 3 | 2);  // Value.tag
  const std::string tag(value.bytes());
  EXPECT_EQ(value.number<uint8_t>(), 2 << 3 | 5);  // Value.simple_value
  events.scalars[tag].push_back({step, value.number<float>(), time});
  EXPECT_TRUE(value.text.empty() && summary.text.empty());
}

Events read_events(const std::filesystem::path& path) {
  Events events;
  const std::string all = contents(path);
  for (Wire file{all}; !file.text.empty();) {
    const std::string_view length = file.take(8);
    EXPECT_EQ(file.number<uint32_t>(), masked(length));
    const std::string_view data = file.take(Wire{length}.number<uint64_t>());
    EXPECT_EQ(file.number<uint32_t>(), masked(data));
    Wire event{data};
    EXPECT_EQ(event.number<uint8_t>(), 1 << 3 | 1);  // Event.wall_time
    const double time = event.number<double>();
    const auto next = event.number<uint8_t>();
    if (next == (3 << 3 | 2)) {  // Event.file_version
      EXPECT_TRUE(events.scalars.empty());
      events.version = event.bytes();
      continue;
    }
    EXPECT_EQ(next, 2 << 3 | 0);  // Event.step
    const int64_t step = int64_t(event.varint());
    EXPECT_EQ(event.number<uint8_t>(), 5 << 3 | 2);  // Event.summary
    read_summary({event.bytes()}, step, time, events);
    EXPECT_TRUE(event.text.empty());
  }
  return events;
}

TEST(TensorBoard, TheChecksumIsTheStandards) { EXPECT_EQ(crc32c("123456789"), 0xE3069283u); }

TEST(TensorBoard, HasEveryBatchAndEveryScoreOfATraining) {
  const TempFolder folder;
  const auto path = folder.path / "events.out.tfevents.1";
  Model model("dense(8) relu", {.input = {2}, .outputs = 3});
  std::vector<float> losses;
  const Dataset data = clouds(200);
  const History history = fit(
      model, data, clouds(50),
      {.epochs = 2,
       .batch = 1,  // steps beyond 127 and 255: more than a byte
       .validation = 0.1,
       .callbacks = {tensorboard(path),
                     {.on_batch = [&](const BatchEvent& b) { losses.push_back(float(b.loss)); }}}});
  const Events events = read_events(path);
  EXPECT_EQ(events.version, "brain.Event:2");
  ASSERT_EQ(events.scalars.size(), 8u) << "loss/batch, lr, loss and accuracy of three sets";
  const auto& batches = events.scalars.at("loss/batch");
  ASSERT_EQ(batches.size(), 360u);
  for (size_t i = 0; i < batches.size(); ++i) {
    EXPECT_EQ(batches[i].step, int64_t(i + 1));
    EXPECT_EQ(batches[i].value, losses[i]);
    EXPECT_GT(batches[i].time, 1.6e9);
  }
  const auto expect_epochs = [&](const char* tag, auto value_of) {
    const auto& points = events.scalars.at(tag);
    ASSERT_EQ(points.size(), 2u) << tag;
    for (size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(points[i].step, history.epochs[i].step);
      EXPECT_EQ(points[i].value, float(value_of(history.epochs[i]))) << tag;
    }
  };
  expect_epochs("lr", [](const EpochRecord& e) { return e.lr; });
  expect_epochs("loss/train", [](const EpochRecord& e) { return e.train.loss; });
  expect_epochs("loss/validation", [](const EpochRecord& e) { return e.validation.loss; });
  expect_epochs("accuracy/test", [](const EpochRecord& e) { return e.test.accuracy; });
}

TEST(TensorBoard, WithoutATestSetNothingIsSaidOfIt) {
  const TempFolder folder;
  Model model("dense(1)", {.input = {2}, .outputs = 3});
  fit(model, clouds(50), {}, {.epochs = 1, .callbacks = {tensorboard(folder.path / "tfevents")}});
  EXPECT_EQ(read_events(folder.path / "tfevents").scalars.count("loss/test"), 0u);
}

TEST(TensorBoard, AFileThatCannotBeMadeIsAnError) {
  const TempFolder folder;
  expect_error<Error>([&] { tensorboard(folder.path / "missing/tfevents"); },
                      {"missing", "tfevents"});
}

TEST(TensorBoard, AFullDiskIsToldOnceAndTrainingGoesOn) {
  std::vector<std::string> warnings;
  set_warning_handler([&](std::string_view text) { warnings.emplace_back(text); });
  Model model("dense(1)", {.input = {2}, .outputs = 3});
  const History history =
      fit(model, clouds(50), {}, {.epochs = 2, .callbacks = {tensorboard("/dev/full")}});
  set_warning_handler({});
  EXPECT_EQ(history.epochs.size(), 2u);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("/dev/full"), std::string::npos);
}

}  // namespace
}  // namespace ravine
