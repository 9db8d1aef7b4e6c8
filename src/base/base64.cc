#include "base/base64.h"

#include "ravine/error.h"

namespace ravine {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string base64(std::span<const uint8_t> bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](size_t k) { return i + k < bytes.size() ? bytes[i + k] : 0u; };
    const uint32_t word = byte(0) << 16 | byte(1) << 8 | byte(2);
    for (size_t k = 0; k < 4; ++k) {
      text += i + k <= bytes.size() ? kDigits[word >> (18 - 6 * k) & 63] : '=';
    }
  }
  return text;
}

std::vector<uint8_t> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) throw Error("base64 is a multiple of four characters");
  while (text.ends_with('=')) text.remove_suffix(1);
  std::vector<uint8_t> bytes;
  uint32_t word = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const size_t digit = kDigits.find(text[i]);
    if (digit == kDigits.npos) throw Error("a character is not of base64");
    word = word << 6 | uint32_t(digit);
    if (i % 4 != 0) bytes.push_back(uint8_t(word >> (6 - 2 * (i % 4))));
  }
  return bytes;
}

}  // namespace ravine
