// Grey pictures as PNG.
#pragma once
#include <cstdint>
#include <span>
#include <string>

namespace ravine::report {

// `pixels` row by row, `columns` of them in each; both are at least 1.
std::string png(std::span<const uint8_t> pixels, uint32_t columns);

// For the src of an <img>.
std::string png_url(std::span<const uint8_t> pixels, uint32_t columns);

}  // namespace ravine::report
