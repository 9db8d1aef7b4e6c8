#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "base/pool.h"
#include "ravine/error.h"
#include "ravine/nn.h"
#include "ravine/runtime.h"

namespace ravine {
namespace {

Tensor drawn(const Shape& shape, DType dtype = DType::kFloat32, uint64_t seed = 3) {
  const Tensor x = Tensor::empty(shape, dtype);
  Random random(seed);
  initialize("normal(0,1)", x, 1, 1, random);
  return x;
}

Tensor some_labels(int64_t count, int64_t classes) {
  std::vector<int32_t> labels;
  for (int64_t i = 0; i < count; ++i) labels.push_back(int32_t(i * 7 % classes));
  return Tensor::from(std::span<const int32_t>(labels), {count});
}

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

const char* const kModels[] = {
    "dense(3)",
    "dense(5) relu dense(3)",
    "dense(5,bias=false) tanh dropout(0.3) dense(4,init=he_normal) sigmoid dense(3)",
    "flatten dropout(0.5) dense(6) softmax dense(3,bias=false)",
    "relu dense(7) dropout(0.2) relu dropout(0.2) dense(3)",
};

TEST(Model, ParametersHaveTheNamesAndLayoutOfPyTorch) {
  const Model model("dense(5) relu dropout(0.5) dense(3) softmax", {.input = {2, 4}});
  const auto parameters = model.parameters();
  ASSERT_EQ(parameters.size(), 4u);
  const char* const names[] = {"0.weight", "0.bias", "3.weight", "3.bias"};
  const std::vector<int64_t> shapes[] = {{5, 8}, {5}, {3, 5}, {3}};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(parameters[i].name, names[i]);
    EXPECT_EQ(parameters[i].shape, shapes[i]);
  }
  EXPECT_EQ(model.parameter_count(), 40 + 5 + 15 + 3);
  EXPECT_EQ(error_of([&] { model.parameter("0.wieght"); }),
            "model: no parameter '0.wieght'; did you mean '0.weight'? "
            "(it has 0.weight, 0.bias, 3.weight, 3.bias)");

  const auto lines = model.summary();
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[3].name, "3");
  EXPECT_EQ(lines[3].spec, "dense(3)");
  EXPECT_EQ(lines[3].output, (Shape{3}));
  EXPECT_EQ(lines[3].parameters, 18);
  EXPECT_EQ(lines[1].parameters, 0);
}

TEST(Model, ParametersLieInOneBufferAndGradientsInAnother) {
  for (const DType dtype : {DType::kFloat32, DType::kFloat64}) {
    const Model model("dense(5) dense(3)", {.input = {7}, .dtype = dtype});
    const auto parameters = model.parameters();
    const auto* value = static_cast<std::byte*>(parameters[0].value);
    const auto* gradient = static_cast<std::byte*>(parameters[0].gradient);
    for (const Parameter& p : parameters) {
      EXPECT_EQ(p.value, value);
      EXPECT_EQ(p.gradient, gradient);
      EXPECT_EQ(uintptr_t(p.value) % 64, 0u);
      EXPECT_EQ(p.value, model.parameter(p.name).dtype() == DType::kFloat32
                             ? static_cast<void*>(model.parameter(p.name).values<float>().data())
                             : model.parameter(p.name).values<double>().data());
      const size_t bytes = (p.size * size_of(dtype) + 63) / 64 * 64;
      value += bytes, gradient += bytes;
    }
  }
}

TEST(Model, ADenseLayerIsXTimesWTransposedPlusB) {
  const Model model("dense(2)", {.input = {3}});
  const auto w = model.parameter("0.weight").values<float>();
  const auto b = model.parameter("0.bias").values<float>();
  std::copy_n(std::array<float, 6>{1, 2, 3, 4, 5, 6}.begin(), 6, w.begin());
  b[0] = 10, b[1] = 20;
  const Tensor x = Tensor::from({1, 0, -1, 0.5f, 1, 2}, {2, 3});
  EXPECT_EQ(model.predict(x).to_vector(), (std::vector<double>{8, 18, 18.5, 39}));
}

