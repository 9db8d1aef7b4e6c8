#include "ravine/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/file.h"
#include "ravine/error.h"
#include "ravine/runtime.h"
#include "train/bytes.h"

namespace ravine {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string full_name(const std::string& track, const std::string& what) {
  return track.empty() ? what : track + "." + what;
}

// ---- reading ----

const Tensor* find(const TensorFile& file, const std::string& name) {
  for (const auto& [other, tensor] : file.tensors) {
    if (other == name) return &tensor;
  }
  return nullptr;
}

// Collects what is wrong with a file, to say all of it at once.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) : path_(path), file_(read_safetensors(path)) {}

  Recording read() {
    Recording recording;
    recording.metadata = file_.metadata;
    for (const std::string& name : track_names()) recording.tracks.push_back(track(name));
    if (recording.tracks.empty()) complain("p0 is missing");
    read_lr(recording.lr);
    if (!wrong_.empty()) {
      throw Error(
          fmt::format("{} is no recording of an optimizer: {}; docs/parity.md has recorders",
                      path_text(path_), wrong_));
    }
    return recording;
  }

 private:
  void complain(const std::string& text) { wrong_ += (wrong_.empty() ? "" : "; ") + text; }

  static std::pair<std::string, std::string> cut(const std::string& name) {
    const size_t dot = name.rfind('.');
    if (dot == name.npos) return {"", name};
    return {name.substr(0, dot), name.substr(dot + 1)};
  }

  // In alphabetical order: that of a file depends on its writer.
  std::vector<std::string> track_names() const {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : file_.tensors) {
      if (name != "lr") names.push_back(cut(name).first);
    }
    std::ranges::sort(names);
    names.erase(std::ranges::unique(names).begin(), names.end());
    return names;
  }

  Recording::Track track(const std::string& name) {
    Recording::Track track{.name = name};
    track.start = tensor(full_name(name, "p0"), {});
    if (!track.start.defined()) return track;
    if (track.start.shape().rank() != 1) {
      complain(fmt::format("{} is {}, not [n]", full_name(name, "p0"), track.start.shape().text()));
    }
    if (dtype_ != DType::kFloat32 && dtype_ != DType::kFloat64) {
      complain(fmt::format("{} is {}", full_name(name, "p0"), name_of(dtype_)));
    }
    const int64_t n = track.start.size();
    track.gradients = tensor(full_name(name, "g"), {-1, n});
    track.values = tensor(full_name(name, "p"), {-1, n});
    for (const auto& [full, values] : file_.tensors) {
      const auto [owner, what] = cut(full);
      if (full == "lr" || owner != name || what == "p0" || what == "g" || what == "p") continue;
      track.slots.emplace_back(what, tensor(full, {-1, n}));
    }
    std::ranges::sort(track.slots, {}, &std::pair<std::string, Tensor>::first);
    return track;
  }

  // The tensor of that shape, where -1 is the number of steps; the first p0 and g found decide
  // about dtype and steps.
  Tensor tensor(const std::string& name, const std::vector<int64_t>& shape) {
    const Tensor* found = find(file_, name);
    if (found == nullptr) {
      complain(fmt::format("{} is missing", name));
      return {};
    }
    if (!has_dtype_) dtype_ = found->dtype(), has_dtype_ = true;
    if (found->dtype() != dtype_) {
      complain(fmt::format("{} is {}, others {}", name, name_of(found->dtype()), name_of(dtype_)));
    }
    if (shape.empty()) return *found;
    if (found->shape().rank() != 2 || found->shape()[1] != shape[1]) {
      complain(fmt::format("{} is {}, not [T, {}]", name, found->shape().text(), shape[1]));
      return *found;
    }
    if (steps_ < 0) steps_ = found->shape()[0];
    if (steps_ == 0) complain(fmt::format("{} has no steps", name));
    if (found->shape()[0] != steps_) {
      complain(fmt::format("{} has {} steps, others {}", name, found->shape()[0], steps_));
    }
    return *found;
  }

  void read_lr(std::vector<double>& lr) {
    const Tensor* found = find(file_, "lr");
    if (found == nullptr) return;
    if (found->dtype() != DType::kFloat64 || found->shape().rank() != 1 ||
        found->size() != steps_) {
      return complain(fmt::format("lr is {} {}, not float64 [{}]", name_of(found->dtype()),
                                  found->shape().text(), std::max<int64_t>(steps_, 0)));
    }
    lr = found->to_vector();
    for (size_t i = 0; i < lr.size(); ++i) {
      if (!(lr[i] >= 0) || std::isinf(lr[i])) {
        return complain(fmt::format("lr of step {} is {}", i + 1, lr[i]));
      }
    }
  }

  std::filesystem::path path_;
  TensorFile file_;
  std::string wrong_;
  DType dtype_ = DType::kFloat32;
  bool has_dtype_ = false;
  int64_t steps_ = -1;
};

