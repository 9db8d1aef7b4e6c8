#pragma once
#include "base/seeds.h"
#include "nn/layer.h"

namespace ravine {

// Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov, JMLR 15, 2014; scaled in training, so
// that prediction is the identity.
struct Dropout : Layer {
  static constexpr const char* kName = "dropout";
  static constexpr const char* kHelp = "in training, zeroes a share of x and scales the rest up";
  static constexpr size_t kPositional = 1;

  double rate = 0.5;

  std::vector<OptionRef> options() override {
    return {{{"rate", "share that is zeroed", kBelowOne, nullptr, "0.2 to 0.5 is usual"}, &rate}};
  }

  Tensor forward(const Tensor& x, const LayerCall& call) const override {
    if (!call.pass.training || rate == 0) return x;
    const uint64_t seed = derive_seed(call.pass.seed, kDropoutSeed);
    return dropout(x, rate, derive_seed(seed, call.index), call.pass.step);
  }
};

}  // namespace ravine
