// Minimises Rosenbrock's function, f(x, y) = (1 - x)^2 + 100 (y - x^2)^2, with a minimum of 0 at
// (1, 1): the optimizer alone, on a program's own numbers.
#include <cmath>
#include <cstdio>
#include <vector>

#include "ravine/optimizer.h"

int main() {
  std::vector<double> position = {-1.2, 1}, gradient(2);
  ravine::Optimizer optimizer("rmsprop,lr=0.01,alpha=0.99,schedule=cosine(total=5000)");
  optimizer.add("position", position, gradient);

  double value = 0;
  for (int step = 0; step <= 5000; ++step) {
    const double x = position[0], y = position[1], bend = y - x * x;
    value = (1 - x) * (1 - x) + 100 * bend * bend;
    if (step % 1000 == 0) std::printf("step %4d   f(%7.4f, %7.4f) = %.3g\n", step, x, y, value);
    gradient = {-2 * (1 - x) - 400 * x * bend, 200 * bend};
    optimizer.step();
  }
  return value < 1e-4 ? 0 : 1;
}
