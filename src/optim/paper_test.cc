// Every rule against the formulas of its paper, written again in float64, one element at a time.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "optim/testing.h"
#include "ravine/optimizer.h"

namespace ravine {
namespace {

using namespace testing;

// Options by name, numbers all: true is 1.
class Options {
 public:
  explicit Options(const OptimizerSpec& spec) : rule_(spec.rule->clone()), engine_(spec.engine) {
    for (const auto& list : {rule_->options(), list_options(engine_)}) {
      for (const OptionRef& ref : list) {
        if (const auto* flag = std::get_if<bool*>(&ref.value))
          values_.emplace(ref.option.name, **flag);
        if (const auto* x = std::get_if<double*>(&ref.value)) values_.emplace(ref.option.name, **x);
      }
    }
  }
  double operator[](const std::string& name) const { return values_.at(name); }

 private:
  std::unique_ptr<Rule> rule_;
  EngineOptions engine_;
  std::map<std::string, double> values_;
};

// What one element remembers; a name for each symbol of a paper.
using Memory = std::map<std::string, double>;
// The change of the parameter in step t by gradient g.
using Formula = double (*)(const Options& o, int t, double lr, double p, double g, Memory& m);

// PyTorch's SGD: the first velocity is the gradient. Keras keeps lr inside of it.
double sgd(const Options& o, int t, double lr, double, double g, Memory& m) {
  const double mu = o["momentum"];
  if (mu == 0) return -lr * g;
  const double inside = o["lr_in_momentum"] ? lr : 1, outside = o["lr_in_momentum"] ? 1 : lr;
  const double pushed = inside * g;
  m["b"] = t == 1 ? pushed : mu * m["b"] + (1 - o["dampening"]) * pushed;
  return -outside * (o["nesterov"] ? pushed + mu * m["b"] : m["b"]);
}

double adagrad(const Options& o, int t, double lr, double, double g, Memory& m) {
  if (t == 1) m["sum"] = o["initial"];
  m["sum"] += std::pow(g, 2);
  const double rate = lr / (1 + o["lr_decay"] * (t - 1));
  const double root =
      o["eps_inside"] ? std::sqrt(m["sum"] + o["eps"]) : std::sqrt(m["sum"]) + o["eps"];
  return -rate * g / root;
}

double rmsprop(const Options& o, int t, double lr, double, double g, Memory& m) {
  const double rho = o["alpha"], mu = o["momentum"];
  if (t == 1) m["n"] = o["initial"];
  m["n"] += (1 - rho) * (g * g - m["n"]);
  m["g"] += (1 - rho) * (g - m["g"]);
  const double start = o["bias_correction"] ? 1 - std::pow(rho, t) : 1;
  double second = m["n"] / start;
  if (o["centered"]) second -= std::pow(m["g"] / start, 2);
  if (o["centered"] && o["clamp"] && second < 0) second = 0;
  const double root = o["eps_inside"] ? std::sqrt(second + o["eps"]) : std::sqrt(second) + o["eps"];
  const double step = o["lr_in_momentum"] ? lr * g / root : g / root;
  const double after = o["lr_in_momentum"] ? 1 : lr;
  if (mu == 0) return -lr * g / root;
  m["b"] = mu * m["b"] + step;
  return -after * (o["nesterov"] ? step + mu * m["b"] : m["b"]);
}

double adam(const Options& o, int t, double lr, double, double g, Memory& m) {
  const double b1 = o["beta1"], b2 = o["beta2"];
  const auto power = [&](double beta) {
    if (o["float32_product"]) {
      float x = 1;
      for (int i = 0; i < t; ++i) x *= float(beta);
      return double(x);
    }
    return std::pow(o["float32_powers"] ? double(float(beta)) : beta, t);
  };
  m["m"] = b1 * m["m"] + (1 - b1) * g;
  m["v"] = b2 * m["v"] + (1 - b2) * g * g;
  m["most"] = std::max(m["most"], m["v"]);
  const double v = o["amsgrad"] ? m["most"] : m["v"];
  if (o["eps_hat"]) {  // the end of section 2 of the paper
    const double rate = lr * std::sqrt(1 - power(b2)) / (1 - power(b1));
    return -rate * m["m"] / (std::sqrt(v) + o["eps"]);
  }
  const double m_hat = m["m"] / (1 - power(b1)), v_hat = v / (1 - power(b2));
  return -lr * m_hat / (std::sqrt(v_hat) + o["eps"]);
}

double adamw(const Options& o, int t, double lr, double p, double g, Memory& m) {
  return adam(o, t, lr, p, g, m) - lr * o["weight_decay"] * p;
}

const std::map<std::string, Formula> kFormulas = {
    {"sgd", sgd}, {"adagrad", adagrad}, {"rmsprop", rmsprop}, {"adam", adam}, {"adamw", adamw}};

double norm(const std::vector<double>& x) {
  double sum = 0;
  for (const double e : x) sum += e * e;
  return std::sqrt(sum);
}

// The engine's options in plain words, over two tensors.
using Tensors = std::vector<std::vector<double>>;
class Paper {
 public:
  Paper(const OptimizerSpec& spec, const Tensors& p)
      : o_(spec), formula_(kFormulas.at(spec.rule_name())), lr_(spec.lr()) {
    decoupled_ = spec.rule_name() == "adamw" ? 0 : o_["weight_decay"];
    for (const auto& x : p) memory_.emplace_back(x.size());
  }

