// Bytes as text: RFC 4648, with padding.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ravine {

std::string base64(std::span<const uint8_t> bytes);
std::vector<uint8_t> from_base64(std::string_view text);  // throws Error: not base64

}  // namespace ravine
