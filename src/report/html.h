// Text for HTML and SVG.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace ravine::report {

// `text` as it reads in an element or a quoted attribute, whatever its bytes are: those that are
// not UTF-8, or control anything but the line, show as U+FFFD.
std::string escaped(std::string_view text);

// "1 run", "2 runs".
std::string times(int64_t count, std::string_view what);

}  // namespace ravine::report