  void step(Tensors& p, Tensors g) {
    ++t_;
    for (size_t k = 0; k < p.size(); ++k) gradient(p[k], g[k]);
    double square = 0;
    for (const auto& x : g) square += norm(x) * norm(x);
    const double most = o_["clip_global_norm"];
    const double factor = most > 0 && std::sqrt(square) > most ? most / std::sqrt(square) : 1;
    for (size_t k = 0; k < p.size(); ++k) {
      for (size_t i = 0; i < p[k].size(); ++i) {
        double& x = p[k][i];
        double push = factor * g[k][i];
        if (!o_["decay_before_clip"]) push += o_["l2"] * x;
        const double change = formula_(o_, t_, lr_, x, push, memory_[k][i]);
        x = x + change - lr_ * decoupled_ * x;
        x = std::fmin(std::fmax(x, o_["low"]), o_["high"]);
      }
    }
  }

 private:
  void gradient(const std::vector<double>& p, std::vector<double>& g) const {
    for (size_t i = 0; i < g.size(); ++i) {
      g[i] *= o_["scale"];
      if (o_["maximize"]) g[i] = -g[i];
      if (o_["decay_before_clip"]) g[i] += o_["l2"] * p[i];
      const double most = o_["clip_value"];
      if (most > 0) g[i] = std::fmin(std::fmax(g[i], -most), most);
    }
    const double length = norm(g), most = o_["clip_norm"];
    for (double& x : g) x *= most > 0 && length > most ? most / length : 1;
  }

