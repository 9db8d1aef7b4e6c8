// SGD: follow the gradient, or a velocity that averages it.
//   b <- momentum b + (1 - dampening) g, at the first step b = g       u = lr b
//   Nesterov: u = lr (g + momentum b)        lr in momentum: b takes lr g, and u lacks lr
// Polyak 1964; Sutskever et al., ICML 2013, in the form that PyTorch uses.
struct Sgd {
  double lr = 1e-2;
  double momentum = 0;
  double dampening = 0;
  bool lr_in_momentum = false;
  bool nesterov = false;

  static constexpr const char* kName = "sgd";
  static constexpr const char* kSummary = "follow the gradient, or a velocity that averages it";
  template <class F>
  void options(F f) {
    f(Option{"lr", "length of a step", kNotNegative}, lr);
    f(Option{"momentum", "decay of the velocity; 0: none", kBelowOne, nullptr, "0.9 is usual"},
      momentum);
    f(Option{"dampening", "share of the gradient that the velocity leaves out", kUnit}, dampening);
    f(Option{"lr_in_momentum", "lr is inside of the velocity: a new lr acts on new gradients only"},
      lr_in_momentum);
    f(Option{"nesterov", "look ahead along the velocity"}, nesterov);
  }
  const char* problem() const {
    return nesterov && (momentum == 0 || dampening != 0)
               ? "nesterov needs a momentum above 0 and a dampening of 0"
               : nullptr;
  }

  template <class T>
  struct State {
    T velocity;
    constexpr auto fields() { return std::tie(velocity); }
  };
  constexpr State<Slot> slots() const { return {{"velocity", momentum > 0}}; }

  template <class T>
  struct Step {
    T lr, momentum, take;
    bool moving, lr_in_momentum, nesterov;
    auto switches() { return std::tie(moving, lr_in_momentum, nesterov); }
    template <class V>
    V update(V, V g, State<V>& s) const {
      if (!moving) return lr * g;
      if (lr_in_momentum) g = lr * g;
      s.velocity = momentum * s.velocity + take * g;
      const V u = nesterov ? g + momentum * s.velocity : s.velocity;
      return lr_in_momentum ? u : lr * u;
    }
  };
  template <class T>
  Step<T> at(int64_t t, double rate, std::span<double>) const {
    return {T(rate),      T(momentum),    T(t == 1 ? 1 : 1 - dampening),
            momentum > 0, lr_in_momentum, nesterov};
  }
};
