// A rule of your own in 20 lines: Lion, which steps by the sign of a blend of gradient and average
// (Chen et al., arXiv:2302.06675). The engine adds the rest: threads, schedules, clipping, decay.
#include <cstdio>

#include "ravine/ravine.h"
#include "ravine/rule.h"

namespace {

using namespace ravine;

struct Lion {
  double lr = 1e-4, beta1 = 0.9, beta2 = 0.99;
  template <class F>
  void options(F f) {
    f(Option{"lr", "length of a step", kNotNegative}, lr);
    f(Option{"beta1", "share of the average in the direction", kBelowOne}, beta1);
    f(Option{"beta2", "decay of the average", kBelowOne}, beta2);
  }
  template <class T>
  struct State {
    T average;
    auto fields() { return std::tie(average); }
  };
  State<Slot> slots() const { return {{"grad_avg"}}; }
  template <class T>
  struct Step {
    arithmetic::Average<T> blend, average;
    T lr;
    template <class V>
    V update(V, V g, State<V>& s) const {
      using namespace arithmetic;
      const V direction = blend(s.average, g);
      s.average = average(s.average, g);
      return select(direction == V(T(0)), V(T(0)), select(direction < V(T(0)), V(-lr), V(lr)));
    }
  };
  template <class T>
  Step<T> at(int64_t, double rate, std::span<double>) const {
    return {arithmetic::Average<T>::of(beta1), arithmetic::Average<T>::of(beta2), T(rate)};
  }
};
RAVINE_RULE(lion, Lion);

}  // namespace

int main() {
  const TrainTest digits = load_data("digits");
  Model model("dense(64) relu dense(10)", {.input = digits.train.example()});
  const OptimizerSpec optimizer = lion({.lr = 3e-4}, {.weight_decay = 0.1});
  const History history =
      fit(model, digits.train, digits.test, {.optimizer = optimizer, .epochs = 3});
  for (const EpochRecord& epoch : history.epochs) {
    std::printf("%s   epoch %d   loss %.4f   test accuracy %.2f %%\n", optimizer.text().c_str(),
                int(epoch.epoch), epoch.train.loss, 100 * epoch.test.accuracy);
  }
  return history.epochs.back().test.accuracy > 0.9 ? 0 : 1;
}