  Options o_;
  Formula formula_;
  double lr_, decoupled_ = 0;
  int t_ = 0;
  std::vector<std::vector<Memory>> memory_;
};

// The largest difference after 30 steps, relative to the size of the parameters.
template <class T>
double distance_from_paper(const std::string& line) {
  const OptimizerSpec spec = line;
  const std::vector<size_t> sizes = {7, 50};
  Tensors expected;
  std::vector<std::vector<T>> p, g;
  for (const size_t n : sizes) {
    p.push_back(random_values<T>(n, n));
    g.emplace_back(n);
    expected.emplace_back(p.back().begin(), p.back().end());
  }
  Paper paper(spec, expected);
  Optimizer optimizer(spec);
  for (size_t k = 0; k < p.size(); ++k) optimizer.add(std::to_string(k), p[k], g[k]);
  for (uint64_t t = 1; t <= 30; ++t) {
    Tensors exact;
    for (size_t k = 0; k < p.size(); ++k) {
      const auto fresh = random_values<T>(sizes[k], 100 * t + k, t % 7 == 0 ? 1e-2 : 1);
      std::copy(fresh.begin(), fresh.end(), g[k].begin());
      exact.emplace_back(fresh.begin(), fresh.end());
    }
    paper.step(expected, exact);
    optimizer.step();
  }
  double worst = 0;
  for (size_t k = 0; k < p.size(); ++k) {
    for (size_t i = 0; i < p[k].size(); ++i) {
      worst =
          std::max(worst, std::fabs(p[k][i] - expected[k][i]) / (1 + std::fabs(expected[k][i])));
    }
  }
  return worst;
}

TEST(Paper, EveryRuleIsItsFormula) {
  for (const Rule* rule : rules()) EXPECT_TRUE(kFormulas.contains(rule->name())) << rule->name();
  for (const std::string& line : rule_cases()) {
    EXPECT_LT(distance_from_paper<double>(line), 1e-13) << line;
    EXPECT_LT(distance_from_paper<float>(line), 3e-5) << line;  // centered ones lose digits
  }
}

TEST(Paper, SoIsTheEngineAroundIt) {
  for (const std::string& line : rule_cases()) {
    for (std::string around : engine_cases()) {
      if (line.starts_with("adamw") && around.find("weight_decay") != around.npos) continue;
      EXPECT_LT(distance_from_paper<double>(line + around), 1e-13) << line << around;
    }
  }
}

// Values of the first steps, by hand: lr 0.1, gradient 2 and then -1, from 1.
TEST(Paper, FirstStepsByHand) {
  const auto after_two = [](const std::string& line) {
    std::vector<double> p = {1}, g = {2};
    Optimizer optimizer(line);
    optimizer.add("p", p, g);
    optimizer.step();
    g[0] = -1;
    optimizer.step();
    return p[0];
  };
  EXPECT_DOUBLE_EQ(after_two("sgd,lr=0.1"), 0.9);
  EXPECT_DOUBLE_EQ(after_two("sgd,lr=0.1,momentum=0.5"), 1 - 0.2 - 0.1 * (0.5 * 2 - 1));
  EXPECT_DOUBLE_EQ(after_two("sgd,lr=0.1,momentum=0.5,dampening=0.5"), 1 - 0.2 - 0.1 * (1 - 0.5));
  EXPECT_DOUBLE_EQ(after_two("adagrad,lr=0.1,eps=0"), 1 - 0.1 + 0.1 / std::sqrt(5));
  // v = 0.5 2^2 = 2, then 0.5 2 + 0.5 1 = 1.5
  EXPECT_DOUBLE_EQ(after_two("rmsprop,lr=0.1,alpha=0.5,eps=0"),
                   1 - 0.2 / std::sqrt(2) + 0.1 / std::sqrt(1.5));
  // v starts from 1: 2.5, then 1.75
  EXPECT_DOUBLE_EQ(after_two("rmsprop,lr=0.1,alpha=0.5,eps=0,initial=1"),
                   1 - 0.2 / std::sqrt(2.5) + 0.1 / std::sqrt(1.75));
  // mean 1, then 0; variance 2 - 1, then 1.5 - 0
  EXPECT_DOUBLE_EQ(after_two("rmsprop,lr=0.1,alpha=0.5,eps=0,centered=true"),
                   1 - 0.2 / std::sqrt(1) + 0.1 / std::sqrt(1.5));
  // The first step of Adam is lr long. Then m = 0, since 0.5 1 + 0.5 (-1) = 0.
  EXPECT_NEAR(after_two("adam,lr=0.1,beta1=0.5,eps=0"), 0.9, 1e-15);
}

}  // namespace
}  // namespace ravine
