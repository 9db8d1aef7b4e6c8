// Adam: the average gradient, divided by the root of the average square, both without the bias of
// their start at zero.
//   m <- beta1 m + (1 - beta1) g        v <- beta2 v + (1 - beta2) g^2
//   u = lr m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps)
// Kingma & Ba, arXiv:1412.6980. AMSGrad, with the largest v so far: Reddi et al., ICLR 2018.
struct Adam {
  double lr = 1e-3;
  double beta1 = 0.9, beta2 = 0.999;
  double eps = 1e-8;
  bool eps_hat = false;
  bool amsgrad = false;
  bool lerp = false;
  bool float32_powers = false;

  static constexpr const char* kName = "adam";
  static constexpr const char* kSummary = "averages of the gradient and of its square, unbiased";
  template <class F>
  void options(F f) {
    list(f, *this);
  }
  template <class F, class Owner>  // AdamW has the same ones
  static void list(F& f, Owner& o) {
    f(Option{"lr", "length of a step", kNotNegative, nullptr, "1e-4 to 1e-2 is usual"}, o.lr);
    f(Option{"beta1", "decay of the average gradient", kBelowOne, nullptr, "0.9 is usual"},
      o.beta1);
    f(Option{"beta2", "decay of the average square", kBelowOne, nullptr, "0.99 to 0.999 is usual"},
      o.beta2);
    f(Option{"eps", "added to the root", kNotNegative}, o.eps);
    f(Option{"eps_hat", "eps is added to the root of v with its bias: the paper's epsilon hat"},
      o.eps_hat);
    f(Option{"amsgrad", "divide by the largest average square so far"}, o.amsgrad);
    f(Option{"lerp", "averages move by (1 - beta)(x - average): infinite once, NaN then"}, o.lerp);
    f(Option{"float32_powers", "beta^t is that of beta rounded to float32"}, o.float32_powers);
  }

  template <class T>
  struct State {
    T exp_avg, exp_avg_sq, max_exp_avg_sq;
    constexpr auto fields() { return std::tie(exp_avg, exp_avg_sq, max_exp_avg_sq); }
  };
  constexpr State<Slot> slots() const {
    return {{"exp_avg"}, {"exp_avg_sq", true, 0, true}, {"max_exp_avg_sq", amsgrad, 0, true}};
  }

  template <class T>
  struct Step {
    arithmetic::Average<T> first, second;
    T gain, unbias, eps;  // lr / (1 - beta1^t), 1 / (1 - beta2^t)
    bool amsgrad, lerp;
    auto switches() { return std::tie(amsgrad, lerp); }
    template <class V>
    V update(V, V g, State<V>& s) const {
      using namespace arithmetic;
      s.exp_avg = lerp ? first.lerp(s.exp_avg, g) : first(s.exp_avg, g);
      s.exp_avg_sq = lerp ? second.lerp(s.exp_avg_sq, g * g) : second(s.exp_avg_sq, g * g);
      V v = s.exp_avg_sq;
      if (amsgrad) v = s.max_exp_avg_sq = max(s.max_exp_avg_sq, v);
      return (gain * s.exp_avg) / (sqrt(unbias * v) + eps);
    }
  };
  // beta^t
  double powered(double beta, int64_t t) const {
    return power(float32_powers ? double(float(beta)) : beta, uint64_t(t));
  }
  template <class T>
  Step<T> at(int64_t t, double rate, std::span<double>) const {
    const double unbias = 1 / (1 - powered(beta2, t));
    return {arithmetic::Average<T>::of(beta1),
            arithmetic::Average<T>::of(beta2),
            T(rate / (1 - powered(beta1, t))),
            T(unbias),
            arithmetic::positive<T>(eps_hat ? eps * std::sqrt(unbias) : eps),
            amsgrad,
            lerp};
  }
};

// AdamW: Adam, and apart from it u += lr weight_decay p. Loshchilov & Hutter, arXiv:1711.05101.
struct AdamW {
  double lr = 1e-3;
  double beta1 = 0.9, beta2 = 0.999;
  double eps = 1e-8;
  bool eps_hat = false;
  bool amsgrad = false;
  bool lerp = false;
  bool float32_powers = false;
  double weight_decay = 1e-2;

  static constexpr const char* kName = "adamw";
  static constexpr const char* kSummary = "Adam with decoupled weight decay";
  template <class F>
  void options(F f) {
    Adam::list(f, *this);
    f(Option{"weight_decay", "decoupled: p -= lr weight_decay p", kNotNegative}, weight_decay);
  }
  constexpr Adam adam() const {
    return {lr, beta1, beta2, eps, eps_hat, amsgrad, lerp, float32_powers};
  }

  template <class T>
  using State = Adam::State<T>;
  constexpr State<Slot> slots() const { return adam().slots(); }

  template <class T>
  struct Step {
    Adam::Step<T> adam;
    T decay;
    auto switches() { return adam.switches(); }
    template <class V>
    V update(V p, V g, State<V>& s) const {
      return adam.update(p, g, s) + decay * p;
    }
  };
  template <class T>
  Step<T> at(int64_t t, double rate, std::span<double> scalars) const {
    return {adam().template at<T>(t, rate, scalars), T(rate * weight_decay)};
  }
};
