#include "report/png.h"

#include <fmt/format.h>
#include <zlib.h>

#include <new>
#include <string_view>

#include "base/base64.h"

namespace ravine::report {
namespace {

std::string big_endian(uint32_t x) { return {char(x >> 24), char(x >> 16), char(x >> 8), char(x)}; }

const uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

std::string chunk(const std::string& type, const std::string& data) {
  const std::string body = type + data;
  const auto sum = uint32_t(crc32(0, bytes_of(body), uInt(body.size())));
  return big_endian(uint32_t(data.size())) + body + big_endian(sum);
}

std::string packed(const std::string& plain) {
  uLongf size = compressBound(plain.size());
  std::string result(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(result.data()), &size, bytes_of(plain), plain.size(),
                Z_BEST_COMPRESSION) != Z_OK) {
    throw std::bad_alloc();
  }
  result.resize(size);
  return result;
}

}  // namespace

std::string png(std::span<const uint8_t> pixels, uint32_t columns) {
  std::string rows;  // each behind the number of its filter: 0, none
  for (size_t i = 0; i < pixels.size(); ++i) {
    if (i % columns == 0) rows += '\0';
    rows += char(pixels[i]);
  }
  const std::string depth_8_grey("\x08\0\0\0\0", 5);
  return "\x89PNG\r\n\x1a\n" +
         chunk("IHDR",
               big_endian(columns) + big_endian(uint32_t(pixels.size() / columns)) + depth_8_grey) +
         chunk("IDAT", packed(rows)) + chunk("IEND", "");
}

std::string png_url(std::span<const uint8_t> pixels, uint32_t columns) {
  const std::string file = png(pixels, columns);
  return "data:image/png;base64," + base64({bytes_of(file), file.size()});
}

}  // namespace ravine::report
