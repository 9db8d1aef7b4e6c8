#include "data/published.h"

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "data/digits.h"
#include "data/idx.h"
#include "ravine/error.h"

namespace ravine {
namespace {

namespace fs = std::filesystem;

// Where a file lies in `folder`: as published, unpacked, or unpacked under the name in its gzip
// header; else empty.
fs::path find_file(const fs::path& folder, const std::string& name) {
  const size_t dash = name.find("-idx");
  const std::string dotted = fmt::format("{}.{}", name.substr(0, dash), name.substr(dash + 1));
  for (const std::string& candidate : {name + ".gz", name, dotted}) {
    std::error_code error;
    if (fs::exists(folder / candidate, error)) return folder / candidate;
  }
  return {};
}

std::vector<std::string> missing_files(const PublishedSet& set, const fs::path& folder) {
  std::vector<std::string> missing;
  for (const PublishedFile& file : set.files) {
    if (find_file(folder, file.name).empty()) missing.push_back(file.name);
  }
  return missing;
}

// The first folder that holds all four files.
fs::path find_folder(const PublishedSet& set, const DataOptions& options) {
  std::vector<fs::path> folders;
  if (!options.dir.empty()) {
    folders = {options.dir};
  } else {
    for (const fs::path& parent : {options.root, options.cache}) {
      if (!parent.empty()) folders.push_back(parent / set.name);
    }
  }
  std::string tried;
  for (const fs::path& folder : folders) {
    const auto missing = missing_files(set, folder);
    if (missing.empty()) return folder;
    const bool all = missing.size() == set.files.size();
    tried += fmt::format("{}{} has {}", tried.empty() ? "" : ", ", path_text(folder),
                         all ? "none of its files" : fmt::format("no {}", join(missing, ", no ")));
  }
  if (folders.empty()) tried = "no folder was given to look in";
  const std::string where = folders.empty() ? "a folder" : path_text(folders.back());
  throw Error(fmt::format("{}: {}; put {} into {}, or run `ravine data get {}`", set.name, tried,
                          files_text(set), where, set.name));
}

Dataset read_part(const PublishedSet& set, const fs::path& folder, const PublishedFile& images,
                  const PublishedFile& labels) {
  const fs::path image_path = find_file(folder, images.name);
  const fs::path label_path = find_file(folder, labels.name);
  Idx pixels = read_idx(image_path, 3);
  const Idx classes = read_idx(label_path, 1);
  if (classes.shape[0] != pixels.shape[0]) {
    throw Error(fmt::format("{}: expected a label for each of the {} images of {}, found {}",
                            path_text(label_path), pixels.shape[0], path_text(image_path),
                            classes.shape[0]));
  }
  const size_t count = set.class_names.size();
  for (size_t i = 0; i < classes.bytes.size(); ++i) {
    if (classes.bytes[i] >= count) {
      throw Error(fmt::format("{}: expected labels from 0 to {}, found {} at example {}",
                              path_text(label_path), count - 1, classes.bytes[i], i));
    }
  }
  Dataset data = Dataset::images(std::move(pixels.bytes), {pixels.shape[1], pixels.shape[2]},
                                 {classes.bytes.begin(), classes.bytes.end()}, int64_t(count));
  data.name = set.name;
  data.class_names = set.class_names;
  return data;
}

}  // namespace

PublishedSet mnist() {
  return {.name = "mnist",
          .mirrors = {"https://storage.googleapis.com/cvdf-datasets/mnist/",
                      "https://ossci-datasets.s3.amazonaws.com/mnist/"},
          .class_names = digit_names(),
          .files = {{{"train-images-idx3-ubyte", 9912422,
                      "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"},
                     {"train-labels-idx1-ubyte", 28881,
                      "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"},
                     {"t10k-images-idx3-ubyte", 1648877,
                      "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
                     {"t10k-labels-idx1-ubyte", 4542,
                      "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"}}}};
}

PublishedSet fashion_mnist() {
  return {.name = "fashion-mnist",
          .mirrors = {"https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
                      "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"},
          .class_names = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt",
                          "Sneaker", "Bag", "Ankle boot"},
          .files = {{{"train-images-idx3-ubyte", 26421880,
                      "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"},
                     {"train-labels-idx1-ubyte", 29515,
                      "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"},
                     {"t10k-images-idx3-ubyte", 4422102,
                      "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"},
                     {"t10k-labels-idx1-ubyte", 5148,
                      "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"}}}};
}

std::string files_text(const PublishedSet& set) {
  std::vector<std::string> names;
  for (const PublishedFile& file : set.files) names.push_back(file.name);
  return join(names, ", ") + " (plain, or with .gz)";
}

TrainTest load_published(const PublishedSet& set, const DataOptions& options) {
  const fs::path folder = find_folder(set, options);
  TrainTest data{read_part(set, folder, set.files[0], set.files[1]),
                 read_part(set, folder, set.files[2], set.files[3])};
  if (!(data.train.example() == data.test.example())) {
    throw Error(fmt::format("{}: expected test images of {} as in training, found {}",
                            path_text(folder), data.train.example().text(),
                            data.test.example().text()));
  }
  return data;
}

}  // namespace ravine