// Of a whole model: d loss / d parameter against (loss(p + h) - loss(p - h)) / 2h in float64.
TEST(Model, GradientsAgreeWithCentralDifferences) {
  constexpr double kStep = 1e-6;
  for (const char* spec : kModels) {
    Model model(spec, {.input = {2, 3}, .seed = 5, .dtype = DType::kFloat64});
    const Tensor x = drawn({6, 2, 3}, DType::kFloat64), y = some_labels(6, 3);
    const Pass pass{.training = true, .seed = 11, .step = 4};
    const auto loss = [&] {
      return cross_entropy(model.forward(x, pass), y) + model.penalty(0.01, 0.1);
    };
    loss().backward();
    for (const Parameter& p : model.parameters()) {
      const auto value = model.parameter(p.name).values<double>();
      const auto slope = model.parameter(p.name).grad().to_vector();
      for (size_t i = 0; i < value.size(); ++i) {
        const double before = value[i];
        value[i] = before + kStep;
        const double above = loss().item();
        value[i] = before - kStep;
        const double below = loss().item();
        value[i] = before;
        EXPECT_NEAR(slope[i], (above - below) / (2 * kStep), 1e-7) << spec << p.name << i;
      }
    }
  }
}

TEST(Model, Float32AgreesWithFloat64) {
  const ModelOptions narrow{.input = {784}, .outputs = 10, .seed = 9};
  ModelOptions wide = narrow;
  wide.dtype = DType::kFloat64;
  Model a("mlp", narrow), b("mlp", wide);
  for (const Parameter& p : a.parameters()) {
    const auto x = a.parameter(p.name).to_vector(), y = b.parameter(p.name).to_vector();
    for (size_t i = 0; i < x.size(); ++i) ASSERT_EQ(x[i], double(float(y[i]))) << p.name;
  }
  const Tensor x = drawn({31, 784}, DType::kFloat64);
  std::vector<float> values;
  for (const double v : x.to_vector()) values.push_back(float(v));
  const Tensor y = some_labels(31, 10);
  const Pass pass{.training = true, .seed = 1, .step = 2};
  Tensor loss32 =
      cross_entropy(a.forward(Tensor::from(std::span<const float>(values), x.shape()), pass), y);
  Tensor loss64 = cross_entropy(b.forward(x, pass), y);
  EXPECT_NEAR(loss32.item(), loss64.item(), 1e-6 * loss64.item());
  loss32.backward();
  loss64.backward();
  for (const Parameter& p : a.parameters()) {
    const auto u = a.parameter(p.name).grad().to_vector();
    const auto v = b.parameter(p.name).grad().to_vector();
    double largest = 0;
    for (const double s : v) largest = std::max(largest, std::fabs(s));
    for (size_t i = 0; i < u.size(); ++i) ASSERT_NEAR(u[i], v[i], 2e-5 * largest) << p.name;
  }
}

TEST(Model, ALayersValuesDependOnItsPlaceAndTheSeedAlone) {
  const auto weights = [](const char* spec, uint64_t seed, const char* name) {
    return Model(spec, {.input = {4}, .seed = seed}).parameter(name).to_vector();
  };
  const char* const model = "dense(4) relu dense(4)";
  const auto first = weights(model, 1, "0.weight"), third = weights(model, 1, "2.weight");
  EXPECT_EQ(weights(model, 1, "2.weight"), third);
  EXPECT_EQ(weights("dense(4,init=normal(0,1),bias=false) tanh dense(4) dense(9)", 1, "2.weight"),
            third);
  EXPECT_NE(first, third);
  EXPECT_NE(weights(model, 2, "0.weight"), first);
  EXPECT_EQ(weights(model, 1, "0.bias"), std::vector<double>(4, 0));
}

TEST(Model, DropoutIsAFunctionOfSeedStepAndLayer) {
  Model model("dropout(0.5) dropout(0.5)", {.input = {1000}, .seed = 3});
  const Tensor x = Tensor::full({2, 1000}, 1);
  const auto out = [&](const Pass& pass) { return model.forward(x, pass).to_vector(); };
  const auto once = out({true, 1, 5});
  EXPECT_EQ(out({true, 1, 5}), once);
  EXPECT_NE(out({true, 1, 6}), once);
  EXPECT_NE(out({true, 2, 5}), once);
  // Were both layers to drop the same elements, half would be left and be 4.
  const auto kept = std::count(once.begin(), once.end(), 4.0);
  EXPECT_EQ(std::count(once.begin(), once.end(), 0.0) + kept, 2000);
  EXPECT_NEAR(double(kept), 500, 100);

  const Tensor a = model(x), b = model(x);
  EXPECT_EQ(a.to_vector(), out({true, 3, 0}));  // a new model's stream: its own seed, step 0
  EXPECT_EQ(b.to_vector(), out({true, 3, 1}));
  model.seed_dropout(1, 5);
  EXPECT_EQ(model(x).to_vector(), once);
}

