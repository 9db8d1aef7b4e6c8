// Fetching a published set over HTTP.
#pragma once
#include "data/published.h"

namespace ravine {

struct FetchOptions {
  int64_t connect_seconds = 10;  // to reach a server
  int64_t stall_seconds = 30;    // under 1 kB/s for so long: the next mirror
};

// Puts what is missing or wrong of the set's .gz files into `folder`. A file appears whole, with
// the right bytes, or not at all.
void fetch(const PublishedSet& set, const std::filesystem::path& folder,
           const std::function<void(std::string_view)>& progress = {},
           const FetchOptions& options = {});

std::string sha256(std::string_view bytes);  // in hexadecimal

}  // namespace ravine
