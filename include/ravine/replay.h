// Recordings of an optimizer at work, of any framework, and the same steps done by Ravine.
//
//   const Recording theirs = read_recording("steps.safetensors");
//   const Replay ours = replay(theirs, "rmsprop:torch,lr=0.01,momentum=0.9");
//   const bool same = ours.agrees();  // ours.differences says where they are not
//
// docs/parity.md has recorders for other frameworks.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ravine/optimizer.h"
#include "ravine/safetensors.h"
#include "ravine/tensor.h"

namespace ravine {

// Parameters that an optimizer moved in T steps; all tensors are float32, or all are float64.
struct Recording {
  struct Track {
    std::string name;  // "" where there is one parameter without a name
    Tensor start;      // p0 [n]
    Tensor gradients;  // g [T, n]
    Tensor values;     // p [T, n], after each step
    std::vector<std::pair<std::string, Tensor>> slots;  // [T, n] each, under Ravine's names
  };
  std::vector<Track> tracks;
  std::vector<double> lr;  // of each step, or empty
  std::map<std::string, std::string> metadata;

  int64_t steps() const;
  DType dtype() const;
};

// Reads p0, g, p, slots and lr; of several parameters <name>.p0 and so on.
// Throws Error that names every tensor that is missing or has another shape or dtype.
Recording read_recording(const std::filesystem::path& path);

// How far a tensor's columns, an element's course each, are from the recorded ones.
struct Difference {
  std::string tensor;        // "p", "velocity", "layer.p"
  bool compared = true;      // false: a slot that the optimizer does not keep
  double largest = 0;        // in units of the column's travel; infinite: NaN or Inf on one side
  int64_t largest_step = 0;  // from 1; 0: there is none
  int64_t first_beyond = 0;  // the first step beyond the tolerance; 0: there is none
};

struct Replay {
  std::vector<Difference> differences;
  TensorFile computed;  // p and every slot, named as in the recording's file
  bool agrees() const;
};

// The default tolerance: 1e-4 in float32, 1e-9 in float64.
double default_tolerance(DType dtype);

// Repeats the recorded steps, in the dtype of the recording. Its lr replaces the spec's, scheduled
// or not, but a schedule inverse_time, Keras 2's decay, still applies.
//
// A difference is |ours - theirs| / travel, where travel is the sum of |steps| of the recorded
// column. T units in the last place of the column's size are not counted, nor what is below the
// smallest normal number, which Ravine's slots hold as zero.
Replay replay(const Recording& recording, const OptimizerSpec& spec, double tolerance);
Replay replay(const Recording& recording, const OptimizerSpec& spec);

}  // namespace ravine
