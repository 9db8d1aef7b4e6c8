// Each dialect against its framework's own algorithm, written down again here
// in float64 from the framework's source and from recordings of its output, one
// parameter element at a time.
#include "optim/dialects.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "ravine/error.h"
#include "ravine/optimizer.h"

namespace ravine {
namespace {

// One element: the parameter, and whatever the framework keeps beside it.
struct Cell {
  double p = 0, v = 0, m = 0, a = 0;  // a: average gradient, or the largest v
};
// Moves `cell` by gradient g; k updates have been done before.
using Framework = std::function<void(Cell &cell, double g, int k)>;

constexpr int kSteps = 80, kCells = 6;

// Magnitudes from 1e-4 to 10, changing signs and sizes, a dead stretch.
double gradient(int cell, int k) {
  const double size[kCells] = {1e-4, 1e-2, 0.1, 1, 3, 10};
  if (cell == 2 && k > 30 && k < 40) return 0;
  const double wave = ((k * 7 + cell * 3) % 11 - 4) / 5.0;  // in [-0.8, 1.2], mean 0.2
  return size[cell] * (wave + 0.01 * ((k * 13) % 7));
}

void expect_same(const std::string &line, const Framework &framework, double initial = 0) {
  SCOPED_TRACE(line);
  std::vector<double> p(kCells), g(kCells);
  std::vector<Cell> cells(kCells);
  for (int i = 0; i < kCells; ++i) p[i] = cells[i].p = 0.5 - 0.3 * i, cells[i].v = initial;
  Optimizer optimizer(line);
  optimizer.add("p", std::span<double>(p), std::span<const double>(g));
  for (int k = 0; k < kSteps; ++k) {
    for (int i = 0; i < kCells; ++i) {
      g[i] = gradient(i, k);
      framework(cells[i], g[i], k);
    }
    optimizer.step();
    for (int i = 0; i < kCells; ++i) {
      ASSERT_NEAR(p[i], cells[i].p, 1e-11 * (1 + std::abs(cells[i].p)))
          << "element " << i << " after step " << k + 1;
    }
  }
  // The stored plain line is the same optimizer.
  EXPECT_EQ(OptimizerSpec(OptimizerSpec(line).text()).text(), OptimizerSpec(line).text());
}

// ---- RMSprop ----

struct RmsPropCase {
  double lr, decay, eps, momentum = 0;
  bool centered = false;
  double weight_decay = 0, inverse_time = 0;
};

Framework torch_rmsprop(RmsPropCase o, bool maximize = false) {
  return [=](Cell &c, double g, int) {
    if (maximize) g = -g;
    if (o.weight_decay != 0) g += o.weight_decay * c.p;
    c.v = c.v * o.decay + (1 - o.decay) * g * g;
    double average = c.v;
    if (o.centered) {
      c.a += (1 - o.decay) * (g - c.a);
      average = c.v - c.a * c.a;
    }
    const double denominator = std::sqrt(average) + o.eps;
    if (o.momentum > 0) {
      c.m = c.m * o.momentum + g / denominator;
      c.p -= o.lr * c.m;
    } else {
      c.p -= o.lr * (g / denominator);
    }
  };
}

Framework keras3_rmsprop(RmsPropCase o) {
  return [=](Cell &c, double g, int) {
    c.p = c.p - c.p * o.weight_decay * o.lr;
    c.v = o.decay * c.v + (1 - o.decay) * g * g;
    double denominator = c.v + o.eps;
    if (o.centered) {
      c.a = o.decay * c.a + (1 - o.decay) * g;
      denominator = c.v - c.a * c.a + o.eps;
    }
    const double increment = o.lr * g / std::sqrt(denominator);
    if (o.momentum > 0) {
      c.m = o.momentum * c.m + increment;
      c.p -= c.m;
    } else {
      c.p -= increment;
    }
  };
}

// TensorFlow's kernel; ms starts at 1 in TF 1, at 0 in legacy Keras.
void tensorflow_kernel(Cell &c, double g, double lr, const RmsPropCase &o) {
  c.v += (g * g - c.v) * (1 - o.decay);
  double denominator = c.v + o.eps;
  if (o.centered) {
    c.a += (g - c.a) * (1 - o.decay);
    denominator = c.v - c.a * c.a + o.eps;
  }
  c.m = c.m * o.momentum + (g * lr) / std::sqrt(denominator);
  c.p -= c.m;
}

Framework tf1_rmsprop(RmsPropCase o) {
  return [=](Cell &c, double g, int) { tensorflow_kernel(c, g, o.lr, o); };
}

Framework keras2_rmsprop(RmsPropCase o) {
  return [=](Cell &c, double g, int k) {
    const double lr = o.lr / (1 + o.inverse_time * k);
    if (o.momentum > 0) return tensorflow_kernel(c, g, lr, o);
    c.v = o.decay * c.v + (1 - o.decay) * g * g;
    double average = c.v;
    if (o.centered) {
      c.a = o.decay * c.a + (1 - o.decay) * g;
      average = c.v - c.a * c.a;
    }
    c.p = c.p - lr * g / (std::sqrt(average) + o.eps);
  };
}

Framework torch_sgd(double lr, double mu = 0, double dampening = 0, bool nesterov = false,
                    double weight_decay = 0) {
  return [=](Cell &c, double g, int k) {
    g += weight_decay * c.p;
    if (mu != 0) {
      c.m = k == 0 ? g : mu * c.m + (1 - dampening) * g;  // the buffer begins as the gradient
      g = nesterov ? g + mu * c.m : c.m;
    }
    c.p -= lr * g;
  };
}

Framework keras_sgd(double lr, double mu, bool nesterov, double decay, double weight_decay) {
  return [=](Cell &c, double g, int k) {
    const double rate = lr / (1 + decay * k);
    c.p -= c.p * weight_decay * rate;
    if (mu == 0) {
      c.p -= g * rate;
      return;
    }
    c.m = c.m * mu - g * rate;
    c.p += nesterov ? c.m * mu - g * rate : c.m;
  };
}

TEST(Dialects, RmsPropTorch) {
  expect_same("rmsprop:torch", torch_rmsprop({1e-2, .99, 1e-8}));
  expect_same("rmsprop:torch,lr=3e-3,alpha=.95,eps=1e-3,momentum=.9",
              torch_rmsprop({3e-3, .95, 1e-3, .9}));
  expect_same("rmsprop:torch,centered=True,momentum=0.8,weight_decay=0.1",
              torch_rmsprop({1e-2, .99, 1e-8, .8, true, .1}));
  expect_same("rmsprop:torch,centered=True,eps=0.01", torch_rmsprop({1e-2, .99, .01, 0, true}));
  expect_same(
      "rmsprop:torch,maximize=True,weight_decay=0.1,foreach=True,"
      "capturable=False",
      torch_rmsprop({1e-2, .99, 1e-8, 0, false, .1}, true));
}

TEST(Dialects, RmsPropKeras2) {
  expect_same("rmsprop:keras2", keras2_rmsprop({1e-3, .9, 1e-7}));
  expect_same("rmsprop:keras2,lr=1e-2,decay=0.05,epsilon=1e-3",
              keras2_rmsprop({1e-2, .9, 1e-3, 0, false, 0, .05}));
  expect_same(
      "rmsprop:keras2,learning_rate=1e-2,rho=0.8,momentum=0.9,epsilon="
      "1e-3,decay=1e-2",
      keras2_rmsprop({1e-2, .8, 1e-3, .9, false, 0, 1e-2}));
  expect_same("rmsprop:keras2,centered=True,epsilon=1e-2",
              keras2_rmsprop({1e-3, .9, 1e-2, 0, true}));
  expect_same("rmsprop:keras2,centered=True,momentum=0.5,epsilon=1e-2,decay=1e-2",
              keras2_rmsprop({1e-3, .9, 1e-2, .5, true, 0, 1e-2}));
}

TEST(Dialects, RmsPropKeras3) {
  expect_same("rmsprop:keras3", keras3_rmsprop({1e-3, .9, 1e-7}));
  expect_same("rmsprop:keras3,learning_rate=1e-2,rho=.95,momentum=.9,epsilon=1e-4",
              keras3_rmsprop({1e-2, .95, 1e-4, .9}));
  expect_same(
      "rmsprop:keras3,learning_rate=1e-2,weight_decay=0.5,momentum=0.5,"
      "centered=True",
      keras3_rmsprop({1e-2, .9, 1e-7, .5, true, .5}));
  expect_same("rmsprop:keras3,weight_decay=0.5", keras3_rmsprop({1e-3, .9, 1e-7, 0, false, .5}));
}

TEST(Dialects, RmsPropTf1) {
  expect_same("rmsprop:tf1,learning_rate=1e-2", tf1_rmsprop({1e-2, .9, 1e-10}), 1);
  expect_same("rmsprop:tf1,lr=1e-3,decay=.99,momentum=.9,epsilon=.01",
              tf1_rmsprop({1e-3, .99, .01, .9}), 1);
  expect_same("rmsprop:tf1,lr=1e-3,centered=True,momentum=.9",
              tf1_rmsprop({1e-3, .9, 1e-10, .9, true}), 1);
}

TEST(Dialects, RmsPropTextbook) {
  const auto textbook = [](double lr, double rho, double eps) {
    return [=](Cell &c, double g, int) {
      c.v = rho * c.v + (1 - rho) * g * g;
      c.p -= lr * g / std::sqrt(c.v + eps);
    };
  };
  expect_same("rmsprop:textbook", textbook(1e-3, .9, 1e-8));
  expect_same("rmsprop:textbook,lr=.01,rho=.5,eps=.1", textbook(.01, .5, .1));
}

// lr inside of the velocity matters when lr changes: the old lr lives on in it.
TEST(Dialects, LrInTheVelocityFollowsTheSchedule) {
  const auto rate = [](int k) { return 1e-2 * std::pow(0.1, k / 20); };
  expect_same("rmsprop:keras3,lr=1e-2,momentum=.9,schedule=step(every=20,factor=0.1)",
              [&](Cell &c, double g, int k) {
                keras3_rmsprop({rate(k), .9, 1e-7, .9})(c, g, k);
              });
  expect_same("rmsprop:torch,momentum=.9,schedule=step(every=20,factor=0.1)",
              [&](Cell &c, double g, int k) {
                torch_rmsprop({rate(k), .99, 1e-8, .9})(c, g, k);
              });
  expect_same("sgd:keras3,momentum=.9,schedule=step(every=20,factor=0.1)",
              [&](Cell &c, double g, int k) { keras_sgd(rate(k), .9, false, 0, 0)(c, g, k); });
}

struct FirstSteps {
  const char *line;
  double lr;
  std::vector<double> steps;  // |step| / lr
};

void expect_first_steps(const std::vector<double> &gradients, const std::vector<FirstSteps> &rows) {
  for (const FirstSteps &row : rows) {
    for (size_t i = 0; i < gradients.size(); ++i) {
      double p = 0;
      Optimizer optimizer(row.line);
      optimizer.add("p", std::span<double>(&p, 1), std::span<const double>(&gradients[i], 1));
      optimizer.step();
      EXPECT_NEAR(-p / row.lr, row.steps[i], 2e-3 * row.steps[i])
          << row.line << " at " << gradients[i];
    }
  }
}

// How far the dialects are from each other: the tables of docs/rules/.
TEST(Dialects, FirstStepsOfRmsProp) {
  expect_first_steps({1e-4, 1e-2, 1, 10},
                     {{"rmsprop:torch", 1e-2, {9.99, 10, 10, 10}},
                      {"rmsprop:keras2", 1e-3, {3.15, 3.16, 3.16, 3.16}},
                      {"rmsprop:keras3", 1e-3, {0.315, 3.15, 3.16, 3.16}},
                      {"rmsprop:tf1,lr=1e-3", 1e-3, {1.054e-4, 1.054e-2, 1, 3.03}},
                      {"rmsprop:textbook", 1e-3, {0.953, 3.16, 3.16, 3.16}},
                      {"rmsprop", 1e-3, {3.16, 3.16, 3.16, 3.16}}});
}

TEST(Dialects, FirstStepsOfAdagrad) {
  expect_first_steps({1e-4, 1e-2, 1, 10},
                     {{"adagrad:torch", 1e-2, {1, 1, 1, 1}},
                      {"adagrad:keras2", 1e-3, {3.16e-4, 3.16e-2, 0.953, 1}},
                      {"adagrad:keras3", 1e-3, {3.16e-4, 3.16e-2, 0.953, 1}},
                      {"adagrad:tf1,lr=1e-3", 1e-3, {3.16e-4, 3.16e-2, 0.953, 1}},
                      {"adagrad", 1e-2, {1, 1, 1, 1}}});
}

TEST(Dialects, FirstStepsOfAdam) {
  expect_first_steps({1e-6, 1e-4, 1e-2, 1}, {{"adam", 1e-3, {0.990, 1, 1, 1}},
                                             {"adam:torch", 1e-3, {0.990, 1, 1, 1}},
                                             {"adam:keras2", 1e-3, {0.240, 0.969, 1, 1}},
                                             {"adam:keras3", 1e-3, {0.240, 0.969, 1, 1}},
                                             {"adam:tf1", 1e-3, {0.760, 0.997, 1, 1}}});
}

TEST(Dialects, FirstStepsOfSgd) {
  for (const char *line : {"sgd:torch,lr=0.1", "sgd:torch,lr=0.1,momentum=0.9,dampening=0.5",
                           "sgd:keras2,lr=0.1,momentum=0.9", "sgd:tf1,lr=0.1,momentum=0.9"}) {
    expect_first_steps({1e-4, 1, 10}, {{line, 0.1, {1e-4, 1, 10}}});
  }
  for (const char *line : {"sgd:torch,lr=0.1,momentum=0.9,nesterov=True",
                           "sgd:keras3,lr=0.1,momentum=0.9,nesterov=True",
                           "sgd:tf1,lr=0.1,momentum=0.9,use_nesterov=True"}) {
    expect_first_steps({1e-4, 1, 10}, {{line, 0.1, {1.9e-4, 1.9, 19}}});
  }
}

// ---- SGD ----

TEST(Dialects, SgdTorch) {
  expect_same("sgd:torch", torch_sgd(1e-3));
  expect_same("sgd:torch,lr=.1,momentum=.9,weight_decay=.01", torch_sgd(.1, .9, 0, false, .01));
  expect_same("sgd:torch,lr=.1,momentum=.9,dampening=.3", torch_sgd(.1, .9, .3));
  expect_same("sgd:torch,lr=.1,momentum=.9,nesterov=True", torch_sgd(.1, .9, 0, true));
}

TEST(Dialects, SgdKeras) {
  expect_same("sgd:keras2", keras_sgd(1e-2, 0, false, 0, 0));
  expect_same("sgd:keras2,lr=.1,momentum=.9,decay=.05", keras_sgd(.1, .9, false, .05, 0));
  expect_same("sgd:keras2,lr=.1,momentum=.9,nesterov=True,decay=.05",
              keras_sgd(.1, .9, true, .05, 0));
  expect_same("sgd:keras2,nesterov=True", keras_sgd(1e-2, 0, false, 0, 0));
  expect_same("sgd:keras3,learning_rate=.1,momentum=.9,nesterov=True,weight_decay=.1",
              keras_sgd(.1, .9, true, 0, .1));
}

TEST(Dialects, SgdTf1) {
  const auto momentum = [](double lr, double mu, bool nesterov) {
    return [=](Cell &c, double g, int) {
      c.m = c.m * mu + g;
      c.p -= nesterov ? g * lr + c.m * mu * lr : c.m * lr;
    };
  };
  expect_same("sgd:tf1,learning_rate=.1", momentum(.1, 0, false));
  expect_same("sgd:tf1,learning_rate=.1,momentum=.9", momentum(.1, .9, false));
  expect_same("sgd:tf1,learning_rate=.1,momentum=.9,use_nesterov=True", momentum(.1, .9, true));
}

// ---- Adagrad ----

TEST(Dialects, AdagradTorch) {
  const auto adagrad = [](double lr, double lr_decay, double eps, double weight_decay) {
    return [=](Cell &c, double g, int k) {
      g += weight_decay * c.p;
      c.v += g * g;
      c.p -= lr / (1 + k * lr_decay) * g / (std::sqrt(c.v) + eps);
    };
  };
  expect_same("adagrad:torch", adagrad(1e-2, 0, 1e-10, 0));
  expect_same("adagrad:torch,lr=.1,lr_decay=.02,weight_decay=.1,eps=1e-3",
              adagrad(.1, .02, 1e-3, .1));
  expect_same("adagrad:torch,initial_accumulator_value=0.5", adagrad(1e-2, 0, 1e-10, 0), 0.5);
}

TEST(Dialects, AdagradKerasAndTf1) {
  const auto adagrad = [](double lr, double inside, double outside, double decay, double wd) {
    return [=](Cell &c, double g, int k) {
      const double rate = lr / (1 + decay * k);
      c.p -= c.p * wd * rate;
      c.v += g * g;
      c.p -= g * rate / (std::sqrt(c.v + inside) + outside);
    };
  };
  expect_same("adagrad:keras2", adagrad(1e-3, 0, 1e-7, 0, 0), .1);
  expect_same("adagrad:keras2,lr=.1,epsilon=.01,decay=.05", adagrad(.1, 0, .01, .05, 0), .1);
  expect_same("adagrad:keras3", adagrad(1e-3, 1e-7, 0, 0, 0), .1);
  expect_same("adagrad:keras3,learning_rate=.1,epsilon=.01,weight_decay=.2",
              adagrad(.1, .01, 0, 0, .2), .1);
  expect_same("adagrad:tf1,learning_rate=.1,initial_accumulator_value=.3", adagrad(.1, 0, 0, 0, 0),
              .3);
}

// ---- Adam, AdamW ----

struct AdamCase {
  double lr, beta1, beta2, eps, coupled = 0, decoupled = 0, inverse_time = 0;
  bool amsgrad = false;
};

double second_moment(Cell &c, bool amsgrad) {
  c.a = std::max(c.a, c.v);
  return amsgrad ? c.a : c.v;
}

Framework torch_adam(AdamCase o) {
  return [=](Cell &c, double g, int k) {
    c.p *= 1 - o.lr * o.decoupled;
    g += o.coupled * c.p;
    c.m = o.beta1 * c.m + (1 - o.beta1) * g;
    c.v = o.beta2 * c.v + (1 - o.beta2) * g * g;
    const double first = 1 - std::pow(o.beta1, k + 1), second = 1 - std::pow(o.beta2, k + 1);
    c.p -=
        o.lr / first * c.m / (std::sqrt(second_moment(c, o.amsgrad)) / std::sqrt(second) + o.eps);
  };
}

Framework keras_adam(AdamCase o) {
  return [=](Cell &c, double g, int k) {
    const double lr = o.lr / (1 + o.inverse_time * k);
    c.p -= c.p * o.decoupled * lr;
    const double alpha =
        lr * std::sqrt(1 - std::pow(o.beta2, k + 1)) / (1 - std::pow(o.beta1, k + 1));
    c.m += (g - c.m) * (1 - o.beta1);
    c.v += (g * g - c.v) * (1 - o.beta2);
    c.p -= c.m * alpha / (std::sqrt(second_moment(c, o.amsgrad)) + o.eps);
  };
}

TEST(Dialects, AdamTorch) {
  expect_same("adam:torch", torch_adam({1e-3, .9, .999, 1e-8}));
  expect_same("adam:torch,lr=.01,betas=(0.8, 0.99),eps=1e-3,weight_decay=.1,fused=True",
              torch_adam({.01, .8, .99, 1e-3, .1}));
  expect_same("adam:torch,lr=.01,betas=(0.9, 0.9),amsgrad=True",
              torch_adam({.01, .9, .9, 1e-8, 0, 0, 0, true}));
  expect_same("adamw:torch", torch_adam({1e-3, .9, .999, 1e-8, 0, .01}));
  expect_same("adamw:torch,lr=.01,weight_decay=.5,eps=.01",
              torch_adam({.01, .9, .999, .01, 0, .5}));
}

TEST(Dialects, AdamKerasAndTf1) {
  expect_same("adam:keras2", keras_adam({1e-3, .9, .999, 1e-7}));
  expect_same("adam:keras2,lr=.01,beta_1=.8,beta_2=.99,epsilon=1e-3,decay=.05",
              keras_adam({.01, .8, .99, 1e-3, 0, 0, .05}));
  expect_same("adam:keras3,epsilon=.01", keras_adam({1e-3, .9, .999, .01}));
  expect_same("adam:keras3,learning_rate=.01,weight_decay=.3",
              keras_adam({.01, .9, .999, 1e-7, 0, .3}));
  expect_same("adam:keras3,learning_rate=.01,beta_2=.9,amsgrad=True",
              keras_adam({.01, .9, .9, 1e-7, 0, 0, 0, true}));
  expect_same("adam:tf1", keras_adam({1e-3, .9, .999, 1e-8}));
  expect_same("adam:tf1,epsilon=1.0,beta1=.5", keras_adam({1e-3, .5, .999, 1.0}));
  expect_same("adamw:keras3", keras_adam({1e-3, .9, .999, 1e-7, 0, .004}));
}

}  // namespace
}  // namespace ravine
