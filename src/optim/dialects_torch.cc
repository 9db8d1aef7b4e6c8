// PyTorch's torch.optim, and timm's optimizer for it.
#include <initializer_list>

#include "optim/dialects.h"

namespace ravine {
namespace {

// What the constructors have in common. Coupled decay. The rest, a list that differs, chooses an
// implementation.
void torch_base(Words& w, std::initializer_list<const char*> implementation) {
  w.option("weight_decay", "l2", "0");
  w.option("maximize", "maximize", "False");
  for (const char* word : implementation) w.ignored(word, "None");
}

void rmsprop_torch(Words& w) {
  w.option("lr", "lr", "0.01");
  w.option("alpha", "alpha", "0.99");
  w.option("eps", "eps", "1e-08");
  w.option("momentum", "momentum", "0");
  w.option("centered", "centered", "False");
  without_clamp(w);
  torch_base(w, {"foreach", "capturable", "differentiable"});
}

// TensorFlow's RMSProp for PyTorch: the average starts from 1.
void rmsprop_timm_tf(Words& w) {
  w.option("lr", "lr", "0.01");
  w.option("alpha", "alpha", "0.9");
  w.option("eps", "eps", "1e-10");
  w.option("weight_decay", "l2", "0");
  w.option("momentum", "momentum", "0");
  w.option("centered", "centered", "False");
  w.value("decoupled_decay", "False", "true or false", "weight_decay is decoupled");
  w.value("corrected_weight_decay", "False", "true or false",
          "decoupled decay is times lr^2 / the first lr");
  w.value("lr_in_momentum", "True", "true or false", "lr is inside of the velocity");
  w.value("caution", "False", "False with momentum", "without effect where there is no momentum");
  if (w.flag("caution") && w.number("momentum") > 0) {
    w.refuse("caution=True is not available with momentum; Ravine has no mask of updates");
  }
  w.ignored("foreach", "None");
  w.set("eps_inside", "true");
  w.set("initial", "1");
  w.set("lerp", "true");
  without_clamp(w);
  if (w.number("momentum") > 0 && w.flag("lr_in_momentum")) w.set("lr_in_momentum", "true");
  if (!w.flag("decoupled_decay")) return;
  w.move("weight_decay", "weight_decay");
  if (w.flag("corrected_weight_decay")) w.set("weight_decay_by", "lr_squared");
}

void sgd_torch(Words& w) {
  w.option("lr", "lr", "0.001");
  w.option("momentum", "momentum", "0");
  w.option("dampening", "dampening", "0");
  w.option("nesterov", "nesterov", "False");
  torch_base(w, {"foreach", "differentiable", "fused"});
}

void adagrad_torch(Words& w) {
  w.option("lr", "lr", "0.01");
  w.option("lr_decay", "lr_decay", "0");
  w.option("initial_accumulator_value", "initial", "0");
  w.option("eps", "eps", "1e-10");
  torch_base(w, {"foreach", "differentiable", "fused"});
}

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

const Dialect kDialects[] = {
    {"rmsprop", "torch", "PyTorch's torch.optim.RMSprop", rmsprop_torch},
    {"rmsprop", "timm_tf", "timm's RMSpropTF", rmsprop_timm_tf},
    {"sgd", "torch", "PyTorch's torch.optim.SGD", sgd_torch},
    {"adagrad", "torch", "PyTorch's torch.optim.Adagrad", adagrad_torch},
    {"adam", "torch", "PyTorch's torch.optim.Adam", adam_torch},
    {"adamw", "torch", "PyTorch's torch.optim.AdamW", adamw_torch},
};

}  // namespace

std::span<const Dialect> torch_dialects() { return kDialects; }

}  // namespace ravine
