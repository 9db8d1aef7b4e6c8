// Ctrl-C: a training ends after its batch, and writes what there is.
#pragma once
#include <atomic>

namespace ravine::cli {

inline constexpr int kInterrupted = 130;  // exit code

// From now on SIGINT, SIGTERM and SIGHUP end the program at once with kInterrupted ...
void catch_interrupts();
// ... and from now on the first of them sets the flag, and only a second one ends it.
const std::atomic<bool>* stop_flag();
void defer_interrupts();
void request_stop();  // as if interrupted

// Whether the cursor stands behind a line that ends only with the program.
void set_line_drawn(bool drawn);

}  // namespace ravine::cli
