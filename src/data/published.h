// Sets of images that their authors published as four IDX files.
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ravine/data.h"

namespace ravine {

struct PublishedFile {
  std::string name;  // of the plain file; published with .gz
  int64_t bytes;     // of the .gz
  std::string sha256;
};

struct PublishedSet {
  std::string name;
  std::vector<std::string> mirrors;  // https://.../, tried in order
  std::vector<std::string> class_names;
  std::array<PublishedFile, 4> files;  // images and labels, to train and to test
};

PublishedSet mnist();
PublishedSet fashion_mnist();

// From options.dir, else from the set's folder in options.root or options.cache.
TrainTest load_published(const PublishedSet& set, const DataOptions& options);

std::string files_text(const PublishedSet& set);  // which files a folder must hold, for messages

}  // namespace ravine
