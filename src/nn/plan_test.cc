#include "nn/plan.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ravine/error.h"

namespace ravine {
namespace {

std::string effective(std::string_view spec, int64_t outputs = 0) {
  return plan_model(spec, {.input = {4}, .outputs = outputs}).spec;
}

std::string error_of(std::string_view spec, const ModelOptions& options = {.input = {4}}) {
  try {
    plan_model(spec, options);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Plan, SeparatorsSpacesAndNamesDoNotChangeAModel) {
  const std::string model = "dense(128) relu dropout(0.2) dense(10)";
  for (const char* spec :
       {"dense(128) relu dropout(0.2) dense(10)", "dense(128),relu,dropout(0.2),dense(10)",
        "  dense ( 128 )\n relu() , dropout(rate = 0.2),\tdense(units=10,bias=true) "}) {
    EXPECT_EQ(effective(spec), model) << spec;
  }
  EXPECT_EQ(effective("dense(units = 10, bias=1, init = glorot_uniform)"), "dense(10)");
  EXPECT_EQ(effective("dense(3, he_normal, false) dropout"),
            "dense(3,init=he_normal,bias=false) dropout(0.5)");
  EXPECT_EQ(effective("dense(3,init=uniform( -0.10 , high=1e-1 ))"),
            "dense(3,init=uniform(-0.1,0.1))");
}

TEST(Plan, TheOutputLayerIsTheLastDenseOfItsWidthElseAdded) {
  EXPECT_EQ(effective("dense(8) relu", 3), "dense(8) relu dense(3)");
  EXPECT_EQ(effective("dense(8) relu dense(3)", 3), "dense(8) relu dense(3)");
  EXPECT_EQ(effective("dense(8) relu dense(3) softmax", 3), "dense(8) relu dense(3)");
  EXPECT_EQ(effective("dense(3,bias=false)", 3), "dense(3,bias=false)");
  EXPECT_EQ(effective("dense(8)", 3), "dense(8) dense(3)");
  EXPECT_EQ(effective("dense(8) softmax", 3), "dense(8) softmax dense(3)");
  EXPECT_EQ(effective("dense(3) relu", 3), "dense(3) relu dense(3)");
  EXPECT_EQ(effective("dense(8) softmax relu", 3), "dense(8) softmax relu dense(3)");
  EXPECT_EQ(effective("dense(8) softmax"), "dense(8)");
  EXPECT_EQ(effective("dense(8) tanh"), "dense(8) tanh");
}

TEST(Plan, PresetsAreSensibleNetworks) {
  EXPECT_EQ(effective("softmax", 10), "dense(10)");
  EXPECT_EQ(effective("mlp", 10), "dense(128) relu dropout(0.2) dense(10)");
}

TEST(Plan, TheEffectiveTextIsTheSameModelAgain) {
  for (const int64_t outputs : {0, 3}) {
    for (const char* spec :
         {"dense(8)", "dense(8) softmax", "dense(3) softmax softmax", "flatten relu sigmoid tanh",
          "dense(3,init=normal(0.5,1e-3)) dropout(0)",
          "dense(2,bias=false,init=constant(1e300))"}) {
      const std::string once = effective(spec, outputs);
      EXPECT_EQ(effective(once, outputs), once);
      EXPECT_EQ(effective(once, 0), once);
    }
  }
}

TEST(Plan, EveryMistakeIsNamedWithItsPlace) {
  const std::pair<const char*, const char*> mistakes[] = {
      {"", "model: no layers; 'dense(128) relu dropout(0.2)' or 'mlp', for example"},
      {"dense(8 relu", "model: 'dense(8 relu', character 6: this '(' is never closed"},
      {"dense(8) )", "model: 'dense(8) )', character 10: a name is needed, not ')'"},
      {"dense(8,,true)", "model: 'dense(8,,true)', character 9: an argument is missing"},
      {"dense(8,)", "model: 'dense(8,)', character 9: an argument is missing"},
      {"dense(8) relo",
       "model: layer 1: no layer 'relo'; did you mean 'relu'? (there are dense, relu, sigmoid, "
       "tanh, softmax, dropout, flatten)"},
      {"dense(8) mlp", "model: layer 1: 'mlp' is a preset, which stands alone"},
      {"mlp", "model: 'mlp' alone is a preset, which needs a number of outputs"},
      {"relu softmax dense", "model: layer 2 (dense): units must be a whole number >= 1, got 0"},
      {"dense(-1)", "model: layer 0 (dense): units must be a whole number >= 1, got -1"},
      {"dense(1.5)", "model: layer 0 (dense): units must be a whole number >= 1, got 1.5"},
      {"dense(8,unit=8)",
       "model: layer 0 (dense): no option 'unit'; did you mean 'units'? (it has units, init, "
       "bias)"},
      {"dense(8,units=8)", "model: layer 0 (dense): units is given twice"},
      {"dense(8,bias=maybe)", "model: layer 0 (dense): bias must be true or false, got maybe"},
      {"dense(bias=true,8)",
       "model: layer 0 (dense): '8' comes after a named argument; name it too"},
      {"dense(8) relu(1)", "model: layer 1 (relu): '1' is one argument too many; it takes none"},
      {"dropout(0.1,2)", "model: layer 0 (dropout): '2' is one argument too many; it takes 1"},
      {"dropout(1)",
       "model: layer 0 (dropout): rate must be in [0, 1), got 1; 0.2 to 0.5 is usual"},
      {"dropout(nan)",
       "model: layer 0 (dropout): rate must be in [0, 1), got nan; 0.2 to 0.5 is usual"},
      {"dense(8,init=he)",
       "model: layer 0 (dense): no initialiser 'he' (there are glorot_uniform, glorot_normal, "
       "he_uniform, he_normal, lecun_uniform, lecun_normal, uniform, normal, constant)"},
      {"dense(8,init=uniform(1,-1))",
       "model: layer 0 (dense): uniform: low must not exceed high, got 1 and -1"},
      {"dense(8,init=normal(0,-1))",
       "model: layer 0 (dense): normal: deviation must be >= 0 and finite, got -1"},
      {"dense(8,init=constant(inf))",
       "model: layer 0 (dense): constant: value must be a finite number, got inf"},
      {"dense(8,init=)", "model: layer 0 (dense): init must be one initialiser, got ''"},
  };
  for (const auto& [spec, message] : mistakes) EXPECT_EQ(error_of(spec), message);
  EXPECT_EQ(error_of("softmax", {.input = {0}, .outputs = 2}),
            "model: input must be 1 to 5 dimensions of at least 1, got [0]");
  EXPECT_EQ(error_of("softmax", {.outputs = -2}), "model: outputs must be >= 0, got -2");
  EXPECT_EQ(error_of("softmax softmax"),
            "model: softmax alone has nothing to train; put dense before it");
}

TEST(Plan, ShapesAndParametersFollowFromTheLayers) {
  const ModelPlan plan =
      plan_model("relu flatten dense(5) tanh dense(3,bias=false)", {.input = {2, 3, 4}});
  ASSERT_EQ(plan.layers.size(), 5u);
  EXPECT_EQ(plan.layers[0].output, (Shape{2, 3, 4}));
  EXPECT_EQ(plan.layers[1].output, (Shape{24}));
  EXPECT_EQ(plan.layers[2].output, (Shape{5}));
  EXPECT_EQ(plan.output(), (Shape{3}));
  EXPECT_EQ(plan.layers[2].parameters[0].shape, (Shape{5, 24}));
  EXPECT_EQ(plan.layers[2].parameters[1].shape, (Shape{5}));
  EXPECT_EQ(plan.layers[4].parameters.size(), 1u);
  EXPECT_EQ(parameter_count(plan), 5 * 24 + 5 + 3 * 5);
}

TEST(Plan, BytesCountParametersGradientsSlotsAndActivations) {
  const ModelOptions options{.input = {784}, .outputs = 10};
  const double parameters = 784 * 128 + 128 + 1280 + 10;
  const double activations = 784 + 2 * (128 + 128 + 128 + 10);
  const auto bytes = [&](int64_t batch, int64_t slots) {
    return bytes_of(plan_model("mlp", options), options, batch, slots);
  };
  EXPECT_EQ(bytes(1, 0), 4 * (2 * parameters + activations));
  EXPECT_EQ(bytes(128, 2), 4 * (4 * parameters + 128 * activations));
  // Products far beyond 64 bits.
  const double huge =
      Model::bytes_needed("dense(1000000000000) dense(1000000000000)", options, 1, 1);
  EXPECT_NEAR(huge, 12e24, 1e20);
}

TEST(Plan, HelpListsEveryLayerWithItsOptions) {
  const auto help = layer_help();
  ASSERT_EQ(help.size(), layer_kinds().size());
  EXPECT_EQ(help[0].name, "dense");
  EXPECT_EQ(help[0].usage, "dense(units, init=glorot_uniform, bias=true)");
  ASSERT_EQ(help[0].options.size(), 3u);
  EXPECT_EQ(help[0].options[0].default_value, "");
  EXPECT_EQ(help[0].options[0].range, "a whole number >= 1");
  EXPECT_EQ(help[5].usage, "dropout(rate)");
  EXPECT_EQ(help[5].options[0].default_value, "0.5");
  EXPECT_EQ(initializer_help()[6].usage, "uniform(low, high)");
  for (const auto& list : {layer_help(), initializer_help()}) {
    for (const LayerHelp& entry : list) EXPECT_FALSE(entry.help.empty()) << entry.name;
  }
}

}  // namespace
}  // namespace ravine
