// The dialects of SGD, Adagrad, Adam and AdamW against their frameworks' algorithms.
#include "optim/dialects_testing.h"

namespace ravine {
namespace {

// ---- SGD ----

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

// lr inside of the velocity: the old lr lives on in it.
TEST(Dialects, LrInTheVelocityOfSgdFollowsTheSchedule) {
  expect_same("sgd:keras3,momentum=.9,schedule=step(every=20,factor=0.1)",
              [](Cell &c, double g, int k) {
                keras_sgd(1e-2 * std::pow(0.1, k / 20), .9, false, 0, 0)(c, g, k);
              });
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

TEST(Dialects, FirstStepsOfAdagrad) {
  expect_first_steps({1e-4, 1e-2, 1, 10},
                     {{"adagrad:torch", 1e-2, {1, 1, 1, 1}},
                      {"adagrad:keras2", 1e-3, {3.16e-4, 3.16e-2, 0.953, 1}},
                      {"adagrad:keras3", 1e-3, {3.16e-4, 3.16e-2, 0.953, 1}},
                      {"adagrad:tf1,lr=1e-3", 1e-3, {3.16e-4, 3.16e-2, 0.953, 1}},
                      {"adagrad", 1e-2, {1, 1, 1, 1}}});
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

TEST(Dialects, FirstStepsOfAdam) {
  expect_first_steps({1e-6, 1e-4, 1e-2, 1}, {{"adam", 1e-3, {0.990, 1, 1, 1}},
                                             {"adam:torch", 1e-3, {0.990, 1, 1, 1}},
                                             {"adam:keras2", 1e-3, {0.240, 0.969, 1, 1}},
                                             {"adam:keras3", 1e-3, {0.240, 0.969, 1, 1}},
                                             {"adam:tf1", 1e-3, {0.760, 0.997, 1, 1}}});
}

}  // namespace
}  // namespace ravine
