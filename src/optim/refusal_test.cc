// What the optimizer refuses: one clear error, and nothing has changed.
#include "optim/engine_testing.h"

namespace ravine {
namespace {

using namespace testing;

TEST(Add, RefusesWhatCannotBeTrained) {
  std::vector<float> w(10), dw(10), short_gradient(9);
  std::vector<double> wide(10);
  Optimizer optimizer("rmsprop");
  const auto refusal = [&](const Parameter& p) { return error_of([&] { optimizer.add(p); }); };
  const auto parameter = [&](std::string name, float* value, float* gradient) {
    return Parameter{std::move(name), {10}, DType::kFloat32, 10, value, gradient};
  };
  EXPECT_TRUE(contains(error_of([&] { optimizer.step(); }), "no parameters"));
  EXPECT_TRUE(contains(error_of([&] { optimizer.add("w", w, short_gradient); }), "its gradient 9"));
  EXPECT_TRUE(contains(refusal(parameter("w", w.data(), nullptr)), "no gradient"));
  EXPECT_TRUE(contains(refusal(parameter("w", nullptr, dw.data())), "no memory"));
  EXPECT_TRUE(contains(refusal(parameter("w", w.data(), w.data())), "shares memory"));
  EXPECT_TRUE(contains(refusal({"w", {3, 3}, DType::kFloat32, 10, w.data(), dw.data()}), "has 9"));
  EXPECT_TRUE(contains(refusal({"w", {10}, DType::kInt32, 10, w.data(), dw.data()}), "int32"));
  optimizer.add("w", w, dw);
  std::vector<float> v(10), dv(10);
  EXPECT_TRUE(contains(error_of([&] { optimizer.add("w", v, dv); }), "two parameters 'w'"));
  EXPECT_TRUE(contains(refusal(parameter("v", w.data() + 9, dv.data())), "shares memory with"));
  EXPECT_TRUE(contains(refusal(parameter("v", v.data(), w.data() - 9)), "shares memory with"));
  EXPECT_TRUE(contains(refusal(parameter("v", dw.data(), dv.data())), "the gradient of 'w'"));
  EXPECT_TRUE(contains(error_of([&] { optimizer.group("*", "lr=1"); }), "before the parameters"));
  EXPECT_TRUE(optimizer.step());
  EXPECT_TRUE(contains(error_of([&] { optimizer.add("v", v, dv); }), "before the first step"));
  EXPECT_THROW(optimizer.set_lr(-1), UsageError);
  EXPECT_THROW(optimizer.set_lr(NAN), UsageError);
}

TEST(Add, IsAllOrNothing) {
  std::vector<float> a(4), da(4), b(4), db(4);
  Optimizer optimizer("adam");
  const Parameter list[] = {{"a", {4}, DType::kFloat32, 4, a.data(), da.data()},
                            {"b", {4}, DType::kFloat32, 4, a.data(), db.data()}};
  EXPECT_THROW(optimizer.add(list), UsageError);
  EXPECT_TRUE(optimizer.state().entries.empty());
  optimizer.add("a", a, da);
  optimizer.add("b", b, db);
  EXPECT_EQ(optimizer.state().entries.size(), 4u);
}

TEST(Add, MeetsWhatOtherCallsHaveAdded) {
  std::vector<float> memory(40);
  Optimizer optimizer("sgd");
  const auto add = [&](const char* name, size_t value, size_t gradient) {
    return error_of([&] {
      optimizer.add(name, std::span(memory).subspan(value, 5),
                    std::span<const float>(memory).subspan(gradient, 5));
    });
  };
  EXPECT_EQ(add("a", 10, 20), "");
  EXPECT_TRUE(contains(add("b", 0, 24), "the gradient of 'b' shares memory with the gradient of"));
  EXPECT_TRUE(contains(add("b", 6, 0), "parameter 'b' shares memory with parameter 'a'"));
  EXPECT_EQ(add("b", 5, 15), "");
  EXPECT_TRUE(contains(add("b", 25, 30), "two parameters 'b'"));
  EXPECT_TRUE(contains(add("c", 15, 30), "with the gradient of 'b'"));
}

// The same training, with and without every refusal in between.
TEST(Error, LeavesTheOptimizerAsItWas) {
  const std::string line = "rmsprop,momentum=0.9,clip_global_norm=3,schedule=exponential(rate=0.9)";
  Training<float> plain(line), tried(line);
  std::vector<float> w(10), dw(10);
  std::vector<double> wide(10);
  const auto refused = [](auto action) { EXPECT_NE(error_of(action), ""); };
  const auto before_and_after_adding = [&] {
    Optimizer& o = tried.optimizer;
    refused([&] { o.group("*", "alpha=2"); });
    refused([&] { o.group("*", "lr=1,nonfinite=skip"); });
    refused([&] { o.set_lr(-1); });
    refused([&] { o.set_lr(INFINITY); });
    refused([&] { o.add("0", w, std::span<const float>(dw).first(9)); });
    refused([&] { o.add({"w", {2, 3}, DType::kFloat32, 10, w.data(), dw.data()}); });
    refused([&] { o.add({"w", {10}, DType::kFloat32, 10, w.data(), nullptr}); });
    refused([&] { o.add({"w", {10}, DType::kFloat32, 10, w.data(), w.data() + 9}); });
    refused([&] { o.add({"w", {10}, DType::kUint8, 10, w.data(), dw.data()}); });
    refused([&] { o.add({"w", {10}, DType::kFloat32, 10, w.data(), dw.data(), DType::kInt32}); });
    refused([&] {
      o.add({"w", {10}, DType::kFloat32, 10, w.data(), wide.data(), DType::kFloat64});
    });
    const Parameter pair[] = {{"v", {5}, DType::kFloat32, 5, w.data(), dw.data()},
                              {"v", {5}, DType::kFloat32, 5, w.data() + 5, dw.data() + 5}};
    refused([&] { o.add(pair); });
    refused([&] { o.load(Training<float>("adam").add().optimizer.state()); });
  };
  before_and_after_adding();
  refused([&] { tried.optimizer.step(); });
  plain.add(), tried.add();
  before_and_after_adding();
  plain.run(2), tried.run(2);
  before_and_after_adding();
  auto state = tried.optimizer.state();
  state.scalars[1].value = -1;
  refused([&] { tried.optimizer.load(state); });
  state = tried.optimizer.state();
  state.scalars.push_back({"lr", NAN});
  refused([&] { tried.optimizer.load(state); });
  plain.run(2), tried.run(2);
  EXPECT_EQ(tried.optimizer.lr(), plain.optimizer.lr());
  EXPECT_EQ(tried.optimizer.steps(), 4);
  EXPECT_EQ(differing(tried.all(), plain.all()), 0u);
}

TEST(Groups, RefuseWhatHoldsForAll) {
  Optimizer optimizer("rmsprop");
  for (const char* option : {"clip_global_norm=1", "nonfinite=skip", "schedule=constant"}) {
    EXPECT_TRUE(contains(error_of([&] { optimizer.group("*", option); }), "holds for all"))
        << option;
  }
  EXPECT_THROW(optimizer.group("*", "alpha=2"), UsageError);
  EXPECT_THROW(optimizer.group("*", "no=2"), UsageError);
}

}  // namespace
}  // namespace ravine
