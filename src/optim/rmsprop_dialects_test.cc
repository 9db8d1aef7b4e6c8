// The dialects of RMSprop against their frameworks' algorithms.
#include "optim/dialects_testing.h"

namespace ravine {
namespace {

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
}

// ---- clipping, as Keras does it: before the decay and the update ----

using Clip = std::function<void(std::vector<double> &a, std::vector<double> &b)>;

double norm(const std::vector<double> &g) {
  double sum = 0;
  for (const double x : g) sum += x * x;
  return std::sqrt(sum);
}

void scale(std::vector<double> &g, double factor) {
  for (double &x : g) x *= factor;
}

void expect_same_clipped(const std::string &line, const Framework &framework, const Clip &clip) {
  SCOPED_TRACE(line);
  std::vector<double> p[2] = {{0.5, -1, 2}, {3, -0.25}}, g[2] = {{0, 0, 0}, {0, 0}};
  std::vector<Cell> cells[2] = {{{0.5}, {-1}, {2}}, {{3}, {-0.25}}};
  Optimizer optimizer(line);
  for (int i = 0; i < 2; ++i) {
    optimizer.add(fmt::format("{}", i), std::span<double>(p[i]), std::span<const double>(g[i]));
  }
  for (int k = 0; k < kSteps; ++k) {
    for (int i = 0; i < 2; ++i) {
      for (size_t j = 0; j < g[i].size(); ++j) g[i][j] = gradient(int(2 * i + j) + 1, k);
    }
    std::vector<double> a = g[0], b = g[1];
    clip(a, b);
    for (size_t j = 0; j < a.size(); ++j) framework(cells[0][j], a[j], k);
    for (size_t j = 0; j < b.size(); ++j) framework(cells[1][j], b[j], k);
    optimizer.step();
    for (int i = 0; i < 2; ++i) {
      for (size_t j = 0; j < p[i].size(); ++j) {
        ASSERT_NEAR(p[i][j], cells[i][j].p, 1e-11 * (1 + std::abs(cells[i][j].p)))
            << "element " << j << " of tensor " << i << " after step " << k + 1;
      }
    }
  }
}

TEST(Dialects, KerasClipsValuesTensorsOrAll) {
  const RmsPropCase options{1e-2, .9, 1e-7, 0, false, .3};
  const auto at_most = [](double norm, double most) { return norm > most ? most / norm : 1; };
  expect_same_clipped("rmsprop:keras3,lr=1e-2,weight_decay=.3,clipvalue=0.5",
                      keras3_rmsprop(options), [](auto &a, auto &b) {
                        for (double &x : a) x = std::min(std::max(x, -0.5), 0.5);
                        for (double &x : b) x = std::min(std::max(x, -0.5), 0.5);
                      });
  expect_same_clipped(
      "rmsprop:keras3,lr=1e-2,weight_decay=.3,clipnorm=0.5", keras3_rmsprop(options),
      [&](auto &a, auto &b) { scale(a, at_most(norm(a), 0.5)), scale(b, at_most(norm(b), 0.5)); });
  expect_same_clipped("rmsprop:keras3,lr=1e-2,weight_decay=.3,global_clipnorm=0.5",
                      keras3_rmsprop(options), [&](auto &a, auto &b) {
                        const double factor = at_most(std::hypot(norm(a), norm(b)), 0.5);
                        scale(a, factor), scale(b, factor);
                      });
  expect_same_clipped("rmsprop:keras2,clipvalue=1.0,clipnorm=1.2", keras2_rmsprop({1e-3, .9, 1e-7}),
                      [&](auto &a, auto &b) {
                        for (double &x : a) x = std::min(std::max(x, -1.0), 1.0);
                        for (double &x : b) x = std::min(std::max(x, -1.0), 1.0);
                        scale(a, at_most(norm(a), 1.2)), scale(b, at_most(norm(b), 1.2));
                      });
}

}  // namespace
}  // namespace ravine