// ---- the steps ----

void copy_row(const Tensor& from, int64_t from_row, const Tensor& to, int64_t to_row) {
  const size_t bytes =
      bytes_of(from).size() / size_t(from.shape().rank() == 1 ? 1 : from.shape()[0]);
  std::copy_n(bytes_of(from).data() + size_t(from_row) * bytes, bytes,
              bytes_of(to).data() + size_t(to_row) * bytes);
}

// One track: the memory that the optimizer works on, and what it has computed so far.
struct Course {
  Tensor value, gradient, values;
  std::vector<std::pair<std::string, Tensor>> slots;  // of every step
  std::map<std::string, double> initial;              // of the slots
};

Parameter view(const std::string& name, const Course& course) {
  return {name,
          course.value.shape().vector(),
          course.value.dtype(),
          size_t(course.value.size()),
          bytes_of(course.value).data(),
          bytes_of(course.gradient).data()};
}

double first_of(const StateEntry& entry) {
  if (entry.size == 0) return 0;
  return entry.dtype == DType::kFloat64 ? *static_cast<const double*>(entry.data)
                                        : double(*static_cast<const float*>(entry.data));
}

std::vector<Course> run(const Recording& recording, OptimizerSpec spec) {
  if (!recording.lr.empty() && !spec.engine.schedule.starts_with("inverse_time")) {
    spec.engine.schedule = "constant";
  }
  const int64_t steps = recording.steps();
  Optimizer optimizer(spec);
  std::vector<Course> courses;
  for (const Recording::Track& track : recording.tracks) {
    const int64_t n = track.start.size();
    const Tensor start = track.start.clone();
    courses.push_back({start,
                       Tensor::zeros({n}, start.dtype()),
                       Tensor::zeros({steps, n}, start.dtype()),
                       {},
                       {}});
    optimizer.add(view(track.name, courses.back()));
  }
  const auto course_of = [&](const StateEntry& entry) -> Course& {
    const auto track =
        std::ranges::find(recording.tracks, entry.parameter, &Recording::Track::name);
    return courses[size_t(track - recording.tracks.begin())];
  };
  for (const StateEntry& entry : optimizer.state().entries) {
    Course& course = course_of(entry);
    course.slots.emplace_back(entry.slot, Tensor::zeros(course.values.shape(), entry.dtype));
    course.initial[entry.slot] = first_of(entry);
  }
  for (int64_t t = 0; t < steps; ++t) {
    for (size_t i = 0; i < courses.size(); ++i) {
      copy_row(recording.tracks[i].gradients, t, courses[i].gradient, 0);
    }
    if (!recording.lr.empty()) optimizer.set_lr(recording.lr[size_t(t)]);
    optimizer.step();
    for (const Course& course : courses) copy_row(course.value, 0, course.values, t);
    for (const StateEntry& entry : optimizer.state().entries) {
      for (const auto& [slot, rows] : course_of(entry).slots) {
        if (slot != entry.slot) continue;
        const size_t bytes = entry.size * size_of(entry.dtype);
        std::copy_n(static_cast<const char*>(entry.data), bytes,
                    bytes_of(rows).data() + size_t(t) * bytes);
      }
    }
  }
  return courses;
}

// ---- the comparison ----

