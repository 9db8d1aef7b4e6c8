#include <cmath>
#include <numeric>
#include <set>

#include "data/testing.h"
#include "ravine/data.h"
#include "ravine/runtime.h"

namespace ravine {
namespace {

// Image i is [i, i + 1; ...], its label i % 3.
Dataset small_images(int n) {
  std::vector<uint8_t> pixels;
  std::vector<int32_t> labels;
  for (int i = 0; i < n; ++i) {
    for (int k = 0; k < 6; ++k) pixels.push_back(uint8_t(i + k));
    labels.push_back(i % 3);
  }
  Dataset data = Dataset::images(std::move(pixels), {2, 3}, std::move(labels), 3);
  data.name = "small";
  return data;
}

TEST(Dataset, ABatchHoldsThePixelsDividedBy255AndTheLabels) {
  const Dataset data = small_images(40);
  EXPECT_EQ(data.size(), 40u);
  EXPECT_EQ(data.example(), Shape({2, 3}));
  EXPECT_EQ(data.classes(), 3);
  EXPECT_EQ(data.outputs(), 3);
  const std::vector<uint32_t> chosen = {7, 0, 39, 7};
  Tensor x, y;
  data.gather(chosen, x, y);
  ASSERT_EQ(x.shape(), Shape({4, 2, 3}));
  ASSERT_EQ(y.shape(), Shape({4}));
  for (size_t i = 0; i < chosen.size(); ++i) {
    EXPECT_EQ(y.values<int32_t>()[i], int32_t(chosen[i] % 3));
    for (size_t k = 0; k < 6; ++k) {
      EXPECT_EQ(x.values<float>()[6 * i + k], float((chosen[i] + k) / 255.0));
    }
  }
}

TEST(Dataset, AGatherIsTheSameForAnyNumberOfThreads) {
  const Dataset data = small_images(200);
  std::vector<uint32_t> chosen(200);
  std::iota(chosen.rbegin(), chosen.rend(), 0u);
  const int before = threads();
  std::vector<double> first;
  for (const int count : {1, 2, 3, 4}) {
    set_threads(count);
    Tensor x, y;
    data.gather(chosen, x, y);
    if (first.empty()) first = x.to_vector();
    EXPECT_EQ(x.to_vector(), first);
  }
  set_threads(before);
}

TEST(Dataset, TablesOfNumbersKeepTheirValues) {
  const Tensor inputs = Tensor::from({1, 2, 3, 4, 5, 6}, {3, 2});
  const Tensor targets = Tensor::from({-1, -2, -3}, {3, 1});
  Tensor x, y;
  const std::vector<uint32_t> chosen = {2, 0};
  const Dataset classes = Dataset::table(inputs, {0, 1, 1}, 2);
  classes.gather(chosen, x, y);
  EXPECT_EQ(x.to_vector(), (std::vector<double>{5, 6, 1, 2}));
  EXPECT_EQ(y.to_vector(), (std::vector<double>{1, 0}));
  const Dataset regression = Dataset::table(inputs, targets);
  EXPECT_EQ(regression.classes(), 0);
  EXPECT_EQ(regression.outputs(), 1);
  EXPECT_EQ(regression.example(), Shape({2}));
  regression.gather(chosen, x, y);
  EXPECT_EQ(y.shape(), Shape({2, 1}));
  EXPECT_EQ(y.to_vector(), (std::vector<double>{-3, -1}));
}

TEST(Dataset, AViewOfAViewSeesTheRightRows) {
  const Dataset data = small_images(20);
  const Dataset view =
      data.select(std::vector<uint32_t>{5, 10, 15}).select(std::vector<uint32_t>{2, 1});
  EXPECT_EQ(view.size(), 2u);
  EXPECT_EQ(view.name, "small");
  EXPECT_EQ(view.labels(), (std::vector<int32_t>{0, 1}));
  Tensor x, y;
  view.gather(std::vector<uint32_t>{0, 1}, x, y);
  EXPECT_EQ(x.values<float>()[0], float(15 / 255.0));
  EXPECT_EQ(x.values<float>()[6], float(10 / 255.0));
  EXPECT_EQ(y.to_vector(), (std::vector<double>{0, 1}));
}

TEST(Dataset, ASplitIsSeededAndKeepsEveryExampleOnce) {
  const Dataset data = small_images(200);
  const Split a = split(data, 0.1, 1), b = split(data, 0.1, 1), c = split(data, 0.1, 2);
  EXPECT_EQ(a.rest.size(), 180u);
  EXPECT_EQ(a.held_out.size(), 20u);
  const auto firsts = [](const Dataset& part) {
    std::vector<uint32_t> all(part.size());
    std::iota(all.begin(), all.end(), 0u);
    Tensor x, y;
    part.gather(all, x, y);
    std::multiset<float> values;
    for (size_t i = 0; i < part.size(); ++i) values.insert(x.values<float>()[6 * i]);
    return values;
  };
  EXPECT_EQ(firsts(a.held_out), firsts(b.held_out));
  EXPECT_NE(firsts(a.held_out), firsts(c.held_out));
  auto together = firsts(a.rest);
  together.merge(firsts(a.held_out));
  EXPECT_EQ(together, firsts(data));
  for (const double share : {0.0, 1.0, -1.0, 0.001, 0.999, std::nan("")}) {
    EXPECT_THROW(split(data, share, 0), UsageError) << share;
  }
}

TEST(Dataset, DataThatDoNotFitAreRefused) {
  EXPECT_THROW(Dataset::images({}, {2}, {}, 2), Error);
  EXPECT_THROW(Dataset::images({1, 2, 3}, {2}, {0}, 2), Error);
  EXPECT_EQ(error_of([] {
              Dataset::images({1, 2, 3, 4}, {2}, {0}, 2);
            }),
            "data: 2 examples but 1 labels");
  EXPECT_EQ(error_of([] {
              Dataset::images({1, 2, 3, 4}, {2}, {0, 2}, 2);
            }),
            "data: the label of example 1 is 2, not in [0, 2)");
  EXPECT_THROW(Dataset::images({1, 2}, {1}, {0, -1}, 2), Error);
  const Tensor inputs = Tensor::zeros({3, 2});
  EXPECT_THROW(Dataset::table(Tensor(), {0}, 2), Error);
  EXPECT_THROW(Dataset::table(Tensor::zeros({0, 2}), {}, 2), Error);
  EXPECT_THROW(Dataset::table(inputs, {0, 1}, 2), Error);
  EXPECT_THROW(Dataset::table(inputs, Tensor::zeros({2, 1})), Error);
  EXPECT_THROW(Dataset::table(inputs, Tensor::zeros({3})), Error);
  EXPECT_THROW(Dataset::table(inputs, Tensor::zeros({3, 1}, DType::kInt32)), Error);
  const Dataset data = small_images(4);
  Tensor x, y;
  EXPECT_THROW(data.select({}), Error);
  EXPECT_THROW(data.select(std::vector<uint32_t>{4}), Error);
  EXPECT_THROW(data.gather(std::vector<uint32_t>{4}, x, y), Error);
  EXPECT_THROW(Dataset().gather({}, x, y), Error);
}

}  // namespace
}  // namespace ravine
