// Models: layers in order, their parameters in one flat buffer.
#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ravine/ops.h"
#include "ravine/option.h"
#include "ravine/parameter.h"
#include "ravine/random.h"
#include "ravine/tensor.h"

namespace ravine {

struct ModelOptions {
  Shape input = {784};            // of one example
  int64_t outputs = 0;            // width of the output; 0: whatever the last layer gives
  uint64_t seed = 0;              // of the initial parameters, and of dropout in operator()
  DType dtype = DType::kFloat32;  // kFloat64 for checks
};

// One forward pass: what layers need beside their input.
struct Pass {
  bool training = false;
  uint64_t seed = 0, step = 0;  // dropout's random stream
  // If not null, it is told each layer's number, from 0, and output.
  const std::function<void(size_t, const Tensor&)>* each = nullptr;
};

// One line of Model::summary(): "0  dense(128)  [128]  100,480".
struct LayerSummary {
  std::string name, spec;
  Shape output;        // of one example
  int64_t parameters;  // how many numbers are trained in it
};

// A model in the grammar of layers (docs/models.md):
//
//   Model model("dense(128) relu dropout(0.2) dense(10)", {.input = {28, 28}, .seed = 1});
//   Tensor loss = cross_entropy(model(x), labels);
//   loss.backward();
//
// With `outputs`, a last `dense(outputs)`, with or without `softmax` after it, is the output; else
// one is added. Presets: `softmax` (dense(outputs) alone) and `mlp` (dense(128) relu dropout(0.2)).
// The output of a trained classifier is logits: a final `softmax` is dropped, since the loss
// contains it, and ravine::predict(model, data, true) applies it.
// Throws UsageError: unknown layer or option, bad value, shapes that do not fit, or a model that
// cannot fit in memory, with the bytes it would need.
class Model {
 public:
  explicit Model(std::string_view spec, const ModelOptions& options = {});
  ~Model();
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;

  // x [n, input...] -> [n, outputs]. Records for backward(). In training mode each call is another
  // step of dropout's stream.
  Tensor operator()(const Tensor& x);
  Tensor forward(const Tensor& x, const Pass& pass) const;
  // Records nothing, drops nothing. Several threads may call it at once.
  Tensor predict(const Tensor& x) const;

  void train(bool training = true);  // mode of operator(); a new model is in training mode
  bool training() const;
  void seed_dropout(uint64_t seed, uint64_t step = 0);  // as a model of that seed after so many

  // In layer order: "0.weight" [out, in], "0.bias" [out]. Views into one flat buffer, gradients in
  // a second; the memory lives as long as the model and its copies of tensors.
  std::vector<Parameter> parameters() const;
  Tensor parameter(std::string_view name) const;  // the leaf; throws UsageError if there is none
  void zero_grad();
  int64_t parameter_count() const;

  // x/2 sum w^2 and x sum |w| over weights, not biases: add to the loss. Undefined tensors when
  // both are 0.
  Tensor penalty(double l1, double l2) const;

  const std::string& spec() const;  // as effective: "dense(128) relu dropout(0.2) dense(10)"
  bool output_added() const;        // whether the last layer was added to what was asked for
  const Shape& input() const;
  const Shape& output() const;
  std::vector<LayerSummary> summary() const;
  // Bytes that training with batches of `batch` needs for parameters, gradients, activations and
  // `slots` optimizer slots.
  static double bytes_needed(std::string_view spec, const ModelOptions& options, int64_t batch,
                             int64_t slots = 1);

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

// What a layer or an initialiser is called and takes: for help and docs.
struct LayerHelp {
  std::string name, usage, help;  // "dropout", "dropout(rate)", "in training, ..."
  std::vector<OptionHelp> options;
};
std::vector<LayerHelp> layer_help();
std::vector<LayerHelp> initializer_help();

// ---- initialisers: fill `values` of a parameter with fan_in inputs and fan_out outputs ----
// "glorot_uniform" (the default of dense), "glorot_normal", "he_uniform", "he_normal",
// "lecun_uniform", "lecun_normal", "uniform(low,high)", "normal(mean,deviation)",
// "constant(value)".
void initialize(std::string_view initializer, const Tensor& values, int64_t fan_in, int64_t fan_out,
                Random& random);

}  // namespace ravine
