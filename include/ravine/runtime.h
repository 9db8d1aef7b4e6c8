// What the whole process shares: threads, instruction set, warnings, versions.
// None of it changes a result, but for matrix products, whose bits depend on the instruction set.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ravine {

// The number of threads that work together on a step; at first the number of processors that this
// process may use. Throws UsageError if `count` < 1. Not while another thread computes.
void set_threads(int count);
int threads();

// The instruction set of the kernels, one of supported_isas(); at first the best one.
// Caps oneDNN as well, if nothing has been computed yet. Throws UsageError if `name` is unknown or
// this processor lacks it. Not while another thread computes.
void set_isa(std::string_view name);
std::string isa();
std::vector<std::string> supported_isas();  // worst first: "scalar", "ssse3", "sse4", ...
std::vector<std::string> compiled_isas();   // those this build has kernels for, worst first

// Where warnings go: one call a warning, without a line end. By default nowhere.
void set_warning_handler(std::function<void(std::string_view)> handler);
void warn(std::string_view text);

std::string version();         // "0.1.0"
std::string version_report();  // several lines: version, compiler, oneDNN, threads, instruction set

}  // namespace ravine
