// An event file: TensorFlow's records (length, its checksum, data, their checksum), each an Event
// of tensorflow/core/util/event.proto in the wire format of protocol buffers.
#include "ravine/tensorboard.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <fstream>
#include <memory>
#include <string>

#include "base/file.h"
#include "ravine/error.h"
#include "ravine/runtime.h"
#include "train/metric.h"

namespace ravine {
namespace {

static_assert(std::endian::native == std::endian::little, "the file holds numbers as they are");

// CRC-32C (RFC 3720, appendix B.4), turned and moved as TensorFlow does.
uint32_t masked_crc(std::string_view bytes) {
  static constexpr auto kTable = [] {
    std::array<uint32_t, 256> table{};
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t c = i;
      for (int bit = 0; bit < 8; ++bit) c = c & 1 ? 0x82F63B78u ^ (c >> 1) : c >> 1;
      table[i] = c;
    }
    return table;
  }();
  uint32_t crc = 0xFFFFFFFFu;
  for (const char byte : bytes) crc = kTable[(crc ^ uint8_t(byte)) & 0xFF] ^ (crc >> 8);
  return std::rotr(~crc, 15) + 0xA282EAD8u;
}

template <class T>
std::string raw(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

// A field's number and the kind of what follows, as one byte.
enum Kind { kVarint = 0, kDouble = 1, kBytes = 2, kFloat = 5 };
char key(int field, Kind kind) { return char(field << 3 | kind); }

std::string varint(uint64_t value) {
  std::string text;
  for (; value >= 0x80; value >>= 7) text += char(value | 0x80);
  return text += char(value);
}

std::string bytes(int field, std::string_view value) {
  return key(field, kBytes) + varint(value.size()) + std::string(value);
}

class EventFile {
 public:
  explicit EventFile(const std::filesystem::path& path) : path_(path) {
    file_.open(path, std::ios::binary | std::ios::trunc);
    if (!file_) throw Error(fmt::format("cannot write {}", path_text(path)));
    write(bytes(3, "brain.Event:2"));
    flush();
  }

  void scalar(std::string_view tag, int64_t step, double value) {
    const std::string of_tag = bytes(1, tag) + key(2, kFloat) + raw(float(value));
    write(key(2, kVarint) + varint(uint64_t(step)) + bytes(5, bytes(1, of_tag)));
  }

  void flush() {
    file_.flush();
    if (file_ || told_) return;
    told_ = true;
    warn(fmt::format("cannot write {}: what follows is missing in TensorBoard", path_text(path_)));
  }

 private:
  void write(const std::string& content) {
    const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
    const std::string event = key(1, kDouble) + raw(now.count()) + content;
    const std::string length = raw(uint64_t(event.size()));
    file_ << length << raw(masked_crc(length)) << event << raw(masked_crc(event));
  }

  std::filesystem::path path_;
  std::ofstream file_;
  bool told_ = false;
};

void write_scores(EventFile& file, const char* set, int64_t step, const Scores& scores) {
  const auto write = [&](const char* name, double value) {
    if (!std::isnan(value)) file.scalar(fmt::format("{}/{}", name, set), step, value);
  };
  write("loss", scores.loss);
  for (const Metric& metric : metrics()) write(metric.name, scores.*metric.score);
}

}  // namespace

Callback tensorboard(const std::filesystem::path& path) {
  const auto file = std::make_shared<EventFile>(path);
  return {.on_batch = [file](const BatchEvent& b) { file->scalar("loss/batch", b.step, b.loss); },
          .on_epoch =
              [file](const EpochRecord& epoch) {
                file->scalar("lr", epoch.step, epoch.lr);
                write_scores(*file, "train", epoch.step, epoch.train);
                write_scores(*file, "validation", epoch.step, epoch.validation);
                write_scores(*file, "test", epoch.step, epoch.test);
                file->flush();
              },
          .on_end = [file](const History&) { file->flush(); }};
}

}  // namespace ravine
