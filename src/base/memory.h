// How much memory there is.
#pragma once

namespace ravine {

// Bytes that this process could still take without swapping: what the system calls available, or
// the limit of its control group where that is less. Infinity where the system does not say.
double available_memory();

}  // namespace ravine
