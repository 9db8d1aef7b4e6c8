// TensorFlow's optimizers: those of TensorFlow 1, of Keras 2 (tf-keras' legacy ones), of Keras 3.
#include "base/text.h"
#include "optim/dialects.h"
#include "ravine/runtime.h"

namespace ravine {
namespace {

// What the constructors of a framework have in common.

void tf1_base(Words& w) {
  w.ignored("use_locking", "False");
  w.ignored("name", "None");
  w.set("round_to_float32", "all");
}

// tf-keras' legacy optimizers: each tensor's clipnorm, unlike the global one of Keras before 2.4.
void keras2_base(Words& w) {
  w.inverse_time("decay", "0.0");
  w.option("clipnorm", "clip_norm", "None");
  w.option("clipvalue", "clip_value", "None");
  w.option("global_clipnorm", "clip_global_norm", "None");
  if (w.given("clipnorm") && w.given("global_clipnorm")) {
    w.refuse("clipnorm and global_clipnorm exclude each other; keep one");
  }
  w.ignored("name", "None");
  w.set("round_to_float32", "all_but_eps");
}

// `epsilon or 1e-7` stands in each of the legacy constructors: 0 means 1e-7.
void keras2_epsilon(Words& w) {
  w.option("epsilon", "eps", "1e-07");
  if (w.number("epsilon") == 0) w.set("eps", "1e-07");
}

void keras3_base(Words& w, const char* decay = "None") {
  w.option("weight_decay", "weight_decay", decay);
  w.option("clipnorm", "clip_norm", "None");
  w.option("clipvalue", "clip_value", "None");
  w.option("global_clipnorm", "clip_global_norm", "None");
  if (w.given("clipnorm") + w.given("clipvalue") + w.given("global_clipnorm") > 1) {
    w.refuse("clipnorm, clipvalue and global_clipnorm exclude each other; keep one");
  }
  w.only("use_ema", "False", "Ravine keeps no average of the parameters");
  w.ignored("ema_momentum", "0.99");  // without use_ema
  w.ignored("ema_overwrite_frequency", "None");
  w.value("loss_scale_factor", "None", "> 0 and finite", "scale: the gradients are divided by it");
  if (w.given("loss_scale_factor")) w.set("scale", to_text(1 / w.number("loss_scale_factor")));
  w.only("gradient_accumulation_steps", "None", "use a larger batch");
  w.ignored("name", "None");
  w.ignored("decay", "None");
  if (w.given("decay")) warn("Keras 3 ignores decay, and so does the dialect keras3");
  w.set("round_to_float32", "lr");
}

// What Keras 3 casts to a tensor has been a float32 before.
void in_float32(Words& w, const char* word, const char* option) {
  if (w.given(word) || w.number(word) != 0) w.set(option, to_text(double(float(w.number(word)))));
}

// Without momentum eps stands outside of the root (Python code), with momentum inside (a kernel).
void rmsprop_keras2(Words& w) {
  w.option("learning_rate", "lr", "0.001");
  w.option("rho", "alpha", "0.9");
  w.option("momentum", "momentum", "0.0");
  keras2_epsilon(w);
  w.option("centered", "centered", "False");
  without_clamp(w);
  keras2_base(w);
  lr_in_velocity(w);
  if (w.number("momentum") > 0) w.set("eps_inside", "true"), w.set("lerp", "true");
}

void rmsprop_keras3(Words& w) {
  w.option("learning_rate", "lr", "0.001");
  w.option("rho", "alpha", "0.9");
  w.option("momentum", "momentum", "0.0");
  w.option("epsilon", "eps", "1e-07");
  w.option("centered", "centered", "False");
  without_clamp(w);
  keras3_base(w);
  w.set("eps_inside", "true");
  lr_in_velocity(w);
}

// The average starts from 1: small gradients take small steps at first.
void rmsprop_tf1(Words& w) {
  w.option("learning_rate", "lr", "");
  w.option("decay", "alpha", "0.9");
  w.option("momentum", "momentum", "0.0");
  w.option("epsilon", "eps", "1e-10");
  w.option("centered", "centered", "False");
  without_clamp(w);
  tf1_base(w);
  w.set("eps_inside", "true");
  lr_in_velocity(w);
  w.set("initial", "1");
  w.set("lerp", "true");
}

// Keras takes nesterov without momentum, and it has no effect there.
void keras_sgd(Words& w) {
  w.option("learning_rate", "lr", "0.01");
  w.option("momentum", "momentum", "0.0");
  w.option("nesterov", "nesterov", "False");
  if (w.number("momentum") > 0)
    w.set("lr_in_momentum", "true");
  else
    w.set("nesterov", "false");
}

void sgd_keras2(Words& w) {
  keras_sgd(w);
  keras2_base(w);
}

void sgd_keras3(Words& w) {
  keras_sgd(w);
  in_float32(w, "momentum", "momentum");
  keras3_base(w);
}

// GradientDescentOptimizer, and MomentumOptimizer where momentum is given.
void sgd_tf1(Words& w) {
  w.option("learning_rate", "lr", "");
  w.option("momentum", "momentum", "0");
  w.option("use_nesterov", "nesterov", "False");
  if (w.number("momentum") == 0) w.set("nesterov", "false");
  tf1_base(w);
}

void adagrad_keras2(Words& w) {
  w.option("learning_rate", "lr", "0.001");
  w.option("initial_accumulator_value", "initial", "0.1");
  keras2_epsilon(w);
  keras2_base(w);
}

void adagrad_keras3(Words& w) {
  w.option("learning_rate", "lr", "0.001");
  w.option("initial_accumulator_value", "initial", "0.1");
  in_float32(w, "initial_accumulator_value", "initial");
  w.option("epsilon", "eps", "1e-07");
  keras3_base(w);
  w.set("eps_inside", "true");
}

void adagrad_tf1(Words& w) {
  w.option("learning_rate", "lr", "");
  w.option("initial_accumulator_value", "initial", "0.1");
  if (!(w.number("initial_accumulator_value") > 0)) {
    w.refuse("initial_accumulator_value must be > 0, since no eps keeps 0 / 0 away");
  }
  tf1_base(w);
  w.set("eps", "0");
}

// Keras and TensorFlow add eps to the root of the uncorrected average: the paper's epsilon hat.
void keras_adam(Words& w) {
  w.option("learning_rate", "lr", "0.001");
  w.option("beta_1", "beta1", "0.9");
  w.option("beta_2", "beta2", "0.999");
  w.option("amsgrad", "amsgrad", "False");
  w.set("eps_hat", "true");
  w.set("lerp", "true");
}

void adam_keras2(Words& w) {
  keras_adam(w);
  keras2_epsilon(w);
  keras2_base(w);
}

void adam_keras3(Words& w) {
  keras_adam(w);
  w.set("float32_powers", "true");
  w.option("epsilon", "eps", "1e-07");
  keras3_base(w);
}

void adamw_keras3(Words& w) {
  keras_adam(w);
  w.set("float32_powers", "true");
  w.option("epsilon", "eps", "1e-07");
  keras3_base(w, "0.004");
}

void adam_tf1(Words& w) {
  w.option("learning_rate", "lr", "0.001");
  w.option("beta1", "beta1", "0.9");
  w.option("beta2", "beta2", "0.999");
  w.option("epsilon", "eps", "1e-08");
  tf1_base(w);
  w.set("float32_product", "true");
  w.set("eps_hat", "true");
  w.set("lerp", "true");
}

const Dialect kDialects[] = {
    {"rmsprop", "keras2", "Keras 2's (tf-keras legacy) RMSprop", rmsprop_keras2},
    {"rmsprop", "keras3", "Keras 3's RMSprop", rmsprop_keras3},
    {"rmsprop", "tf1", "TensorFlow 1's train.RMSPropOptimizer", rmsprop_tf1},
    {"sgd", "keras2", "Keras 2's (tf-keras legacy) SGD", sgd_keras2},
    {"sgd", "keras3", "Keras 3's SGD", sgd_keras3},
    {"sgd", "tf1", "TensorFlow 1's train.MomentumOptimizer", sgd_tf1},
    {"adagrad", "keras2", "Keras 2's (tf-keras legacy) Adagrad", adagrad_keras2},
    {"adagrad", "keras3", "Keras 3's Adagrad", adagrad_keras3},
    {"adagrad", "tf1", "TensorFlow 1's train.AdagradOptimizer", adagrad_tf1},
    {"adam", "keras2", "Keras 2's (tf-keras legacy) Adam", adam_keras2},
    {"adam", "keras3", "Keras 3's Adam", adam_keras3},
    {"adam", "tf1", "TensorFlow 1's train.AdamOptimizer", adam_tf1},
    {"adamw", "keras3", "Keras 3's AdamW", adamw_keras3},
};

}  // namespace

std::span<const Dialect> tensorflow_dialects() { return kDialects; }

}  // namespace ravine
