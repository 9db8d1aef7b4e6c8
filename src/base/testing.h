// What the tests of several layers share.
#pragma once
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "ravine/error.h"

namespace ravine {

// An empty folder, with a space and a letter beyond ASCII in its name; gone with the object.
class TempFolder {
 public:
  TempFolder() {
    std::string text = (std::filesystem::temp_directory_path() / "ravine \u00fc XXXXXX").string();
    path = mkdtemp(text.data());
  }
  ~TempFolder() {
    std::error_code error;
    std::filesystem::remove_all(path, error);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  std::filesystem::path path;
};

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
