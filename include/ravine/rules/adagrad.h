// Adagrad: divide the gradient by the root of the sum of its squares.
//   s <- s + g^2        u = lr / (1 + lr_decay (t - 1)) g / (sqrt(s) + eps)
// Duchi, Hazan & Singer, JMLR 12, 2011.
struct Adagrad {
  double lr = 1e-2;
  double lr_decay = 0;
  double initial = 0;
  double eps = 1e-10;
  bool eps_inside = false;

  static constexpr const char* kName = "adagrad";
  static constexpr const char* kSummary = "divide the gradient by the root of its summed squares";
  template <class F>
  void options(F f) {
    f(Option{"lr", "length of a step", kNotNegative}, lr);
    f(Option{"lr_decay", "lr is divided by 1 + lr_decay times the steps done", kNotNegative},
      lr_decay);
    f(Option{"initial", "what the sum of squares starts from", kNotNegative}, initial);
    f(Option{"eps", "added to the root, or inside of it", kNotNegative}, eps);
    f(Option{"eps_inside", "eps is added to the sum, under the root"}, eps_inside);
  }

  template <class T>
  struct State {
    T sum;
    constexpr auto fields() { return std::tie(sum); }
  };
  constexpr State<Slot> slots() const { return {{"sum", true, initial, true}}; }

  template <class T>
  struct Step {
    T lr, eps;
    bool eps_inside;
    auto switches() { return std::tie(eps_inside); }
    template <class V>
    V update(V, V g, State<V>& s) const {
      using namespace arithmetic;
      s.sum = s.sum + g * g;
      return lr * (g / (eps_inside ? sqrt(s.sum + eps) : sqrt(s.sum) + eps));
    }
  };
  template <class T>
  Step<T> at(int64_t t, double rate, std::span<double>) const {
    return {T(rate / (1 + double(t - 1) * lr_decay)), arithmetic::positive<T>(eps), eps_inside};
  }
};
