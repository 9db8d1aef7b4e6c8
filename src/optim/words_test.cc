// The words of dialects, what they mean, and what help says of them.
#include "optim/words.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "optim/dialects.h"
#include "optim/rule.h"
#include "optim/testing.h"
#include "ravine/error.h"
#include "ravine/runtime.h"

namespace ravine {
namespace {

using testing::error_of;
using testing::plain;

TEST(DialectWords, TheEnginesOptionsAreUnderstoodAfterEveryDialect) {
  for (const Rule* each : rules()) {
    const std::string rule = each->name();
    for (const Dialect* dialect : dialects_of(rule)) {
      const std::string line = fmt::format("{}:{},lr=0.5", rule, dialect->name);
      const OptimizerSpec spec(line +
                               ",schedule=exponential(rate=0.5),nonfinite=skip,maximize=true,"
                               "clip_value=1,clip_norm=2,clip_global_norm=3,scale=4");
      const double divisor = dialect->name == std::string_view("ensmallen") ? 32 : 1;
      EXPECT_EQ(spec.lr(), 0.5 / divisor) << line;
      EXPECT_EQ(spec.engine.schedule, "exponential(rate=0.5)") << line;
      EXPECT_EQ(spec.engine.nonfinite, "skip");
      EXPECT_TRUE(spec.engine.maximize);
      EXPECT_EQ(spec.engine.clip_value, 1);
      EXPECT_EQ(spec.engine.clip_norm, 2);
      EXPECT_EQ(spec.engine.clip_global_norm, 3);
      EXPECT_EQ(spec.engine.scale, 4);
      EXPECT_EQ(plain(spec.text(true)), spec.text());
      EXPECT_EQ(plain(plain(line)), plain(line));
    }
  }
}

TEST(DialectWords, ADialectKeepsItsOwnMeaningOfAWord) {
  EXPECT_EQ(OptimizerSpec("rmsprop:torch,weight_decay=0.1").engine.l2, 0.1);
  EXPECT_EQ(OptimizerSpec("rmsprop:torch,weight_decay=0.1").engine.weight_decay, 0);
  EXPECT_EQ(OptimizerSpec("rmsprop:keras3,weight_decay=0.1").engine.weight_decay, 0.1);
  EXPECT_EQ(OptimizerSpec("rmsprop:tf1,lr=1,weight_decay=0.1").engine.weight_decay, 0.1);
  EXPECT_EQ(plain("rmsprop:tf1,lr=1e-3,decay=0.5"),
            "rmsprop,alpha=0.5,eps=1e-10,eps_inside=true,lerp=true,initial=1,round_to_float32=all");
  EXPECT_EQ(plain("rmsprop:keras2,decay=1e-6"),
            "rmsprop,eps=1e-07,schedule=inverse_time(decay=1e-06),round_to_float32=all_but_eps");
  EXPECT_EQ(plain("rmsprop:keras2,momentum=0.9"),
            "rmsprop,eps=1e-07,eps_inside=true,momentum=0.9,lr_in_momentum=true,lerp=true,"
            "round_to_float32=all_but_eps");
  EXPECT_EQ(plain("rmsprop:torch,centered=True"),
            "rmsprop,lr=0.01,alpha=0.99,centered=true,clamp=false");
  EXPECT_EQ(plain("rmsprop:timm_tf,caution=True"), plain("rmsprop:timm_tf"));
  EXPECT_EQ(plain("rmsprop:mxnet,gamma2=7"), plain("rmsprop:mxnet"));
  EXPECT_EQ(OptimizerSpec("rmsprop:mxnet,centered=True,clip_weights=2").engine.low, -2);
  EXPECT_EQ(plain("rmsprop:flashlight,lr=1e-3,weightDecay=0.1"),
            "rmsprop,alpha=0.99,weight_decay=0.1,weight_decay_by=1,round_to_float32=all");
  EXPECT_EQ(plain("rmsprop:timm_tf,weight_decay=0.1,decoupled_decay=True,"
                  "corrected_weight_decay=True"),
            "rmsprop,lr=0.01,eps=1e-10,eps_inside=true,lerp=true,initial=1,weight_decay=0.1,"
            "weight_decay_by=lr_squared");
}

// No framework clamps a variance below 0, and no recording can show it.
TEST(DialectWords, NoDialectClampsTheVariance) {
  int centered = 0;
  for (const Dialect* dialect : dialects_of("rmsprop")) {
    Words words("", {}, true);
    dialect->translate(words);
    for (const Words::Listed& listed : words.listed()) {
      if (listed.option != "centered") continue;
      const std::string lr = words.listed().front().standard.empty() ? ",lr=1" : "";
      const std::string text =
          plain(fmt::format("rmsprop:{}{},{}=true", dialect->name, lr, listed.word));
      EXPECT_NE(text.find("clamp=false"), text.npos) << text;
      ++centered;
    }
  }
  EXPECT_EQ(centered, 9);
  for (const char* line : {"rmsprop:graves2013", "rmsprop:dqn_nature"}) {
    EXPECT_NE(plain(line).find("centered=true,clamp=false"), std::string::npos);
  }
}

// Lines as they stand in programs.
TEST(DialectWords, PastedLinesAreUnderstood) {
  EXPECT_EQ(plain("rmsprop:keras3,learning_rate=0.001, rho=0.9, momentum=0.0, epsilon=1e-07, "
                  "centered=False, weight_decay=None, clipnorm=None, clipvalue=None, "
                  "global_clipnorm=None, use_ema=False, ema_momentum=0.99, "
                  "ema_overwrite_frequency=None, loss_scale_factor=None, "
                  "gradient_accumulation_steps=None, name=\"rmsprop\""),
            plain("rmsprop:keras3"));
  EXPECT_EQ(plain("rmsprop:keras2,lr=0.001, rho=0.9, epsilon=None, decay=0.0"),
            plain("rmsprop:keras2"));
  EXPECT_EQ(plain("rmsprop:torch,lr=0.01, alpha=0.99, eps=1e-08, weight_decay=0, momentum=0, "
                  "centered=False, capturable=False, foreach=None, maximize=False, "
                  "differentiable=False"),
            plain("rmsprop:torch"));
  EXPECT_EQ(plain("rmsprop:tf1,learning_rate=0.1, decay=0.9, momentum=0.0, epsilon=1e-10, "
                  "use_locking=False, centered=False, name='RMSProp'"),
            plain("rmsprop:tf1,lr=0.1"));
  EXPECT_EQ(plain("adam:torch,lr=3e-4, betas=(0.9, 0.95), amsgrad=True, fused=True"),
            plain("adam,lr=3e-4,beta2=0.95,amsgrad=true"));
  EXPECT_EQ(plain("rmsprop:keras2,epsilon=0"), plain("rmsprop:keras2"));
}

// Each word at its own default changes nothing; each must have one or be required.
TEST(DialectWords, EveryWordTakesItsDefault) {
  for (const Rule* each : rules()) {
    const std::string rule = each->name();
    for (const Dialect* dialect : dialects_of(rule)) {
      Words words("", {}, true);
      dialect->translate(words);
      const std::string head = fmt::format("{}:{}", rule, dialect->name);
      const std::string needed = words.listed().front().standard.empty() ? ",lr=0.25" : "";
      for (const Words::Listed& listed : words.listed()) {
        if (listed.standard.empty()) {
          EXPECT_NE(error_of(head).find("must be given"), std::string::npos) << head;
        } else {
          EXPECT_EQ(plain(fmt::format("{}{},{}={}", head, needed, listed.word, listed.standard)),
                    plain(head + needed))
              << head << " " << listed.word;
        }
      }
    }
  }
}

TEST(DialectWords, WhatADialectCannotExpressIsRefused) {
  for (const char* line : {"rmsprop:keras3,use_ema=True",
                           "rmsprop:timm_tf,momentum=0.9,caution=True",
                           "rmsprop:ensmallen,batchSize=0",
                           "rmsprop:ensmallen,batchSize=1.5",
                           "rmsprop:burn,lr=1,grad_clipping=2",
                           "rmsprop:burn,lr=1,grad_clipping=Norm(x)",
                           "rmsprop:caffe,lr=1,momentum=0.9",
                           "rmsprop:caffe,lr=1,regularization_type=L1",
                           "rmsprop:dqn_nature,gradient_momentum=0.9",
                           "rmsprop:mxnet,centered=True,gamma2=1",
                           "rmsprop:mxnet,lr_scheduler=x",
                           "rmsprop:keras3,loss_scale_factor=0",
                           "rmsprop:keras3,loss_scale_factor=-1",
                           "rmsprop:optax,eps_in_sqrt=2",
                           "rmsprop:keras3,gradient_accumulation_steps=4",
                           "adam:torch,decoupled_weight_decay=True",
                           "rmsprop:keras3,foreach=True",
                           "rmsprop:torch,epsilon=1e-7",
                           "rmsprop:textbook,momentum=0.9",
                           "rmsprop:torch,eps_inside=true",
                           "rmsprop:tf1",
                           "adagrad:tf1,lr=1,epsilon=1e-7",
                           "adagrad:tf1,lr=1,initial_accumulator_value=0"}) {
    EXPECT_NE(error_of(line), "") << line;
  }
  EXPECT_NE(error_of("rmsprop:keras3,use_ema=True").find("keras3: use_ema=true is not available"),
            std::string::npos);
}

TEST(DialectWords, Keras3IgnoresDecayWithAWarning) {
  std::string warning;
  set_warning_handler([&](std::string_view text) { warning = text; });
  EXPECT_EQ(plain("rmsprop:keras3,decay=1e-6"), plain("rmsprop:keras3"));
  set_warning_handler({});
  EXPECT_NE(warning.find("ignores decay"), std::string::npos) << warning;
}

// ---- help ----

TEST(Help, EveryRuleWithItsOptionsAndDialects) {
  const auto help = rule_help();
  ASSERT_EQ(help.size(), rules().size());
  for (const RuleHelp& rule : help) {
    SCOPED_TRACE(rule.name);
    EXPECT_FALSE(rule.summary.empty());
    EXPECT_EQ(rule.options.front().name, "lr");
    EXPECT_EQ(rule.dialects.size(), dialects_of(rule.name).size());
    for (const OptionHelp& line : rule.options) {
      EXPECT_FALSE(line.help.empty() || line.default_value.empty() || line.range.empty())
          << line.name;
    }
    for (const RuleHelp::Dialect& dialect : rule.dialects) {
      EXPECT_FALSE(dialect.summary.empty());
      EXPECT_TRUE(dialect.plain.starts_with(rule.name)) << dialect.plain;
      for (const OptionHelp& line : dialect.options) {
        EXPECT_FALSE(line.help.empty() || line.range.empty()) << line.name;
        EXPECT_EQ(line.default_value.empty(), line.range.ends_with("must be given")) << line.name;
      }
    }
  }
  for (const OptionHelp& line : engine_help()) EXPECT_FALSE(line.help.empty()) << line.name;
}

TEST(Help, AWordSaysWhichOptionItSets) {
  for (const RuleHelp& rule : rule_help()) {
    if (rule.name != "rmsprop") continue;
    EXPECT_EQ(rule.dialects[2].name, "keras2");
    EXPECT_EQ(rule.dialects[2].plain, "rmsprop,eps=1e-07,round_to_float32=all_but_eps");
    EXPECT_EQ(rule.dialects[2].options[1].name, "rho");
    EXPECT_EQ(rule.dialects[2].options[1].help, "alpha: decay of the averages");
    EXPECT_EQ(rule.dialects[2].options[1].range, "in [0, 1)");
    return;
  }
  FAIL() << "no rmsprop";
}

}  // namespace
}  // namespace ravine
