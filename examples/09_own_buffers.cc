// The optimizer alone, on a program's own memory: no tensor, no model.
//
// Rosenbrock's function f(x, y) = (1 - x)^2 + 100 (y - x^2)^2 has its minimum, 0, at (1, 1), at the
// end of a bent valley. Half-way the optimizer is thrown away, and another one takes up its state.
#include <cstdio>
#include <vector>

#include "ravine/optimizer.h"

namespace {

struct Point {
  std::vector<double> position = {-1.2, 1}, gradient = {0, 0};

  double evaluate() {  // f there, and its gradient
    const double x = position[0], y = position[1], bend = y - x * x;
    gradient = {-2 * (1 - x) - 400 * x * bend, 200 * bend};
    return (1 - x) * (1 - x) + 100 * bend * bend;
  }
};

ravine::Optimizer optimizer_of(Point& point) {
  ravine::Optimizer optimizer("rmsprop,lr=0.01,alpha=0.99,schedule=cosine(total=5000)");
  optimizer.add("position", point.position, point.gradient);
  return optimizer;
}

}  // namespace

int main() {
  Point point;
  ravine::Optimizer optimizer = optimizer_of(point);
  for (int step = 0; step < 5000; ++step) {
    const double value = point.evaluate();
    if (step % 500 == 0) {
      std::printf("step %4d   f(%7.4f, %7.4f) = %.2e\n", step, point.position[0], point.position[1],
                  value);
    }
    if (step == 2500) {  // as after a restart: state() is plain buffers, to be kept in any file
      ravine::Optimizer resumed = optimizer_of(point);
      resumed.load(optimizer.state());
      optimizer = std::move(resumed);
    }
    optimizer.step();
  }
  std::printf("step 5000   f(%7.4f, %7.4f) = %.2e\n", point.position[0], point.position[1],
              point.evaluate());
  return point.evaluate() < 1e-4 ? 0 : 1;
}
