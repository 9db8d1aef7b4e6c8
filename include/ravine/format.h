// Numbers as a reader wants them, the same in every locale.
//
//   std::string text = count_text(model.parameter_count());  // "101,770"
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace ravine {

std::string count_text(int64_t count);          // "20,000"
std::string loss_text(double loss);             // at most 7 characters: "0.2312", "1.2e-05"
std::string percent_text(double share);         // "97.41%"; "" for NaN
std::string duration_text(double seconds);      // "0:12", "1:02:03"
std::string seconds_text(double seconds);       // "0.84", "12.3", "1204"
std::string shell_text(std::string_view word);  // quoted where a shell needs it

// `text` in lines of at most `width` columns, broken at blanks, each but the first behind `indent`
// blanks.
std::string wrapped(std::string_view text, int width, int indent);

}  // namespace ravine