TEST(Model, DropsNothingOutsideOfTraining) {
  Model model("dropout(0.5)", {.input = {100}});
  const Tensor x = drawn({3, 100});
  EXPECT_TRUE(model.training());
  EXPECT_NE(model(x).to_vector(), x.to_vector());
  EXPECT_EQ(model.predict(x).to_vector(), x.to_vector());
  model.train(false);
  EXPECT_FALSE(model.training());
  EXPECT_EQ(model(x).to_vector(), x.to_vector());
  model.train();
  EXPECT_EQ(model(x).to_vector(), model.forward(x, {true, 0, 1}).to_vector());  // not counted
}

TEST(Model, PredictRecordsNothing) {
  Model model("dense(2)", {.input = {3}});
  const Tensor x = drawn({4, 3});
  EXPECT_FALSE(model.predict(x).needs_grad());
  EXPECT_TRUE(model(x).needs_grad());
}

TEST(Model, AConstModelPredictsFromSeveralThreads) {
  const Model model("mlp", {.outputs = 10});
  const Tensor x = drawn({64, 784});
  const auto expected = model.predict(x).to_vector();
  std::vector<int> wrong(4);
  std::vector<std::thread> threads;
  for (int& count : wrong) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) count += model.predict(x).to_vector() != expected;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

TEST(Model, TakesExamplesOfItsShapeOrAsManyNumbers) {
  const Model model("relu dense(2)", {.input = {2, 3}});
  const Tensor x = drawn({4, 2, 3});
  const auto expected = model.predict(x).to_vector();
  for (const Shape& shape : {Shape{4, 6}, Shape{4, 1, 6}, Shape{4, 3, 2, 1}}) {
    EXPECT_EQ(model.predict(x.reshape(shape)).to_vector(), expected);
  }
  const char* const error =
      "model: takes float32 examples of shape [2, 3], got float32 [4, 5]; the first dimension "
      "counts the examples";
  EXPECT_EQ(error_of([&] { model.predict(drawn({4, 5})); }), error);
  EXPECT_THROW(model.predict(drawn({6})), Error);
  EXPECT_THROW(model.predict(drawn({})), Error);
  EXPECT_THROW(model.predict(drawn({4, 6}, DType::kFloat64)), Error);
  EXPECT_THROW(model.predict(Tensor()), Error);
}

TEST(Model, GradientsAddUpUntilTheyAreZeroed) {
  Model model("dense(2)", {.input = {3}, .seed = 1});
  const Tensor x = drawn({4, 3});
  const auto backward = [&] {
    sum(square(model(x))).backward();
    return model.parameter("0.weight").grad().to_vector();
  };
  const auto once = backward(), twice = backward();
  for (size_t i = 0; i < once.size(); ++i) EXPECT_EQ(twice[i], 2 * once[i]);
  model.zero_grad();
  EXPECT_EQ(model.parameter("0.weight").grad().to_vector(), std::vector<double>(6, 0));
  EXPECT_EQ(static_cast<float*>(model.parameters()[1].gradient)[0], 0);
  EXPECT_EQ(backward(), once);
}

TEST(Model, AMovedModelKeepsItsMemoryWhichItsTensorsOutlive) {
  Model first("dense(2)", {.input = {3}});
  const void* const address = first.parameters()[0].value;
  Model second(std::move(first));
  EXPECT_EQ(second.parameters()[0].value, address);
  Model third("dense(9)");
  third = std::move(second);
  EXPECT_EQ(third.parameters()[0].value, address);
  EXPECT_EQ(third.spec(), "dense(2)");

  Tensor weight, loss;
  std::vector<double> values;
  {
    Model gone("dense(2)", {.input = {3}});
    weight = gone.parameter("0.weight");
    values = weight.to_vector();
    loss = sum(gone(drawn({4, 3})));
  }
  loss.backward();
  EXPECT_EQ(weight.to_vector(), values);
  EXPECT_EQ(weight.grad().shape(), (Shape{2, 3}));
}

TEST(Model, OneThatCannotFitIsRefusedWithItsBytes) {
  const std::string error = error_of([] { Model model("dense(1000000000)"); });
  EXPECT_EQ(error.substr(0, error.find(" bytes")),
            "model: 'dense(1000000000)' needs 6288000003136");
  EXPECT_NE(error.find("are available; use fewer units"), error.npos) << error;
  EXPECT_THROW(Model("dense(1000000000000) dense(1000000000000)"), UsageError);
  EXPECT_THROW(Model("dense(9223372036854775807)"), UsageError);
}

// ---- penalties ----

