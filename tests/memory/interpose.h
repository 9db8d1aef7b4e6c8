// Counts what a stretch of a program takes from the system: the malloc family and mmap of the whole
// process are replaced by ones that count.
#pragma once
#include <cstddef>

namespace interpose {

struct Counts {
  size_t ours = 0;             // calls
  size_t bytes = 0;            // of them
  size_t libraries = 0;        // calls from within oneDNN or the OpenMP runtime
  size_t largest = 0;          // bytes, of the libraries' calls
  size_t first_size = 0;       // bytes, of the first call of ours
  void* first_stack[16] = {};  // and where it came from
};

void start();
Counts stop();

}  // namespace interpose
