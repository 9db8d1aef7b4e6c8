// RMSprop as other frameworks have it.
#include <fmt/format.h>

#include <utility>

#include "base/text.h"
#include "optim/dialects.h"

namespace ravine {
namespace {

// Optax chains the division, lr and the velocity, in this order.
void rmsprop_optax(Words& w) {
  w.option("learning_rate", "lr", "");
  w.option("decay", "alpha", "0.9");
  w.option("eps", "eps", "1e-08");
  w.option("initial_scale", "initial", "0.0");
  w.option("eps_in_sqrt", "eps_inside", "True");
  w.option("centered", "centered", "False");
  w.option("momentum", "momentum", "None");
  w.option("nesterov", "nesterov", "False");
  w.option("bias_correction", "bias_correction", "False");
  without_clamp(w);
  lr_in_velocity(w);
  if (w.number("momentum") == 0) w.set("nesterov", "false");
}

void rmsprop_mlx(Words& w) {
  w.option("learning_rate", "lr", "");
  w.option("alpha", "alpha", "0.99");
  w.option("eps", "eps", "1e-08");
  w.set("round_to_float32", "lr");
}

// gamma2 is read by the centered form only.
void rmsprop_mxnet(Words& w) {
  w.option("learning_rate", "lr", "0.001");
  w.option("gamma1", "alpha", "0.9");
  w.value("gamma2", "0.9", "in [0, 1)", "momentum of the centered form; without effect elsewhere");
  w.option("epsilon", "eps", "1e-08");
  w.option("centered", "centered", "False");
  w.value("clip_weights", "None", "> 0 and finite", "high and -low: bounds of the parameters");
  w.option("rescale_grad", "scale", "1.0");
  w.option("wd", "l2", "0.0");
  w.option("clip_gradient", "clip_value", "None");
  w.only("lr_scheduler", "None", "use schedule=");
  for (const char* word : {"param_idx2name", "sym", "param_dict"}) {
    w.only(word, "None", "groups have options of their own");
  }
  w.ignored("begin_num_update", "0");  // of the scheduler
  w.ignored("multi_precision", "False");
  w.set("eps_inside", "true");
  w.set("round_to_float32", "all");
  if (w.number("wd") != 0) w.set("decay_before_clip", "true");
  if (w.number("clip_weights") != 0) {
    const double bound = w.number("clip_weights");
    w.set("low", to_text(-bound)), w.set("high", to_text(bound));
  }
  if (!w.flag("centered")) return;
  w.set("clamp", "false");
  w.move("gamma2", "momentum");
  if (w.number("gamma2") > 0) w.set("lr_in_momentum", "true");
}

// Since 3.10 the step is divided by the size of the batch.
void rmsprop_ensmallen(Words& w) {
  w.option("stepSize", "lr", "0.01");
  w.value("batchSize", "32", "a whole number > 0", "stepSize is divided by it");
  w.option("alpha", "alpha", "0.99");
  w.option("epsilon", "eps", "1e-08");
  for (const auto& [word, standard] : {std::pair{"maxIterations", "100000"},
                                       {"tolerance", "1e-05"},
                                       {"shuffle", "true"},
                                       {"resetPolicy", "true"},
                                       {"exactObjective", "false"}}) {
    w.ignored(word, standard);
  }
  const double batch = w.number("batchSize"), eps = w.number("epsilon");
  if (!(batch >= 1) || batch != double(int64_t(batch))) {
    w.refuse(fmt::format("batchSize must be a whole number > 0, got {}", batch));
  }
  w.set("lr", to_text(w.number("stepSize") / batch));
  if (eps > 0 && float(eps) == 0) w.set("eps_guard", "true");
}

// Its step is given the lr; the other numbers are f32.
void rmsprop_burn(Words& w) {
  w.option("lr", "lr", "");
  w.option("alpha", "alpha", "0.99");
  w.option("momentum", "momentum", "0.9");
  w.option("epsilon", "eps", "1e-05");
  w.option("centered", "centered", "False");
  w.option("weight_decay", "l2", "None");
  w.value("grad_clipping", "None", "Value(x) or Norm(x)", "clip_value, or each tensor's clip_norm");
  w.set("round_to_float32", "all_but_lr");
  without_clamp(w);
  if (!w.given("grad_clipping")) return;
  const std::string& clip = w.text("grad_clipping");
  if ((!clip.starts_with("Value(") && !clip.starts_with("Norm(")) || !clip.ends_with(')')) {
    w.refuse(fmt::format("grad_clipping is Value(x) or Norm(x), got {}", clip));
  }
  const size_t open = clip.find('(') + 1;
  w.set(clip[0] == 'V' ? "clip_value" : "clip_norm", clip.substr(open, clip.size() - 1 - open));
}

void rmsprop_flashlight(Words& w) {
  w.option("learningRate", "lr", "");
  w.option("rho", "alpha", "0.99");
  w.option("epsilon", "eps", "1e-08");
  w.option("weightDecay", "weight_decay", "0");
  w.option("use_first", "centered", "false");
  w.set("round_to_float32", "all");
  if (w.number("weightDecay") != 0) w.set("weight_decay_by", "1");
  if (w.flag("use_first")) w.set("clamp", "false");
}

// Names as in the solver's prototxt.
void rmsprop_caffe(Words& w) {
  w.option("base_lr", "lr", "");
  w.option("rms_decay", "alpha", "0.99");
  w.option("delta", "eps", "1e-08");
  w.option("weight_decay", "l2", "0");
  w.value("clip_gradients", "-1", "a number", "clip_global_norm; below 0: off");
  w.only("momentum", "0", "Caffe refuses it with RMSProp");
  w.only("regularization_type", "L2", "Ravine has no L1 decay");
  w.only("lr_policy", "fixed", "use schedule=");
  w.only("iter_size", "1", "use a larger batch");
  w.set("round_to_float32", "all");
  if (w.number("clip_gradients") >= 0) w.move("clip_gradients", "clip_global_norm");
}

const Dialect kDialects[] = {
    {"rmsprop", "optax", "Optax's rmsprop", rmsprop_optax},
    {"rmsprop", "mlx", "MLX's RMSprop", rmsprop_mlx},
    {"rmsprop", "mxnet", "MXNet 1.9.1's RMSProp", rmsprop_mxnet},
    {"rmsprop", "ensmallen", "ensmallen's RMSProp", rmsprop_ensmallen},
    {"rmsprop", "burn", "Burn's RmsProp", rmsprop_burn},
    {"rmsprop", "flashlight", "flashlight's RMSPropOptimizer", rmsprop_flashlight},
    {"rmsprop", "caffe", "Caffe's RMSProp solver", rmsprop_caffe},
};

}  // namespace

std::span<const Dialect> other_dialects() { return kDialects; }

}  // namespace ravine
