#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "base/testing.h"
#include "ravine/error.h"
#include "tensor/body.h"

namespace ravine {
namespace {

using Values = std::vector<double>;

TEST(Shape, SaysItsSizeAndText) {
  EXPECT_EQ((Shape{3, 4, 5}.size()), 60);
  EXPECT_EQ(Shape{}.size(), 1);
  EXPECT_EQ((Shape{int64_t{1} << 62, 0, 8}.size()), 0);
  EXPECT_EQ((Shape{64, 784}.text()), "[64, 784]");
  EXPECT_EQ(Shape{}.text(), "[]");
  EXPECT_EQ((Shape{2, 3}), (Shape{2, 3}));
  EXPECT_NE((Shape{2, 3}), (Shape{3, 2}));
  EXPECT_NE((Shape{2}), (Shape{2, 1}));
}

TEST(Shape, RefusesWhatIsNone) {
  EXPECT_EQ(error_of([] { Shape{1, 2, 3, 4, 5, 6, 7}; }), "shape: at most 6 dimensions, got 7");
  EXPECT_EQ(error_of([] { Shape{2, -3}; }), "shape: a dimension must be >= 0, got -3");
  EXPECT_EQ(error_of([] { Shape({2, -1}).size(); }), "shape: [2, -1] is only for reshape()");
  EXPECT_NE(error_of([] { Shape({int64_t{1} << 40, int64_t{1} << 40}).size(); }), "");
  EXPECT_NE(error_of([] { Tensor::empty({int64_t{1} << 62}); }), "");
}

TEST(Tensor, HoldsValuesOfEachType) {
  EXPECT_EQ(Tensor::from({1, 2.5f}, {2}).to_vector(), (Values{1, 2.5}));
  const std::vector<double> doubles{1, 0.1, 3};
  EXPECT_EQ(Tensor::from(doubles, {3}).to_vector(), doubles);
  const std::vector<int32_t> ints{7, -8};
  const Tensor t = Tensor::from(ints, {2, 1});
  EXPECT_EQ(t.dtype(), DType::kInt32);
  EXPECT_EQ(t.values<int32_t>()[1], -8);
  EXPECT_EQ(Tensor::zeros({2, 2}, DType::kFloat64).to_vector(), Values(4, 0));
  EXPECT_EQ(Tensor::full({3}, 7, DType::kInt32).to_vector(), Values(3, 7));
  EXPECT_EQ(Tensor::full({}, 0.25).item(), 0.25);
  EXPECT_EQ(Tensor::empty({0, 4}).size(), 0);
}

TEST(Tensor, MemoryIsAlignedTo64Bytes) {
  for (const int64_t n : {1, 7, 100, 100'000}) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(Tensor::empty({n}).body()->data) % 64, 0u);
  }
}

TEST(Tensor, SaysWhatIsWrong) {
  EXPECT_EQ(error_of([] {
              Tensor::from({1, 2, 3}, {2, 2});
            }),
            "tensor: shape [2, 2] takes 4 values, got 3");
  EXPECT_EQ(error_of([] { Tensor::zeros({2}).item(); }),
            "item: the tensor must have one element, its shape is [2]");
  EXPECT_EQ(error_of([] { Tensor::zeros({2}).values<double>(); }),
            "values: the tensor is float32, asked for as float64");
  EXPECT_NE(error_of([] { Tensor().shape(); }), "");
  EXPECT_NE(error_of([] { Tensor::zeros({2}, DType::kInt32).requires_grad(); }), "");
}

TEST(Tensor, CopiesShareAndClonesDoNot) {
  const Tensor a = Tensor::from({1, 2}, {2});
  const Tensor same = a, copy = a.clone(), detached = a.detach();
  a.values<float>()[0] = 5;
  EXPECT_EQ(same.to_vector()[0], 5);
  EXPECT_EQ(detached.to_vector()[0], 5);
  EXPECT_EQ(copy.to_vector()[0], 1);
}

TEST(Tensor, DetachedKeepsTheMemoryAlive) {
  Tensor detached;
  {
    const Tensor a = Tensor::from({1, 2}, {2});
    detached = a.detach();
  }
  const Tensor other = Tensor::full({2}, 9);  // would get the memory if it were free
  EXPECT_EQ(detached.to_vector(), (Values{1, 2}));
}

TEST(Tensor, LeafViewsLieInLargerBuffers) {
  auto values = std::make_shared<std::vector<float>>(10, 3.f);
  std::vector<float> gradients(10, 0.f);
  std::weak_ptr<std::vector<float>> watch = values;
  {
    Tensor w = leaf_view({2, 2}, DType::kFloat32, values->data() + 4, gradients.data() + 4, values);
    values.reset();
    EXPECT_TRUE(w.needs_grad());
    EXPECT_EQ(w.to_vector(), Values(4, 3));
    gradients[4] = 8;
    EXPECT_EQ(w.grad().to_vector()[0], 8);
    w.zero_grad();
    EXPECT_EQ(gradients[4], 0);
    EXPECT_FALSE(watch.expired());
  }
  EXPECT_TRUE(watch.expired());
}

}  // namespace
}  // namespace ravine