// One element over all steps: its start, and rows a and b.
double travel_of(std::span<const double> column, double start) {
  double travel = 0;
  for (const double x : column) {
    if (std::isfinite(x - start)) travel += std::fabs(x - start);
    start = x;
  }
  return travel;
}

double size_of(std::span<const double> column, double start) {
  double size = std::isfinite(start) ? std::fabs(start) : 0;
  for (const double x : column) {
    if (std::isfinite(x)) size = std::max(size, std::fabs(x));
  }
  return size;
}

double distance(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return 0;
  return std::isfinite(a) && std::isfinite(b) ? std::fabs(a - b) : kInfinity;
}

Difference compare(const std::string& name, const Tensor& ours, const Tensor& theirs,
                   std::span<const double> starts, double tolerance) {
  const bool single = ours.dtype() == DType::kFloat32;
  const double epsilon = single ? 0x1p-23 : 0x1p-52, least = single ? 0x1p-126 : 0x1p-1022;
  const std::vector<double> a = ours.to_vector(), b = theirs.to_vector();
  const size_t n = starts.size(), steps = n == 0 ? 0 : a.size() / n;
  Difference difference{.tensor = name};
  std::vector<double> column(steps);
  for (size_t j = 0; j < n; ++j) {
    for (size_t t = 0; t < steps; ++t) column[t] = b[t * n + j];
    const double travel = travel_of(column, starts[j]);
    const double rounding = std::max(least, double(steps) * epsilon * size_of(column, starts[j]));
    for (size_t t = 0; t < steps; ++t) {
      const double beyond = distance(a[t * n + j], column[t]) - rounding;
      if (!(beyond > 0)) continue;
      const double share = travel > 0 ? beyond / travel : kInfinity;
      const auto step = int64_t(t + 1);
      if (share > difference.largest) difference.largest = share, difference.largest_step = step;
      if (share > tolerance && (difference.first_beyond == 0 || step < difference.first_beyond)) {
        difference.first_beyond = step;
      }
    }
  }
  return difference;
}

void compare_track(const Recording::Track& track, const Course& course, double tolerance,
                   std::vector<Difference>& list) {
  const std::vector<double> starts = track.start.to_vector();
  list.push_back(
      compare(full_name(track.name, "p"), course.values, track.values, starts, tolerance));
  for (const auto& [slot, theirs] : track.slots) {
    const auto ours = std::ranges::find(course.slots, slot, &std::pair<std::string, Tensor>::first);
    const std::string name = full_name(track.name, slot);
    if (ours == course.slots.end()) {
      list.push_back({.tensor = name, .compared = false});
      continue;
    }
    const std::vector<double> initial(starts.size(), course.initial.at(slot));
    list.push_back(compare(name, ours->second, theirs, initial, tolerance));
  }
}

}  // namespace

int64_t Recording::steps() const { return tracks.front().values.shape()[0]; }
DType Recording::dtype() const { return tracks.front().start.dtype(); }

Recording read_recording(const std::filesystem::path& path) { return Reader(path).read(); }

bool Replay::agrees() const {
  return std::ranges::all_of(differences, [](const auto& d) { return d.first_beyond == 0; });
}

double default_tolerance(DType dtype) { return dtype == DType::kFloat64 ? 1e-9 : 1e-4; }

Replay replay(const Recording& recording, const OptimizerSpec& spec, double tolerance) {
  const std::vector<Course> courses = run(recording, spec);
  Replay result;
  result.computed.metadata = {{"optimizer", spec.text()}, {"ravine", version()}};
  for (size_t i = 0; i < courses.size(); ++i) {
    const Recording::Track& track = recording.tracks[i];
    compare_track(track, courses[i], tolerance, result.differences);
    result.computed.tensors.emplace_back(full_name(track.name, "p"), courses[i].values);
    for (const auto& [slot, values] : courses[i].slots) {
      result.computed.tensors.emplace_back(full_name(track.name, slot), values);
    }
  }
  return result;
}

Replay replay(const Recording& recording, const OptimizerSpec& spec) {
  return replay(recording, spec, default_tolerance(recording.dtype()));
}

}  // namespace ravine
