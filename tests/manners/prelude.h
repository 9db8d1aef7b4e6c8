// What the examples in the comments of the public headers take for granted.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <tuple>
#include <vector>

#include "ravine/ravine.h"
#include "ravine/rule.h"

using namespace ravine;  // NOLINT: as the reader of an example does

inline constexpr uint64_t kShuffle = 1;
extern uint64_t seed;
extern std::filesystem::path cache;
extern TrainTest mnist, wine;
extern Tensor x, labels, theta;
extern Model model;
extern std::vector<Tensor> predictions;
void show(const std::string& name, double value);
