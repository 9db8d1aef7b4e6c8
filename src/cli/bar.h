// The progress bar, as text.
#pragma once
#include <cstdint>
#include <string>

namespace ravine::cli {

struct Progress {
  int64_t epoch = 0, epochs = 0;  // epochs 0: not known
  int64_t step = 0, steps = 0;    // of the whole training; steps 0: not known
  double fraction = 0;            // of the training, or of the epoch where its end is not known
  double loss = 0, accuracy = 0;  // accuracy NaN: none
  double rate = 0;                // examples a second
  double left = 0;                // seconds; NaN: not known yet
};

// At most `width` columns: what matters less goes first, and the bar takes what room there is.
std::string bar_text(const Progress& progress, int width, bool utf8);

}  // namespace ravine::cli
