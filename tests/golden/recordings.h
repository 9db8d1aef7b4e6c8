// The recordings of frameworks in this folder, which tools/make_golden.py has made, and how near to
// one Ravine has to be.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "ravine/replay.h"

namespace ravine {

namespace fs = std::filesystem;

std::vector<std::string> dialects();
// Those of one dialect, in one dtype.
std::vector<fs::path> recordings(const std::string& dialect, const std::string& dtype);

// In float64: of a column's travel.
double tolerance_of(const OptimizerSpec& spec);

// What is wrong with a run in float32, or "". NaN and Inf stand at the same places. An error is
// what a run in float64 on the same numbers tells; the largest of a file is at most twice the
// framework's.
std::string float32_faults(const Recording& theirs, const OptimizerSpec& spec);

}  // namespace ravine
