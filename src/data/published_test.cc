#include "data/published.h"

#include <algorithm>
#include <array>

#include "data/download.h"
#include "data/testing.h"

namespace ravine {
namespace {

class PublishedTest : public FolderTest {
 protected:
  // Six images to train, three to test, of 2 x 2 pixels.
  void write_set(const std::filesystem::path& folder, const std::string& suffix,
                 const std::string& labels = std::string("\0\1\2\3\4\x9", 6)) const {
    std::filesystem::create_directories(folder);
    const auto write = [&](const std::string& name, const std::string& bytes) {
      write_file(folder / (name + suffix), suffix == ".gz" ? gzip_bytes(bytes) : bytes);
    };
    write("train-images-idx3-ubyte", idx_bytes({6, 2, 2}, std::string(24, '\x33')));
    write("train-labels-idx1-ubyte", idx_bytes({uint32_t(labels.size())}, labels));
    write("t10k-images-idx3-ubyte", idx_bytes({3, 2, 2}, std::string(12, '\x66')));
    write("t10k-labels-idx1-ubyte", idx_bytes({3}, std::string(3, '\1')));
  }
  std::string complaint(const DataOptions& options) const {
    const std::string text = error_of([&] { load_data("mnist", options); });
    EXPECT_EQ(text.find('\n'), text.npos);
    return text;
  }
};

void expect_contains(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), text.npos) << '"' << part << "\" is not in: " << text;
}

TEST_F(PublishedTest, ReadsPlainAndPackedFiles) {
  for (const std::string suffix : {"", ".gz"}) {
    const auto folder = folder_ / ("set" + suffix);
    write_set(folder, suffix);
    const TrainTest data = load_data("mnist", {.dir = folder});
    EXPECT_EQ(data.train.size(), 6u);
    EXPECT_EQ(data.test.size(), 3u);
    EXPECT_EQ(data.train.example(), Shape({2, 2}));
    EXPECT_EQ(data.train.labels(), (std::vector<int32_t>{0, 1, 2, 3, 4, 9}));
    Tensor x, y;
    data.train.gather(std::vector<uint32_t>{5}, x, y);
    EXPECT_EQ(x.to_vector(), std::vector<double>(4, double(float(0x33 / 255.0))));
  }
}

TEST_F(PublishedTest, LooksInDirAloneElseInRootThenInCache) {
  write_set(folder_ / "root" / "mnist", "");
  write_set(folder_ / "cache" / "mnist", ".gz", std::string(6, '\5'));
  write_set(folder_ / "cache" / "fashion-mnist", "");
  const DataOptions both{.root = folder_ / "root", .cache = folder_ / "cache"};
  EXPECT_EQ(load_data("mnist", both).train.labels()[0], 0);
  EXPECT_EQ(load_data("mnist", {.cache = folder_ / "cache"}).train.labels()[0], 5);
  EXPECT_EQ(load_data("fashion-mnist", both).train.class_names[9], "Ankle boot");  // not in root
  std::filesystem::remove(folder_ / "root" / "mnist" / "t10k-labels-idx1-ubyte");
  EXPECT_EQ(load_data("mnist", both).train.labels()[0], 5);
  DataOptions dir = both;
  dir.dir = folder_ / "root";  // which does not hold the files itself
  const std::string text = complaint(dir);
  expect_contains(
      text, path_text(folder_ / "root") + " has none of its files; put train-images-idx3-ubyte");
  EXPECT_EQ(text.find("cache"), text.npos) << text;
}

TEST_F(PublishedTest, SaysWhatIsMissingAndWhatToDo) {
  write_set(folder_ / "root" / "mnist", "");
  std::filesystem::remove(folder_ / "root" / "mnist" / "t10k-labels-idx1-ubyte");
  const std::string text = complaint({.root = folder_ / "root", .cache = folder_ / "cache"});
  expect_contains(text, path_text(folder_ / "root" / "mnist") + " has no t10k-labels-idx1-ubyte,");
  expect_contains(text, "into " + path_text(folder_ / "cache" / "mnist"));
  expect_contains(text, "or run `ravine data get mnist`");
  expect_contains(complaint({}), "no folder was given to look in");
  EXPECT_EQ(error_of([] { load_data("minst"); }),
            "data: no set 'minst'; did you mean 'mnist'? (there are digits, mnist, fashion-mnist)");
  EXPECT_THROW(load_data("minst"), UsageError);
}

