#include "optim/dialects.h"

#include <initializer_list>

#include "ravine/runtime.h"

namespace ravine {
namespace {

// What the constructors of a framework have in common.

// Coupled decay. The rest, a list that differs, chooses an implementation.
void torch_base(Words& w, std::initializer_list<const char*> implementation) {
  w.option("weight_decay", "l2", "0");
  w.option("maximize", "maximize", "False");
  for (const char* word : implementation) w.ignored(word, "None");
}

void tf1_base(Words& w) {
  w.ignored("use_locking", "False");
  w.ignored("name", "None");
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
  w.only("loss_scale_factor", "None", "scale=1/factor divides the gradients");
  w.only("gradient_accumulation_steps", "None", "use a larger batch");
  w.ignored("name", "None");
  w.ignored("decay", "None");
  if (w.given("decay")) warn("Keras 3 ignores decay, and so does the dialect keras3");
}

// ---- RMSprop: docs/rules/rmsprop.md compares them ----

void rmsprop_torch(Words& w) {
  w.option("lr", "lr", "0.01");
  w.option("alpha", "alpha", "0.99");
  w.option("eps", "eps", "1e-08");
  w.option("momentum", "momentum", "0");
  w.option("centered", "centered", "False");
  torch_base(w, {"foreach", "capturable", "differentiable"});
}

// Without momentum eps stands outside of the root (Python code), with momentum inside (a kernel).
void rmsprop_keras2(Words& w) {
  w.option("learning_rate", "lr", "0.001");
  w.option("rho", "alpha", "0.9");
  w.option("momentum", "momentum", "0.0");
  keras2_epsilon(w);
  w.option("centered", "centered", "False");
  keras2_base(w);
  if (w.number("momentum") > 0) w.set("eps_inside", "true"), w.set("lr_in_momentum", "true");
}

void rmsprop_keras3(Words& w) {
  w.option("learning_rate", "lr", "0.001");
  w.option("rho", "alpha", "0.9");
  w.option("momentum", "momentum", "0.0");
  w.option("epsilon", "eps", "1e-07");
  w.option("centered", "centered", "False");
  keras3_base(w);
  w.set("eps_inside", "true");
  if (w.number("momentum") > 0) w.set("lr_in_momentum", "true");
}

// The average starts from 1: small gradients take small steps at first.
void rmsprop_tf1(Words& w) {
  w.option("learning_rate", "lr", "");
  w.option("decay", "alpha", "0.9");
  w.option("momentum", "momentum", "0.0");
  w.option("epsilon", "eps", "1e-10");
  w.option("centered", "centered", "False");
  tf1_base(w);
  w.set("eps_inside", "true");
  if (w.number("momentum") > 0) w.set("lr_in_momentum", "true");
  w.set("initial", "1");
}

void rmsprop_textbook(Words& w) {
  w.option("lr", "lr", "0.001");
  w.option("rho", "alpha", "0.9");
  w.option("eps", "eps", "1e-08");
  w.set("eps_inside", "true");
}

// ---- SGD ----

void sgd_torch(Words& w) {
  w.option("lr", "lr", "0.001");
  w.option("momentum", "momentum", "0");
  w.option("dampening", "dampening", "0");
  w.option("nesterov", "nesterov", "False");
  torch_base(w, {"foreach", "differentiable", "fused"});
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

// ---- Adagrad ----

void adagrad_torch(Words& w) {
  w.option("lr", "lr", "0.01");
  w.option("lr_decay", "lr_decay", "0");
  w.option("initial_accumulator_value", "initial", "0");
  w.option("eps", "eps", "1e-10");
  torch_base(w, {"foreach", "differentiable", "fused"});
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

// ---- Adam, AdamW ----

void torch_adam(Words& w) {
  w.option("lr", "lr", "0.001");
  w.pair("betas", "beta1", "beta2", "(0.9, 0.999)");
  w.option("eps", "eps", "1e-08");
  w.option("amsgrad", "amsgrad", "False");
}

constexpr auto kTorchAdam = {"foreach", "capturable", "differentiable", "fused"};

void adam_torch(Words& w) {
  torch_adam(w);
  torch_base(w, kTorchAdam);
  w.only("decoupled_weight_decay", "False", "adamw:torch has it");
}

void adamw_torch(Words& w) {
  torch_adam(w);
  w.option("weight_decay", "weight_decay", "0.01");
  w.option("maximize", "maximize", "False");
  for (const char* word : kTorchAdam) w.ignored(word, "None");
}

// Keras and TensorFlow add eps to the root of the uncorrected average: the paper's epsilon hat.
void keras_adam(Words& w) {
  w.option("learning_rate", "lr", "0.001");
  w.option("beta_1", "beta1", "0.9");
  w.option("beta_2", "beta2", "0.999");
  w.option("amsgrad", "amsgrad", "False");
  w.set("eps_hat", "true");
}

void adam_keras2(Words& w) {
  keras_adam(w);
  keras2_epsilon(w);
  keras2_base(w);
}

void adam_keras3(Words& w) {
  keras_adam(w);
  w.option("epsilon", "eps", "1e-07");
  keras3_base(w);
}

void adamw_keras3(Words& w) {
  keras_adam(w);
  w.option("epsilon", "eps", "1e-07");
  keras3_base(w, "0.004");
}

void adam_tf1(Words& w) {
  w.option("learning_rate", "lr", "0.001");
  w.option("beta1", "beta1", "0.9");
  w.option("beta2", "beta2", "0.999");
  w.option("epsilon", "eps", "1e-08");
  tf1_base(w);
  w.set("eps_hat", "true");
}

const Dialect kDialects[] = {
    {"rmsprop", "torch", "PyTorch's torch.optim.RMSprop", rmsprop_torch},
    {"rmsprop", "keras2", "Keras 2's (tf-keras legacy) RMSprop", rmsprop_keras2},
    {"rmsprop", "keras3", "Keras 3's RMSprop", rmsprop_keras3},
    {"rmsprop", "tf1", "TensorFlow 1's train.RMSPropOptimizer", rmsprop_tf1},
    {"rmsprop", "textbook", "lr g / sqrt(v + eps), as most books print it", rmsprop_textbook},
    {"sgd", "torch", "PyTorch's torch.optim.SGD", sgd_torch},
    {"sgd", "keras2", "Keras 2's (tf-keras legacy) SGD", sgd_keras2},
    {"sgd", "keras3", "Keras 3's SGD", sgd_keras3},
    {"sgd", "tf1", "TensorFlow 1's train.MomentumOptimizer", sgd_tf1},
    {"adagrad", "torch", "PyTorch's torch.optim.Adagrad", adagrad_torch},
    {"adagrad", "keras2", "Keras 2's (tf-keras legacy) Adagrad", adagrad_keras2},
    {"adagrad", "keras3", "Keras 3's Adagrad", adagrad_keras3},
    {"adagrad", "tf1", "TensorFlow 1's train.AdagradOptimizer", adagrad_tf1},
    {"adam", "torch", "PyTorch's torch.optim.Adam", adam_torch},
    {"adam", "keras2", "Keras 2's (tf-keras legacy) Adam", adam_keras2},
    {"adam", "keras3", "Keras 3's Adam", adam_keras3},
    {"adam", "tf1", "TensorFlow 1's train.AdamOptimizer", adam_tf1},
    {"adamw", "torch", "PyTorch's torch.optim.AdamW", adamw_torch},
    {"adamw", "keras3", "Keras 3's AdamW", adamw_keras3},
};

}  // namespace

std::vector<const Dialect*> dialects_of(std::string_view rule) {
  std::vector<const Dialect*> list;
  for (const Dialect& dialect : kDialects) {
    if (rule == dialect.rule) list.push_back(&dialect);
  }
  return list;
}

}  // namespace ravine
