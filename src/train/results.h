// results.json of the run folder: what a training leaves behind besides numbers an epoch, so that a
// report needs neither the data nor the model (docs/run-folder.md).
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "ravine/run.h"
#include "train/loss.h"

namespace ravine {

// The training loss of single batches, in at most kMost points of `batches` batches each, however
// long the training is.
struct RunningLoss {
  static constexpr size_t kMost = 256;
  struct Point {
    int64_t step;  // of its last batch
    double mean, low, high;
  };
  int64_t batches = 1;
  std::vector<Point> points;
};

// Adds batch after batch; allocates at its start only.
class RunningLossMeter {
 public:
  RunningLossMeter() { loss_.points.reserve(RunningLoss::kMost); }
  void add(int64_t step, double loss);
  RunningLoss loss() const;  // with the point that is not complete

 private:
  void halve();

  RunningLoss loss_;
  RunningLoss::Point open_{};  // mean: the sum so far
  int64_t count_ = 0;          // batches in it
};

// An example whose label the model gets wrong.
struct Mistake {
  int64_t example;  // its number in the set, from 0
  int64_t label, predicted;
  double score, label_score;  // outputs for the two: probabilities, but for mean_squared_error
  std::vector<uint8_t> pixels = {};  // of an image
};

// A target and what the model says.
struct Residual {
  int64_t example, output;    // numbers, from 0
  double target, prediction;  // in the unit of the label
};

// The trained model, seen on examples that it was not trained on, where there are any.
struct Examined {
  std::string set;  // "test", "validation" or "train"
  int64_t examples = 0;
  // Classification:
  std::vector<std::array<int64_t, 3>> confusion;  // label, predicted, count > 0; in order
  std::vector<Mistake> mistakes;                  // those of highest score, highest first
  std::vector<int64_t> image;                     // rows, columns; empty: no images
  // Regression:
  std::vector<Residual> sample;  // evenly over the set
  std::vector<Residual> worst;   // largest difference first
};

struct Results {
  std::string version, isa;                     // of Ravine, and what its kernels ran on
  std::string data;                             // name of the set
  int64_t train = 0, validation = 0, test = 0;  // examples
  std::string label;                            // its name, where it has one
  double target_scale = 1;                      // 1 in the loss's targets, in the unit of the label
  std::vector<std::string> classes;             // names; none: regression
  std::vector<int64_t> input;                   // shape of an example
  std::vector<LayerSummary> layers;
  std::string ended;    // History::stopped, or "failed"; "": not yet
  std::string error;    // why it failed
  int64_t skipped = 0;  // updates
  RunningLoss running_loss;
  Examined examined;
};

// What is known before training.
Results begin_results(const Model& model, const Dataset& train, const Dataset& validation,
                      const Dataset& test);
Examined examine(const Model& model, const Dataset& data, std::string_view set, const Loss& loss);

std::string results_json(const Results& results);
// Throws Error that names the file: it is missing, or not what results_json() writes.
Results read_results(const std::filesystem::path& path);

}  // namespace ravine
