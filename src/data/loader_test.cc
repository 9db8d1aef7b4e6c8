#include <algorithm>
#include <numeric>

#include "data/testing.h"
#include "ravine/data.h"

namespace ravine {
namespace {

// Example i is the pixel i.
Dataset numbered(int n) {
  std::vector<uint8_t> pixels(static_cast<size_t>(n));
  std::iota(pixels.begin(), pixels.end(), uint8_t{0});
  return Dataset::images(pixels, {1}, {pixels.begin(), pixels.end()}, 256);
}

std::vector<int32_t> labels_of(const Batch& batch) {
  const auto y = batch.y.values<int32_t>();
  return {y.begin(), y.end()};
}

// The labels of what is left of an epoch.
std::vector<int32_t> rest_of_epoch(Loader& loader) {
  std::vector<int32_t> all;
  for (const Batch& batch : loader) {
    const auto labels = labels_of(batch);
    all.insert(all.end(), labels.begin(), labels.end());
  }
  return all;
}

TEST(Loader, AnEpochHasEveryExampleOnceAndAShortLastBatch) {
  Loader loader(numbered(10), {.batch_size = 4});
  EXPECT_EQ(loader.batches(), 3);
  std::vector<int64_t> sizes;
  std::vector<int32_t> seen;
  for (const Batch& batch : loader) {
    sizes.push_back(batch.size());
    for (size_t i = 0; i < size_t(batch.size()); ++i) {
      seen.push_back(batch.y.values<int32_t>()[i]);
      EXPECT_EQ(batch.x.values<float>()[i], float(seen.back() / 255.0));  // x and y belong together
    }
  }
  EXPECT_EQ(sizes, (std::vector<int64_t>{4, 4, 2}));
  std::sort(seen.begin(), seen.end());
  std::vector<int32_t> all(10);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(seen, all);
}

TEST(Loader, DropsAShortLastBatchWhenAsked) {
  Loader loader(numbered(10), {.batch_size = 4, .drop_last = true});
  EXPECT_EQ(loader.batches(), 2);
  EXPECT_EQ(rest_of_epoch(loader).size(), 8u);
  EXPECT_EQ(Loader(numbered(8), {.batch_size = 4, .drop_last = true}).batches(), 2);
  EXPECT_EQ(Loader(numbered(8), {.batch_size = 4}).batches(), 2);
}

TEST(Loader, TheOrderIsAFunctionOfSeedAndEpoch) {
  Loader a(numbered(100), {.batch_size = 7, .seed = 3}),
      b(numbered(100), {.batch_size = 30, .seed = 3});
  Loader c(numbered(100), {.batch_size = 7, .seed = 4});
  const auto first = rest_of_epoch(a), second = rest_of_epoch(a);
  EXPECT_NE(first, second);
  EXPECT_EQ(rest_of_epoch(b), first);
  EXPECT_EQ(rest_of_epoch(b), second);
  EXPECT_NE(rest_of_epoch(c), first);
  Loader plain(numbered(100), {.batch_size = 7, .shuffle = false});
  for (int epoch = 0; epoch < 2; ++epoch) {
    const auto order = rest_of_epoch(plain);
    EXPECT_EQ(order.size(), 100u);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  }
}

TEST(Loader, StepsGoOnOverTheEndsOfEpochs) {
  Loader whole(numbered(10), {.batch_size = 4, .seed = 3}),
      steps(numbered(10), {.batch_size = 4, .seed = 3});
  std::vector<int32_t> expected;
  for (int epoch = 0; epoch < 3; ++epoch) {
    const auto labels = rest_of_epoch(whole);
    expected.insert(expected.end(), labels.begin(), labels.end());
  }
  std::vector<int32_t> seen;
  const auto take = [&](int64_t count) {
    int64_t batches = 0;
    for (const Batch& batch : steps.steps(count)) {
      const auto labels = labels_of(batch);
      seen.insert(seen.end(), labels.begin(), labels.end());
      ++batches;
    }
    EXPECT_EQ(batches, count);
  };
  for (const int64_t count : {0, 3, 1, 4}) take(count);  // 8 of the 9 batches
  const auto rest = rest_of_epoch(steps);
  seen.insert(seen.end(), rest.begin(), rest.end());
  EXPECT_EQ(seen, expected);
}

TEST(Loader, GoesOnExactlyFromWhereItStood) {
  const LoaderOptions options{.batch_size = 7, .seed = 5};
  Loader reference(numbered(50), options);
  for (int64_t done = 0; done <= 2 * reference.batches() + 1; ++done) {
    const LoaderPosition position = reference.position();
    Loader restored(numbered(50), options);
    rest_of_epoch(restored);  // it stood elsewhere
    restored.restore(position);
    for (int64_t k = done; k < 3 * reference.batches(); ++k) {
      const Batch *a = reference.next(), *b = restored.next();
      ASSERT_EQ(a == nullptr, b == nullptr);
      if (a != nullptr) {
        ASSERT_EQ(labels_of(*a), labels_of(*b)) << "batch " << k;
      }
      ASSERT_EQ(reference.position().epoch, restored.position().epoch);
      ASSERT_EQ(reference.position().batch, restored.position().batch);
    }
    reference.restore(position);
    reference.next();
  }
  EXPECT_THROW(reference.restore({-1, 0}), Error);
  EXPECT_THROW(reference.restore({0, -1}), Error);
  EXPECT_THROW(reference.restore({0, reference.batches() + 1}), Error);
}

TEST(Loader, ReusesABatchsMemoryUnlessSomebodyHoldsIt) {
  Loader loader(numbered(64), {.batch_size = 16});
  const float* const first = loader.next()->x.values<float>().data();
  EXPECT_EQ(loader.next()->x.values<float>().data(), first);
  const Tensor held = loader.next()->x;
  const std::vector<double> values = held.to_vector();
  EXPECT_NE(loader.next()->x.values<float>().data(), held.values<float>().data());
  EXPECT_EQ(held.to_vector(), values);
}

TEST(Loader, MayBeMovedBetweenBatches) {
  Loader a(numbered(20), {.batch_size = 6, .seed = 1}),
      reference(numbered(20), {.batch_size = 6, .seed = 1});
  a.next();
  reference.next();
  Loader b(std::move(a));
  const auto rest = rest_of_epoch(reference);
  EXPECT_EQ(rest.size(), 14u);
  EXPECT_EQ(rest_of_epoch(b), rest);
  a = std::move(b);
  EXPECT_EQ(rest_of_epoch(a), rest_of_epoch(reference));
}

TEST(Loader, RefusesNoDataAndBatchesThatDoNotFit) {
  EXPECT_EQ(error_of([] { Loader(Dataset(), {}); }), "loader: the data are empty");
  for (const int64_t size : {0, -1, 11}) {
    EXPECT_THROW(Loader(numbered(10), {.batch_size = size}), UsageError) << size;
  }
  EXPECT_EQ(error_of([] { Loader(numbered(10), {.batch_size = 11}); }),
            "loader: batch size must be from 1 to the 10 examples there are, got 11");
  EXPECT_EQ(Loader(numbered(10), {.batch_size = 10}).batches(), 1);
}

}  // namespace
}  // namespace ravine
