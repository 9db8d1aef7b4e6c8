// What Ravine throws.
#pragma once
#include <stdexcept>

namespace ravine {

// Anything that a user can cause. The text says what, where, the value and what to do next:
//   rmsprop: alpha must be in [0, 1), got 1.5; 0.9 to 0.99 is usual
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// An Error in what was asked for: an option, a grammar, an argument. The program `ravine` exits
// with 2 after it, and with 1 after every other Error (a file, the data, a diverged loss).
class UsageError : public Error {
 public:
  using Error::Error;
};

}  // namespace ravine
