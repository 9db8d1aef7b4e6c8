#include "environment.h"

#include <cstdlib>

namespace ravine::cli {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string value = environment(name);
    if (value.empty()) continue;
    return value.find("UTF-8") != value.npos || value.find("utf8") != value.npos;
  }
  return false;
}

DataOptions data_places() {
  DataOptions places;
  places.root = environment("RAVINE_DATA");
  const std::filesystem::path cache = environment("XDG_CACHE_HOME"), home = environment("HOME");
  if (cache.is_absolute()) {  // the XDG specification ignores others
    places.cache = cache / "ravine";
  } else if (!home.empty()) {
    places.cache = home / ".cache" / "ravine";
  }
  return places;
}

}  // namespace ravine::cli