TEST_F(PublishedTest, FilesThatDoNotBelongTogetherAreRefused) {
  write_set(folder_, "", std::string(5, '\1'));
  expect_contains(complaint({.dir = folder_}), "expected a label for each of the 6 images");
  write_set(folder_, "", std::string("\1\1\1\1\xA\1", 6));
  expect_contains(complaint({.dir = folder_}),
                  "expected labels from 0 to 9, found 10 at example 4");
  write_set(folder_, "");
  write_file(folder_ / "t10k-images-idx3-ubyte", idx_bytes({3, 4, 1}, std::string(12, '\1')));
  expect_contains(complaint({.dir = folder_}), "expected test images of [2, 2]");
  write_file(folder_ / "t10k-images-idx3-ubyte", idx_bytes({3}, "abc"));
  expect_contains(complaint({.dir = folder_}), "t10k-images-idx3-ubyte: expected magic 0x00000803");
}

using Counts = std::array<int64_t, 10>;

Counts class_counts(const Dataset& data) {
  Counts counts{};
  for (const int32_t label : data.labels()) ++counts[size_t(label)];
  return counts;
}

std::vector<int32_t> first_labels(const Dataset& data) {
  return {data.labels().begin(), data.labels().begin() + 10};
}

// The sum of all pixels, 0 to 255 each, from what batches hold.
int64_t pixel_sum(const Dataset& data) {
  double sum = 0;
  Loader loader(data, {.batch_size = 1000, .shuffle = false});
  for (const Batch& batch : loader) {
    for (const float pixel : batch.x.values<float>()) sum += double(int64_t(pixel * 255.0f + 0.5f));
  }
  return int64_t(sum);
}

TEST(Published, RealMnistIsReadWhole) {
  const char* root = std::getenv("RAVINE_DATA");
  if (root == nullptr) GTEST_SKIP() << "RAVINE_DATA names no folder with the set mnist";
  const TrainTest data = load_data("mnist", {.root = root});
  EXPECT_EQ(data.train.size(), 60'000u);
  EXPECT_EQ(data.test.size(), 10'000u);
  EXPECT_EQ(first_labels(data.train), (std::vector<int32_t>{5, 0, 4, 1, 9, 2, 1, 3, 1, 4}));
  EXPECT_EQ(first_labels(data.test), (std::vector<int32_t>{7, 2, 1, 0, 4, 1, 4, 9, 5, 9}));
  EXPECT_EQ(class_counts(data.train),
            (Counts{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}));
  EXPECT_EQ(class_counts(data.test),
            (Counts{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}));
  EXPECT_EQ(pixel_sum(data.train), 1567298545);
  EXPECT_EQ(pixel_sum(data.test), 264923200);
}

TEST(Published, RealFashionMnistIsReadWhole) {
  const char* root = std::getenv("RAVINE_DATA");
  if (root == nullptr) GTEST_SKIP() << "RAVINE_DATA names no folder with the set fashion-mnist";
  const TrainTest data = load_data("fashion-mnist", {.root = root});
  EXPECT_EQ(first_labels(data.train), (std::vector<int32_t>{9, 0, 0, 3, 0, 2, 7, 2, 5, 5}));
  EXPECT_EQ(first_labels(data.test), (std::vector<int32_t>{9, 2, 1, 1, 6, 1, 4, 6, 5, 7}));
  Counts each;
  each.fill(6000);
  EXPECT_EQ(class_counts(data.train), each);
  each.fill(1000);
  EXPECT_EQ(class_counts(data.test), each);
  EXPECT_EQ(pixel_sum(data.train), 3431114169);
  EXPECT_EQ(pixel_sum(data.test), 573469082);
}

TEST(Published, ThePinnedHashesAreThoseOfTheRealFiles) {
  const char* root = std::getenv("RAVINE_DATA");
  if (root == nullptr) GTEST_SKIP() << "RAVINE_DATA names no folder with the published sets";
  for (const PublishedSet& set : {mnist(), fashion_mnist()}) {
    EXPECT_GE(set.mirrors.size(), 2u);
    for (const PublishedFile& file : set.files) {
      const std::string bytes =
          read_file(std::filesystem::path(root) / set.name / (file.name + ".gz"));
      EXPECT_EQ(int64_t(bytes.size()), file.bytes) << file.name;
      EXPECT_EQ(sha256(bytes), file.sha256) << file.name;
    }
  }
}

}  // namespace
}  // namespace ravine
