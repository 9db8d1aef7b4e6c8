// What the tests of several layers share.
#pragma once
#include <string>

#include "ravine/error.h"

namespace ravine {

// The text of the E that `action` throws; "" where it throws nothing.
template <class E = Error, class F>
std::string error_of(const F& action) {
  try {
    action();
  } catch (const E& error) {
    return error.what();
  }
  return "";
}

}  // namespace ravine
