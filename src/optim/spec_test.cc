// The grammar NAME[:DIALECT][,option=value...].
#include "optim/spec.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <random>

#include "optim/dialects.h"
#include "optim/rule.h"
#include "optim/testing.h"
#include "ravine/error.h"
#include "ravine/option.h"
#include "ravine/schedule.h"

namespace ravine {
namespace {

using testing::error_of;
using testing::plain;

// ---- plain lines ----

TEST(Grammar, ANameAloneHasRavinesDefaults) {
  EXPECT_EQ(plain("rmsprop"), "rmsprop");
  const std::string all = OptimizerSpec("rmsprop").text(true);
  EXPECT_TRUE(
      all.starts_with("rmsprop,lr=0.001,alpha=0.9,eps=1e-08,eps_inside=false,eps_guard=false,"))
      << all;
  EXPECT_EQ(OptimizerSpec("rmsprop").lr(), 1e-3);
  EXPECT_EQ(OptimizerSpec("rmsprop").rule_name(), "rmsprop");
}

TEST(Grammar, WrittenOptionsAreSet) {
  EXPECT_EQ(plain("rmsprop,lr=1e-2,alpha=0.99,centered=true,l2=1e-4,nonfinite=skip"),
            "rmsprop,lr=0.01,alpha=0.99,centered=true,l2=0.0001,nonfinite=skip");
  EXPECT_EQ(plain("rmsprop,schedule=cosine(total=10000,warmup=500),clip_global_norm=1"),
            "rmsprop,clip_global_norm=1,schedule=cosine(total=10000,warmup=500)");
}

TEST(Grammar, SpacesDoNotMatter) {
  EXPECT_EQ(plain("  rmsprop , lr = 1e-2 ,\n schedule = step ( every = 3 , factor = 0.5 ) , "),
            "rmsprop,lr=0.01,schedule=step(every=3,factor=0.5)");
  EXPECT_EQ(plain(" rmsprop : torch , alpha = 0.9"), "rmsprop,lr=0.01");
}

TEST(Grammar, AnOptionWrittenAtItsDefaultIsLeftOut) {
  EXPECT_EQ(plain("rmsprop,lr=0.001,alpha=.90,schedule=constant"), "rmsprop");
}

bool same_bits(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

void expect_same_options(OptimizerSpec a, OptimizerSpec b) {
  const auto first = a.rule->clone(), second = b.rule->clone();
  std::vector<OptionRef> x = first->options(), y = second->options();
  for (const OptionRef& option : list_options(a.engine)) x.push_back(option);
  for (const OptionRef& option : list_options(b.engine)) y.push_back(option);
  ASSERT_EQ(x.size(), y.size());
  for (size_t i = 0; i < x.size(); ++i) {
    if (const auto* number = std::get_if<double*>(&x[i].value)) {
      EXPECT_TRUE(same_bits(**number, *std::get<double*>(y[i].value))) << x[i].option.name;
    } else {
      EXPECT_EQ(value_text(x[i]), value_text(y[i])) << x[i].option.name;
    }
  }
}

// A random value of an option, in its range, all the way to the ends of double.
std::string random_value(const OptionRef& option, std::mt19937_64& random) {
  if (std::holds_alternative<bool*>(option.value)) return random() % 2 ? "true" : "false";
  if (std::holds_alternative<int64_t*>(option.value)) return fmt::format("{}", random() >> 1);
  const Range& range = option.option.range;
  if (range.high == 1) return fmt::format("{}", double(random() >> 11) * 0x1p-53);
  uint64_t bits = random() >> 2;  // positive, below 2
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return fmt::format("{}", value == 0 ? 1 : value);
}

// Every option of every rule and of the engine, at random values.
TEST(Grammar, TextReadsBackBitForBit) {
  std::mt19937_64 random(7);
  for (const Rule* each : rules()) {
    const std::string name = each->name();
    for (int round = 0; round < 50; ++round) {
      std::string line = name;
      const auto rule = OptimizerSpec(name).rule->clone();
      EngineOptions engine;
      std::vector<OptionRef> options = rule->options();
      for (const OptionRef& option : list_options(engine)) {
        if (!find_option(rule->options(), option.option.name)) options.push_back(option);
      }
      for (const OptionRef& option : options) {
        const std::string_view word = option.option.name;
        if (word == "nesterov" || word == "dampening" || word == "low" || word == "high") continue;
        if (std::holds_alternative<std::string*>(option.value)) continue;
        if (random() % 2) line += fmt::format(",{}={}", word, random_value(option, random));
      }
      const OptimizerSpec spec(line +
                               ",low=-1e300,schedule=inverse_time(decay=0.1),nonfinite=skip");
      for (const bool all : {false, true}) {
        const OptimizerSpec again(spec.text(all));
        EXPECT_EQ(again.text(all), spec.text(all));
        expect_same_options(again, spec);
      }
    }
  }
}

TEST(Grammar, ItIsTheSameInCpp) {
  EXPECT_EQ(rmsprop({.lr = 1e-2, .momentum = 0.9, .nesterov = true}, {.clip_norm = 1}).text(),
            plain("rmsprop,lr=1e-2,momentum=0.9,nesterov=true,clip_norm=1"));
  EXPECT_EQ(adamw({.weight_decay = 0.5}).text(), plain("adamw,weight_decay=0.5"));
  EXPECT_EQ(rmsprop({}, {.schedule = cosine({.total = 10'000, .warmup = 500})}).text(),
            plain("rmsprop,schedule=cosine(total=10000,warmup=500)"));
  EXPECT_THROW(rmsprop({.lr = -1}), UsageError);
  EXPECT_THROW(rmsprop({.alpha = 1}), UsageError);
  EXPECT_THROW(rmsprop({}, {.schedule = "cosin"}), UsageError);
  EXPECT_THROW(rmsprop({}, {.clip_norm = -1}), UsageError);
  EXPECT_THROW(adamw({}, {.weight_decay = 0.1}), UsageError);  // the rule has its own
  EXPECT_THROW(rmsprop({.eps = std::numeric_limits<double>::quiet_NaN()}), UsageError);
}

TEST(Grammar, AGroupChangesSomeOptions) {
  const OptimizerSpec spec("rmsprop:tf1,lr=1e-3");
  EXPECT_EQ(changed(spec, "lr=1e-2,l2=0.5").text(), plain("rmsprop:tf1,lr=1e-2,l2=0.5"));
  EXPECT_EQ(changed(spec, "").text(), spec.text());
  EXPECT_THROW(changed(spec, "decay=0.9"), UsageError);
  EXPECT_THROW(changed(spec, "alpha=1"), UsageError);
  EXPECT_THROW(changed(spec, "nesterov=true"), UsageError);
}

TEST(Grammar, LrZeroLetsTheParametersRest) {
  EXPECT_EQ(OptimizerSpec("rmsprop,lr=0").lr(), 0);
  EXPECT_EQ(OptimizerSpec("rmsprop:torch,lr=0").lr(), 0);
}

// ---- what is refused ----

TEST(Grammar, MisspeltNamesGetTheNearestOne) {
  EXPECT_EQ(error_of("rmspropp"),
            "optimizer: no rule 'rmspropp'; did you mean 'rmsprop'? (there are sgd, adagrad, "
            "rmsprop, adam, adamw)");
  EXPECT_EQ(error_of("rmsprop:keras,lr=1e-3").substr(0, 59),
            "rmsprop: no dialect 'keras'; did you mean 'keras2'? (it has");
  EXPECT_NE(error_of("rmsprop,alhpa=0.9").find("no option 'alhpa'; did you mean 'alpha'?"),
            std::string::npos);
  EXPECT_NE(error_of("rmsprop:keras3,rh=0.9")
                .find("rmsprop:keras3: no option 'rh'; did you mean "
                      "'rho'?"),
            std::string::npos);
  EXPECT_NE(error_of("rmsprop,clip_nrom=1").find("did you mean 'clip_norm'?"), std::string::npos);
  EXPECT_NE(error_of("adamw:keras2").find("adamw: no dialect 'keras2'"), std::string::npos);
  EXPECT_NE(error_of("").find("no rule ''"), std::string::npos);
  EXPECT_NE(error_of("rmsprop:").find("a dialect is missing after ':'"), std::string::npos);
}

TEST(Grammar, AnotherDialectsWordIsTranslatedInTheMessage) {
  EXPECT_EQ(error_of("rmsprop,rho=0.9"),
            "rmsprop: no option 'rho'; without a dialect it is called alpha");
  EXPECT_EQ(error_of("rmsprop,learning_rate=0.9"),
            "rmsprop: no option 'learning_rate'; without a dialect it is called lr");
  EXPECT_EQ(error_of("rmsprop:keras3,alpha=0.9"),
            "rmsprop:keras3: no option 'alpha'; in this dialect it is called rho");
}

TEST(Grammar, DecayAloneIsRefusedWithItsThreeMeanings) {
  const std::string text = error_of("rmsprop,decay=1e-6");
  for (const char* part : {"schedule=inverse_time(decay=1e-6)", "alpha=1e-6", "l2=1e-6",
                           "weight_decay=1e-6", "three"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in: " << text;
  }
  for (const char* rule : {"sgd", "adagrad", "adam", "adamw"}) {
    EXPECT_NE(error_of(fmt::format("{},decay=0.1", rule)).find("schedule=inverse_time(decay=0.1)"),
              std::string::npos)
        << rule;
  }
}

TEST(Grammar, ValuesOutOfRangeAreRefused) {
  EXPECT_EQ(error_of("rmsprop,alpha=1.5"),
            "rmsprop: alpha must be in [0, 1), got 1.5; 0.9 to 0.99 is usual");
  EXPECT_EQ(error_of("rmsprop:keras2,rho=1.5"),
            "rmsprop:keras2: rho must be in [0, 1), got 1.5; 0.9 to 0.99 is usual");
  for (const char* word : {"lr", "eps"}) {
    for (const char* value : {"-1e-3", "nan", "inf", "-inf", "NaN", "x", "", "1e-3x", "1e999"}) {
      const std::string line = fmt::format("rmsprop,{}={}", word, value);
      EXPECT_NE(error_of(line), "") << line;
    }
  }
  for (const char* line : {"rmsprop,alpha=1",
                           "rmsprop,alpha=-0.1",
                           "rmsprop,alpha=nan",
                           "rmsprop,momentum=1",
                           "rmsprop,centered=maybe",
                           "rmsprop,initial=-1",
                           "rmsprop,weight_decay=-1",
                           "rmsprop,l2=inf",
                           "rmsprop,clip_value=-1",
                           "rmsprop,clip_norm=nan",
                           "rmsprop,clip_global_norm=-2",
                           "rmsprop,scale=0",
                           "rmsprop,nonfinite=maybe",
                           "rmsprop,schedule=cosine",
                           "rmsprop,low=1,high=1",
                           "rmsprop,low=nan",
                           "adam,beta1=1",
                           "adam,beta2=-1",
                           "sgd,lr=-1",
                           "sgd,dampening=2",
                           "adagrad,eps=-1",
                           "adagrad,initial=-1",
                           "rmsprop:torch,lr=-1",
                           "rmsprop:keras3,learning_rate=nan",
                           "rmsprop:keras2,epsilon=-1",
                           "adam:torch,betas=(1,0.9)",
                           "adam:torch,betas=0.9",
                           "adam:torch,betas=(0.9,0.99,0.999)",
                           "rmsprop:keras2,decay=-1",
                           "rmsprop:keras2,decay=x",
                           "rmsprop:tf1,lr=1e-3,decay=1"}) {
    EXPECT_NE(error_of(line), "") << line;
  }
}

TEST(Grammar, ContradictionsAreRefused) {
  EXPECT_EQ(error_of("rmsprop,nesterov=true"), "rmsprop: nesterov needs a momentum above 0");
  EXPECT_NE(error_of("sgd,nesterov=true,momentum=0.9,dampening=0.1"), "");
  EXPECT_NE(error_of("sgd:torch,nesterov=True"), "");
  EXPECT_EQ(error_of("rmsprop,lr=1,lr=2"), "rmsprop: lr is given twice, as 1 and as 2; keep one");
  EXPECT_EQ(error_of("rmsprop:keras3,lr=1,learning_rate=2"),
            "rmsprop:keras3: lr and learning_rate are one option; keep one");
  EXPECT_EQ(error_of("rmsprop:keras2,clipnorm=1,clip_norm=2"),
            "rmsprop:keras2: clipnorm and clip_norm set the same; keep one");
  EXPECT_EQ(error_of("rmsprop:keras2,decay=0.1,schedule=constant"),
            "rmsprop:keras2: decay and schedule set the same; keep one");
  EXPECT_NE(error_of("rmsprop:keras3,clipnorm=1,clipvalue=2"), "");
  EXPECT_NE(error_of("rmsprop:keras2,clipnorm=1,global_clipnorm=2"), "");
  EXPECT_NE(error_of("rmsprop,eps_inside=true,eps_inside=false"), "");
  EXPECT_NE(error_of("rmsprop,lr"), "");
  EXPECT_NE(error_of("rmsprop,,lr=1"), "");
  EXPECT_NE(error_of("rmsprop,=1"), "");
  EXPECT_NE(error_of("rmsprop,schedule=cosine(total=5"), "");
  EXPECT_NE(error_of("rmsprop,schedule=cosine)total=5("), "");
}

// Random lines made of real words: each is refused by a UsageError or reads back the same.
TEST(Grammar, NoLineDoesAnythingElse) {
  const char* const kParts[] = {"rmsprop",
                                "adamw",
                                ":torch",
                                ":keras2",
                                ":keras3",
                                ",lr=0.5",
                                ",decay=1e-6",
                                ",rho=.5",
                                ",alpha=",
                                ",betas=(.5,",
                                ".9)",
                                ",",
                                "=",
                                "(",
                                ")",
                                ":",
                                ",centered=",
                                "True",
                                "None",
                                "1e-3",
                                "nan",
                                ",clip_",
                                "norm=1",
                                ",schedule=",
                                "cosine(",
                                "total=9",
                                "step",
                                " ",
                                "\t",
                                "\"",
                                ",name=\"a,b\"",
                                "\xff",
                                ",epsilon=0",
                                "-0",
                                "9e999",
                                ",low=0.5",
                                "inf",
                                "sgd",
                                "'",
                                ",momentum=",
                                ",weight_decay=.1"};
  std::mt19937_64 random(3);
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string line = round % 2 ? "rmsprop" : "";
    for (size_t n = random() % 7; n > 0; --n) line += kParts[random() % std::size(kParts)];
    try {
      const OptimizerSpec spec(line);
      EXPECT_EQ(OptimizerSpec(spec.text()).text(true), spec.text(true)) << line;
      ++accepted;
    } catch (const UsageError& error) {
      EXPECT_EQ(std::string_view(error.what()).find('\0'), std::string_view::npos);
    }
  }
  EXPECT_GT(accepted, 1000);
}

}  // namespace
}  // namespace ravine
