// RMSprop as papers and books have it.
#include "optim/dialects.h"

namespace ravine {
namespace {

// Equations 38 to 41 of arXiv:1308.0850.
void rmsprop_graves2013(Words& w) {
  w.option("lr", "lr", "0.0001");
  w.option("alpha", "alpha", "0.95");
  w.option("momentum", "momentum", "0.9");
  w.option("eps", "eps", "0.0001");
  w.set("centered", "true");
  w.set("clamp", "false");
  w.set("eps_inside", "true");
  lr_in_velocity(w);
}

// Mnih et al., Nature 518, 2015: the names of extended data table 1. The "gradient momentum" is
// the decay of the average gradient, no velocity: the program keeps none.
void rmsprop_dqn_nature(Words& w) {
  w.option("learning_rate", "lr", "0.00025");
  w.value("gradient_momentum", "0.95", "in [0, 1)", "that of the squared gradient");
  w.option("squared_gradient_momentum", "alpha", "0.95");
  w.option("min_squared_gradient", "eps", "0.01");
  if (w.number("gradient_momentum") != w.number("squared_gradient_momentum")) {
    w.refuse("gradient_momentum must be squared_gradient_momentum: the averages have one decay");
  }
  w.set("centered", "true");
  w.set("clamp", "false");
  w.set("eps_inside", "true");
}

void rmsprop_textbook(Words& w) {
  w.option("lr", "lr", "0.001");
  w.option("rho", "alpha", "0.9");
  w.option("eps", "eps", "1e-08");
  w.option("eps_inside", "eps_inside", "true");
}

const Dialect kDialects[] = {
    {"rmsprop", "graves2013", "Graves' form, for generating sequences", rmsprop_graves2013},
    {"rmsprop", "dqn_nature", "DeepMind's form, for playing Atari", rmsprop_dqn_nature},
    {"rmsprop", "textbook", "lr g / sqrt(v + eps), as most books print it", rmsprop_textbook},
};

}  // namespace

std::span<const Dialect> paper_dialects() { return kDialects; }

}  // namespace ravine
