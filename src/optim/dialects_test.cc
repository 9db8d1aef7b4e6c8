// Dialects whose frameworks cannot be installed, against their algorithms, written down again in
// float64 from the source that is named; and how far all dialects are from each other.
// tests/golden proves the other ones by recordings.
#include "optim/dialects_testing.h"

namespace ravine {
namespace {

double f32(double x) { return double(float(x)); }  // what a float member makes of a number

// A. Graves, arXiv:1308.0850v5, equations 38 to 41; in the order of their symbols.
TEST(Dialects, Graves2013) {
  const auto graves = [](double lr, double alpha, double momentum, double eps) {
    return [=](Cell& c, double g, int) {
      c.v = alpha * c.v + (1 - alpha) * g * g;
      c.a = alpha * c.a + (1 - alpha) * g;
      c.m = momentum * c.m - lr * g / std::sqrt(c.v - c.a * c.a + eps);
      c.p += c.m;
    };
  };
  expect_same("rmsprop:graves2013", graves(1e-4, .95, .9, 1e-4));
  expect_same("rmsprop:graves2013,lr=1e-2,alpha=.9,momentum=0,eps=1e-2", graves(1e-2, .9, 0, 1e-2));
}

// DeepMind's DQN 3.0, dqn/NeuralQLearner.lua, qLearnMinibatch: it ascends along dw = -g.
TEST(Dialects, DqnNature) {
  const auto lua = [](double lr, double decay, double least) {
    return [=](Cell& c, double g, int) {
      const double dw = -g;
      c.a = decay * c.a + (1 - decay) * dw;
      c.v = decay * c.v + (1 - decay) * dw * dw;
      const double tmp = std::sqrt(c.v - c.a * c.a + least);
      c.m = 0 * c.m + lr * dw / tmp;
      c.p += c.m;
    };
  };
  expect_same("rmsprop:dqn_nature", lua(2.5e-4, .95, .01));
  expect_same(
      "rmsprop:dqn_nature,learning_rate=1e-3,gradient_momentum=0.9,squared_gradient_momentum=0.9,"
      "min_squared_gradient=0.1",
      lua(1e-3, .9, .1));
}

// flashlight/fl/optim/RMSPropOptimizer.cpp at 15b2159: members are float, the lr too.
TEST(Dialects, Flashlight) {
  const auto step = [](double lr, double rho, double eps, double wd, bool use_first) {
    return [=](Cell& c, double g, int) {
      const double r = f32(rho);
      if (wd != 0) c.p = c.p - f32(wd) * c.p;
      c.v = r * c.v + (1 - r) * g * g;
      double moments = c.v;
      if (use_first) {
        c.a = r * c.a + (1 - r) * g;
        moments = moments - c.a * c.a;
      }
      c.p = c.p - (f32(lr) * g) / (std::sqrt(moments) + f32(eps));
    };
  };
  expect_same("rmsprop:flashlight,learningRate=1e-2", step(1e-2, .99, 1e-8, 0, false));
  expect_same("rmsprop:flashlight,learningRate=1e-2,rho=.9,epsilon=1e-3,weightDecay=.03",
              step(1e-2, .9, 1e-3, .03, false));
  expect_same("rmsprop:flashlight,learningRate=1e-3,epsilon=1e-2,use_first=true",
              step(1e-3, .99, 1e-2, 0, true));
}

// burn-optim/src/optim/rmsprop.rs at 0212f8e, decay.rs: numbers are f32, the lr is f64. The first
// momentum buffer is the gradient, as with one of zero before.
TEST(Dialects, Burn) {
  const auto step = [](double lr, double alpha, double mu, double eps, double wd, bool centered) {
    return [=](Cell& c, double g, int k) {
      const double a = f32(alpha);
      if (wd != 0) g = c.p * f32(wd) + g;
      c.v = k == 0 ? g * g * (1 - a) : c.v * a + g * g * (1 - a);
      double average = c.v;
      if (centered) {
        c.a = k == 0 ? g * (1 - a) : c.a * a + g * (1 - a);
        average = c.v - c.a * c.a;
      }
      g = g / (std::sqrt(average) + f32(eps));
      if (mu > 0) g = c.m = k == 0 ? g : c.m * f32(mu) + g;
      c.p = c.p - g * lr;
    };
  };
  expect_same("rmsprop:burn,lr=1e-2", step(1e-2, .99, .9, 1e-5, 0, false));
  expect_same("rmsprop:burn,lr=1e-2,alpha=.9,momentum=0,weight_decay=.05",
              step(1e-2, .9, 0, 1e-5, .05, false));
  expect_same("rmsprop:burn,lr=1e-3,centered=true,epsilon=1e-2,momentum=.5",
              step(1e-3, .99, .5, 1e-2, 0, true));
  EXPECT_EQ(plain("rmsprop:burn,lr=1e-2,grad_clipping=Norm(0.5)"),
            plain("rmsprop:burn,lr=1e-2,clip_norm=0.5"));
  EXPECT_EQ(plain("rmsprop:burn,lr=1e-2,grad_clipping=Value(2)"),
            plain("rmsprop:burn,lr=1e-2,clip_value=2"));
}

// Caffe 1.0, src/caffe/solvers/rmsprop_solver.cpp and sgd_solver.cpp: numbers are float, the
// gradients double here; clipping by the global norm comes before the decay.
TEST(Dialects, Caffe) {
  const auto step = [](double lr, double decay, double delta, double wd) {
    return [=](Cell& c, double g, int) {
      g += f32(wd) * c.p;
      c.v = (1 - f32(decay)) * (g * g) + f32(decay) * c.v;
      c.p -= f32(lr) * (g / (std::pow(c.v, 0.5) + f32(delta)));
    };
  };
  expect_same("rmsprop:caffe,base_lr=1e-2", step(1e-2, .99, 1e-8, 0));
  expect_same("rmsprop:caffe,base_lr=1e-2,rms_decay=.9,delta=1e-3,weight_decay=.05",
              step(1e-2, .9, 1e-3, .05));
  EXPECT_EQ(plain("rmsprop:caffe,base_lr=1e-2,clip_gradients=2"),
            plain("rmsprop:caffe,base_lr=1e-2,clip_global_norm=2"));
  EXPECT_EQ(plain("rmsprop:caffe,base_lr=1e-2,clip_gradients=-5,momentum=0.0"),
            plain("rmsprop:caffe,base_lr=1e-2"));
}

// ensmallen 3.11.1, ensmallen_bits/rmsprop/rmsprop_update.hpp and sgd/sgd_impl.hpp.
TEST(Dialects, Ensmallen) {
  const auto step = [](double size, double alpha, double eps) {
    return [=](Cell& c, double g, int) {
      c.v *= alpha;
      c.v += (1 - alpha) * (g * g);
      c.p -= size * g / (std::sqrt(c.v) + eps);
    };
  };
  expect_same("rmsprop:ensmallen", step(0.01 / 32, .99, 1e-8));
  expect_same("rmsprop:ensmallen,stepSize=0.02,batchSize=1,alpha=.9,epsilon=1e-3,shuffle=false",
              step(0.02, .9, 1e-3));
}

TEST(Dialects, EnsmallenGuardsAnEpsThatIsNoFloat) {
  for (const auto& [eps, least] : {std::pair{"1e-60", 0x1p-23 * 10}, {"1e-3", 1e-3}}) {
    std::vector<float> p = {0}, g = {1e-30f};
    Optimizer optimizer(std::string("rmsprop:ensmallen,stepSize=1,batchSize=1,epsilon=") + eps);
    optimizer.add("p", p, g);
    optimizer.step();
    EXPECT_FLOAT_EQ(p[0], -1e-30f / float(least)) << eps;
  }
}

TEST(Dialects, Textbook) {
  const auto inside = [](double lr, double rho, double eps) {
    return [=](Cell& c, double g, int) {
      c.v = rho * c.v + (1 - rho) * g * g;
      c.p -= lr * g / std::sqrt(c.v + eps);
    };
  };
  const auto outside = [](Cell& c, double g, int) {
    c.v = .9 * c.v + (1 - .9) * g * g;
    c.p -= 1e-3 * g / (std::sqrt(c.v) + 1e-8);
  };
  expect_same("rmsprop:textbook", inside(1e-3, .9, 1e-8));
  expect_same("rmsprop:textbook,lr=.01,rho=.5,eps=.1", inside(.01, .5, .1));
  expect_same("rmsprop:textbook,eps_inside=false", outside);
}

// ---- how far the dialects are from each other: the tables of docs/rules/ ----

TEST(Dialects, FirstStepsOfRmsProp) {
  expect_first_steps({1e-4, 1e-2, 1, 10},
                     {{"rmsprop", 1e-3, {3.16, 3.16, 3.16, 3.16}},
                      {"rmsprop:torch", 1e-2, {9.99, 10, 10, 10}},
                      {"rmsprop:timm_tf", 1e-2, {1.054e-4, 1.054e-2, 1, 3.03}},
                      {"rmsprop:keras2", 1e-3, {3.15, 3.16, 3.16, 3.16}},
                      {"rmsprop:keras2,momentum=.9", 1e-3, {0.315, 3.15, 3.16, 3.16}},
                      {"rmsprop:keras3", 1e-3, {0.315, 3.15, 3.16, 3.16}},
                      {"rmsprop:tf1,lr=1e-3", 1e-3, {1.054e-4, 1.054e-2, 1, 3.03}},
                      {"rmsprop:optax,lr=1", 1, {0.953, 3.16, 3.16, 3.16}},
                      {"rmsprop:optax,lr=1,bias_correction=True", 1, {0.7071, 1, 1, 1}},
                      {"rmsprop:mlx,lr=1", 1, {9.99, 10, 10, 10}},
                      {"rmsprop:mxnet", 1e-3, {0.953, 3.16, 3.16, 3.16}},
                      {"rmsprop:mxnet,centered=True", 1e-3, {0.958, 3.33, 3.33, 3.33}},
                      {"rmsprop:ensmallen", 0.01 / 32, {9.99, 10, 10, 10}},
                      {"rmsprop:burn,lr=1", 1, {5, 9.9, 10, 10}},
                      {"rmsprop:flashlight,lr=1", 1, {9.99, 10, 10, 10}},
                      {"rmsprop:caffe,lr=1", 1, {9.99, 10, 10, 10}},
                      {"rmsprop:graves2013", 1e-4, {0.01, 0.978, 4.588, 4.588}},
                      {"rmsprop:dqn_nature", 2.5e-4, {1e-3, 9.998e-2, 4.17, 4.58}},
                      {"rmsprop:textbook", 1e-3, {0.953, 3.16, 3.16, 3.16}}});
}

// Lines that docs/rules/rmsprop.md calls the same, up to hyperparameters rounded to float32.
TEST(Dialects, ManyAreTheSameByAnotherName) {
  const auto course = [](const std::string& line) {
    std::vector<double> p(kCells, 0.5), g(kCells), all;
    Optimizer optimizer(line);
    optimizer.add("p", p, g);
    for (int k = 0; k < kSteps; ++k) {
      for (int i = 0; i < kCells; ++i) g[i] = gradient(i, k);
      optimizer.step();
      all.insert(all.end(), p.begin(), p.end());
    }
    return all;
  };
  for (const std::vector<std::string>& lines : std::vector<std::vector<std::string>>{
           {"torch,lr=.01", "mlx,lr=.01", "caffe,lr=.01", "flashlight,lr=.01",
            "ensmallen,lr=.01,batchSize=1", "optax,lr=.01,decay=.99,eps_in_sqrt=False"},
           {"tf1,lr=.01", "timm_tf,lr=.01", "optax,lr=.01,initial_scale=1,eps=1e-10"},
           {"tf1,lr=.01,momentum=.9,centered=True", "timm_tf,lr=.01,momentum=.9,centered=True",
            "optax,lr=.01,initial_scale=1,eps=1e-10,momentum=.9,centered=True"},
           {"keras3", "optax,lr=.001,eps=1e-7"},
           {"keras3,momentum=.9", "keras2,momentum=.9", "optax,lr=.001,eps=1e-7,momentum=.9"},
           {"keras3,momentum=.9,centered=True", "keras2,momentum=.9,centered=True"},
           {"graves2013", "mxnet,lr=1e-4,centered=True,gamma1=.95,epsilon=1e-4"},
           {"dqn_nature", "mxnet,lr=2.5e-4,centered=True,gamma1=.95,gamma2=0,epsilon=.01"},
           {"flashlight,lr=.01,weightDecay=.002", "mlx,lr=.01,weight_decay=.2"}}) {
    const std::vector<double> expected = course("rmsprop:" + lines[0]);
    for (const std::string& line : lines) {
      const std::vector<double> other = course("rmsprop:" + line);
      for (size_t i = 0; i < expected.size(); ++i) {
        ASSERT_NEAR(other[i], expected[i], 1e-6) << line << " and " << lines[0];
      }
    }
  }
  const std::vector<double> adam = course("adam,beta1=0,beta2=.9,lr=.01");
  const std::vector<double> optax =
      course("rmsprop:optax,lr=.01,bias_correction=True,eps_in_sqrt=False");
  for (size_t i = 0; i < adam.size(); ++i) ASSERT_NEAR(optax[i], adam[i], 1e-12);
}

// With the average at g^2, as after many steps of one size.
TEST(Dialects, SteadyStepsOfRmsProp) {
  const auto steady = [](const std::string& line, double g) {
    std::vector<double> p = {0}, gradient = {0};
    Optimizer optimizer(line);
    optimizer.add("p", p, gradient);
    for (int k = 0; k < 8000; ++k) gradient[0] = k % 2 ? g : -g, optimizer.step();
    const double before = p[0];
    gradient[0] = g, optimizer.step();
    return (before - p[0]) / optimizer.lr();
  };
  for (const char* line : {"rmsprop,alpha=.99", "rmsprop:torch", "rmsprop:mlx,lr=.1",
                           "rmsprop:caffe,lr=.1", "rmsprop:keras2"}) {
    EXPECT_NEAR(steady(line, 1e-3), 1, 2e-4) << line;
  }
  EXPECT_NEAR(steady("rmsprop:keras3", 1e-3), 1 / std::sqrt(1.1), 1e-3);
  EXPECT_NEAR(steady("rmsprop:dqn_nature", 1e-3), 1e-2, 1e-5);
  EXPECT_NEAR(steady("rmsprop,eps=.01", 1e-3) / steady("rmsprop,eps=.01,eps_inside=true", 1e-3),
              9.1, 0.05);
}

TEST(Dialects, FirstStepsOfSgd) {
  for (const char* line : {"sgd:torch,lr=0.1", "sgd:torch,lr=0.1,momentum=0.9,dampening=0.5",
                           "sgd:keras2,lr=0.1,momentum=0.9", "sgd:tf1,lr=0.1,momentum=0.9"}) {
    expect_first_steps({1e-4, 1, 10}, {{line, 0.1, {1e-4, 1, 10}}});
  }
  for (const char* line : {"sgd:torch,lr=0.1,momentum=0.9,nesterov=True",
                           "sgd:keras3,lr=0.1,momentum=0.9,nesterov=True",
                           "sgd:tf1,lr=0.1,momentum=0.9,use_nesterov=True"}) {
    expect_first_steps({1e-4, 1, 10}, {{line, 0.1, {1.9e-4, 1.9, 19}}});
  }
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

}  // namespace
}  // namespace ravine
