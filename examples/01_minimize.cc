// Minimises (theta_1 - 1)^2 + (theta_2 - 1)^2 + (theta_3 - 1)^2 with RMSprop.
//
// RMSprop divides a gradient by its own running size, so a parameter moves by about lr a step,
// however steep the slope is. How far it gets is then lr times the number of steps: with the lr of
// most tutorials, 1e-3, that is about 1 in 1000 steps, and theta begins up to 4 away.
#include <cstdio>

#include "ravine/ravine.h"

namespace {

using namespace ravine;

// The loss after 1000 steps.
double minimize(double lr) {
  Tensor theta = Tensor::from({-3, 0.5, 4}, {3}).requires_grad();
  Optimizer optimizer(rmsprop({.lr = lr}));
  optimizer.add(theta.as_parameter("theta"));

  std::printf("lr = %g\nstep       loss   theta\n", lr);
  for (int step = 0; step <= 1000; ++step) {
    Tensor loss = sum(square(theta - 1));
    if (step % 100 == 0) {
      const auto value = theta.values<float>();
      std::printf("%4d  %9.2e   %7.4f  %7.4f  %7.4f\n", step, loss.item(), value[0], value[1],
                  value[2]);
    }
    theta.zero_grad();
    loss.backward();
    optimizer.step();
  }
  return sum(square(theta - 1)).item();
}

}  // namespace

int main() {
  const double short_of = minimize(1e-3);
  std::printf("It does not get there: a way of 4 takes 4000 steps of about 0.001.\n\n");
  const double reached = minimize(1e-2);
  std::printf("It does: a way of 4 takes 400 steps of about 0.01.\n");
  return short_of > 1 && reached < 1e-3 ? 0 : 1;
}