TEST(Penalty, IsHalfTheSumOfSquaresAndTheSumOfMagnitudesOfWeights) {
  for (const DType dtype : {DType::kFloat32, DType::kFloat64}) {
    Model model("dense(300) relu dense(7)", {.input = {100}, .dtype = dtype});
    double squares = 0, magnitudes = 0;
    for (const char* name : {"0.weight", "2.weight"}) {
      for (const double w : model.parameter(name).to_vector()) {
        squares += w * w, magnitudes += std::fabs(w);
      }
    }
    const double near = dtype == DType::kFloat32 ? 1e-6 : 1e-13;
    EXPECT_NEAR(model.penalty(0, 0.3).item() / (0.15 * squares), 1, near);
    EXPECT_NEAR(model.penalty(0.2, 0).item() / (0.2 * magnitudes), 1, near);
    Tensor both = model.penalty(0.2, 0.3);
    EXPECT_NEAR(both.item() / (0.15 * squares + 0.2 * magnitudes), 1, near);

    (both * 2).backward();
    const auto w = model.parameter("2.weight").to_vector();
    const auto slope = model.parameter("2.weight").grad().to_vector();
    for (size_t i = 0; i < w.size(); ++i) {
      EXPECT_NEAR(slope[i], 0.6 * w[i] + (w[i] > 0 ? 0.4 : -0.4), 1e-7);
    }
    for (const double g : model.parameter("2.bias").grad().to_vector()) EXPECT_EQ(g, 0);
  }
}

TEST(Penalty, HasNoSlopeAtZeroAndNoneAtAllWhenOff) {
  Model model("dense(2,init=constant(0))", {.input = {3}});
  model.penalty(1, 1).backward();
  EXPECT_EQ(model.parameter("0.weight").grad().to_vector(), std::vector<double>(6, 0));
  EXPECT_FALSE(model.penalty(0, 0).defined());
  EXPECT_EQ(Model("relu").penalty(1, 1).item(), 0);
  EXPECT_EQ(error_of([&] { model.penalty(-1, 0); }), "penalty: l1 must be >= 0 and finite, got -1");
  EXPECT_EQ(error_of([&] { model.penalty(0, NAN); }),
            "penalty: l2 must be >= 0 and finite, got nan");
}

TEST(Penalty, HasTheSameBitsForAnyNumberOfThreads) {
  const int before = threads();
  Model model("dense(301)", {.input = {97}});
  std::vector<double> values, slopes;
  for (const int count : {1, 2, 3, 4}) {
    set_threads(count);
    model.zero_grad();
    Tensor penalty = model.penalty(1e-3, 1e-2);
    penalty.backward();
    values.push_back(penalty.item());
    for (const double g : model.parameter("0.weight").grad().to_vector()) slopes.push_back(g);
  }
  set_threads(before);
  const size_t n = slopes.size() / 4;
  for (size_t t = 1; t < 4; ++t) {
    EXPECT_EQ(values[t], values[0]);
    EXPECT_TRUE(std::equal(slopes.begin(), slopes.begin() + n, slopes.begin() + t * n));
  }
}

TEST(Model, AStepTakesNoMemoryAfterTheFirst) {
  Model model("mlp", {.outputs = 10});
  const Tensor x = drawn({64, 784}), y = some_labels(64, 10);
  size_t taken = 0;
  for (int step = 0; step < 5; ++step) {
    model.zero_grad();
    Tensor loss = cross_entropy(model(x), y) + model.penalty(1e-4, 1e-4);
    loss.backward();
    if (step > 0) {
      EXPECT_EQ(pool_bytes(), taken);
    }
    taken = pool_bytes();
  }
}

TEST(Model, TellsOfEachLayersOutput) {
  const Model model("dense(5) relu dropout(0.3) dense(3)", {.input = {4}, .seed = 2});
  std::vector<size_t> layers;
  std::vector<Tensor> outputs;
  const std::function<void(size_t, const Tensor&)> each = [&](size_t layer, const Tensor& y) {
    layers.push_back(layer), outputs.push_back(y);
  };
  const Tensor x = drawn({6, 4});
  const Tensor y = model.forward(x, {.each = &each});
  EXPECT_EQ(layers, (std::vector<size_t>{0, 1, 2, 3}));
  EXPECT_EQ(outputs[3].to_vector(), y.to_vector());
  EXPECT_EQ(outputs[1].to_vector(), relu(outputs[0]).to_vector());
  EXPECT_EQ(y.to_vector(), model.predict(x).to_vector());
}

}  // namespace
}  // namespace ravine
