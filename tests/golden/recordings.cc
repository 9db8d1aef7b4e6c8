#include "golden/recordings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace ravine {

// The recordings of one dialect, in one dtype.
std::vector<fs::path> recordings(const std::string& dialect, const std::string& dtype) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(fs::path(RAVINE_GOLDEN) / dialect)) {
    if (entry.path().stem().string().ends_with(dtype)) paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

std::vector<std::string> dialects() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(RAVINE_GOLDEN)) {
    if (entry.is_directory()) names.push_back(entry.path().filename());
  }
  std::ranges::sort(names);
  return names;
}

// Centered, v - a^2 loses digits in any arithmetic.
double tolerance_of(const OptimizerSpec& spec) {
  return spec.text().find("centered=true") != std::string::npos ? 1e-10 : 1e-12;
}

namespace {

Tensor in_float64(const Tensor& tensor) {
  return Tensor::from(std::span<const double>(tensor.to_vector()), tensor.shape());
}

Recording in_float64(Recording recording) {
  for (Recording::Track& track : recording.tracks) {
    for (Tensor* tensor : {&track.start, &track.gradients, &track.values}) {
      *tensor = in_float64(*tensor);
    }
    for (auto& [name, slot] : track.slots) slot = in_float64(slot);
  }
  return recording;
}

std::map<std::string, Tensor> recorded(const Recording& recording) {
  std::map<std::string, Tensor> tensors;
  for (const Recording::Track& track : recording.tracks) {
    const std::string prefix = track.name.empty() ? "" : track.name + ".";
    tensors[prefix + "p"] = track.values;
    for (const auto& [name, slot] : track.slots) tensors[prefix + name] = slot;
  }
  return tensors;
}

// The columns of a track where float32 overflows, in p or in any slot of ours.
std::set<size_t> overflown(const std::string& name, const TensorFile& ours) {
  const std::string track = name.substr(0, name.rfind('.') + 1);
  std::set<size_t> columns;
  for (const auto& [other, tensor] : ours.tensors) {
    if (other.substr(0, other.rfind('.') + 1) != track) continue;
    const std::vector<double> values = tensor.to_vector();
    for (size_t i = 0; i < values.size(); ++i) {
      if (!std::isfinite(values[i])) columns.insert(i % size_t(tensor.shape()[1]));
    }
  }
  return columns;
}

// The largest error of a tensor, as a share of the size of its column. Columns without a normal
// number are left out, and those that `skip` names.
double error_of(const Tensor& single, const Tensor& exact, const std::set<size_t>& skip) {
  const std::vector<double> a = single.to_vector(), b = exact.to_vector();
  const auto n = size_t(exact.shape()[1]);
  double worst = 0;
  for (size_t j = 0; j < n; ++j) {
    double size = 0, error = 0;
    for (size_t i = j; i < a.size(); i += n) {
      size = std::max(size, std::fabs(b[i]));
      error = std::max(error, std::isfinite(a[i]) ? std::fabs(a[i] - b[i]) : INFINITY);
    }
    if (size >= 0x1p-126 && !skip.contains(j)) worst = std::max(worst, error / size);
  }
  return worst;
}

// The first place where NaN and Inf differ. PyTorch multiplies g by 1 - alpha before the second g:
// its averages overflow at gradients somewhat larger than elsewhere.
std::string other_places(const std::string& name, const Tensor& ours, const Tensor& theirs) {
  const std::vector<double> a = ours.to_vector(), b = theirs.to_vector();
  for (size_t i = 0; i < a.size(); ++i) {
    const bool later = std::isinf(a[i]) && b[i] > 1e35;
    const bool same = std::isfinite(a[i]) ? std::isfinite(b[i])
                      : std::isnan(a[i])  ? std::isnan(b[i])
                                          : a[i] == b[i] || later;
    if (!same) return fmt::format("{}[{}]: {}, recorded {}\n", name, i, a[i], b[i]);
  }
  return "";
}

}  // namespace

std::string float32_faults(const Recording& theirs, const OptimizerSpec& spec) {
  const Replay ours = replay(theirs, spec), exact = replay(in_float64(theirs), spec);
  const auto framework = recorded(theirs);
  std::string faults;
  std::map<std::string, double> our_worst, their_worst;  // over the file, of p and of each slot
  for (size_t i = 0; i < exact.computed.tensors.size(); ++i) {
    const auto& [name, tensor] = exact.computed.tensors[i];
    const std::string kind = name.substr(name.rfind('.') + 1);
    const Tensor& single = ours.computed.tensors[i].second;
    if (!framework.contains(name)) return name + " is not recorded\n";
    faults += other_places(name, single, framework.at(name));
    const std::set<size_t> skip = overflown(name, ours.computed);
    our_worst[kind] = std::max(our_worst[kind], error_of(single, tensor, skip));
    their_worst[kind] = std::max(their_worst[kind], error_of(framework.at(name), tensor, skip));
  }
  for (const auto& [kind, error] : our_worst) {
    if (error <= 2 * their_worst[kind] + 0x1p-23) continue;
    faults += fmt::format("{}: {} off, the framework {}\n", kind, error, their_worst[kind]);
  }
  return faults;
}

}  // namespace ravine
