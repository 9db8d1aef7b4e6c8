// Fits y = 2 x + 1 to five points with RMSprop, and prints all numbers of the first steps, so that
// they can be followed with a pocket calculator:
//
//   gradient        d loss / d w = mean of 2 (w x + b - y) x,   d loss / d b = mean of 2 (w x + b -
//   y) average         v <- 0.9 v + 0.1 gradient^2 rate            lr / (sqrt(v) + eps), what the
//   gradient is multiplied by parameter       p <- p - rate gradient
#include <array>
#include <cmath>
#include <cstdio>

#include "ravine/optimizer.h"

namespace {

constexpr std::array kX = {0., 1., 2., 3., 4.};
constexpr std::array kY = {1., 3., 5., 7., 9.};

// The parameters, or what the loss has for gradient there.
struct Line {
  double w = 0, b = 0;
};

Line gradient_at(const Line& line) {
  Line gradient;
  for (size_t i = 0; i < kX.size(); ++i) {
    const double error = line.w * kX[i] + line.b - kY[i];
    gradient.w += 2 * error * kX[i] / kX.size();
    gradient.b += 2 * error / kX.size();
  }
  return gradient;
}

double average(const ravine::StateEntry& entry) { return *static_cast<double*>(entry.data); }

}  // namespace

int main() {
  const ravine::RmsProp options = {.lr = 0.05};
  Line line, gradient;
  ravine::Optimizer optimizer(rmsprop(options));
  optimizer.add("w", {&line.w, 1}, {&gradient.w, 1});
  optimizer.add("b", {&line.b, 1}, {&gradient.b, 1});

  std::printf("step   gradient   average      rate   parameter\n");
  for (int step = 1; step <= 200; ++step) {
    gradient = gradient_at(line);
    optimizer.step();
    if (step > 5 && step % 50 != 0) continue;
    for (const ravine::StateEntry& entry : optimizer.state().entries) {
      const bool w = entry.parameter == "w";
      const double rate = options.lr / (std::sqrt(average(entry)) + options.eps);
      std::printf("%4d  %9.4f  %8.4f  %8.5f   %s = %.5f\n", step, w ? gradient.w : gradient.b,
                  average(entry), rate, entry.parameter.c_str(), w ? line.w : line.b);
    }
  }
  return std::abs(line.w - 2) < 0.05 && std::abs(line.b - 1) < 0.05 ? 0 : 1;
}
