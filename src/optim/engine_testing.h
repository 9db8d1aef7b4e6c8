// Trainings with made-up gradients, for the tests that hold for every rule.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "optim/testing.h"
#include "ravine/optimizer.h"

namespace ravine::testing {

// Parameters of several sizes with their gradients, and an optimizer over them.
template <class T>
struct Training {
  explicit Training(const OptimizerSpec& spec, std::vector<size_t> tensor_sizes = kSizes)
      : sizes(std::move(tensor_sizes)), optimizer(spec) {
    for (const size_t n : sizes) {
      values.push_back(random_values<T>(n, n + 1));
      gradients.emplace_back(n);
    }
  }
  Training& add() {
    for (size_t k = 0; k < sizes.size(); ++k) add(k);
    return *this;
  }
  void add(size_t k) { optimizer.add(std::to_string(k), values[k], gradients[k]); }
  void run(int64_t steps) {
    for (int64_t i = 0; i < steps; ++i) {
      ++t;
      for (size_t k = 0; k < sizes.size(); ++k) {
        const auto fresh = random_values<T>(sizes[k], uint64_t(100 * t) + k);
        std::copy(fresh.begin(), fresh.end(), gradients[k].begin());
      }
      optimizer.step();
    }
  }
  // Parameters, then slots, in an order that does not depend on that of the adding.
  std::vector<T> all() {
    std::vector<T> list;
    for (const auto& v : values) list.insert(list.end(), v.begin(), v.end());
    auto state = optimizer.state();
    std::ranges::stable_sort(state.entries, {}, &StateEntry::parameter);
    for (const StateEntry& e : state.entries) {
      const auto* data = static_cast<const T*>(e.data);
      list.insert(list.end(), data, data + e.size);
    }
    return list;
  }

  static inline const std::vector<size_t> kSizes = {1, 3, 4095, 0, 4096, 4097, 64, 20'000};
  std::vector<size_t> sizes;
  std::vector<std::vector<T>> values, gradients;
  Optimizer optimizer;
  int64_t t = 0;
};

template <class T>
std::vector<T> trained(const std::string& line, int64_t steps = 3) {
  Training<T> training(line);
  training.add().run(steps);
  return training.all();
}

inline bool has_two_decays(const std::string& line) {  // adamw's own, and the engine's
  return line.starts_with("adamw") && line.rfind("weight_decay") > line.find("weight_decay");
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

}  // namespace ravine::testing
