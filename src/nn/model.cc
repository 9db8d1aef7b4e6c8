#include <fmt/format.h>

#include <cstring>

#include "base/memory.h"
#include "base/text.h"
#include "nn/penalty.h"
#include "nn/plan.h"
#include "ravine/error.h"
#include "ravine/nn.h"
#include "tensor/body.h"

namespace ravine {
namespace {

constexpr size_t kAlignment = 64;  // bytes; of each parameter in the flat buffers

size_t padded_bytes(const Shape& shape, DType dtype) {
  return (size_t(shape.size()) * size_of(dtype) + kAlignment - 1) / kAlignment * kAlignment;
}

void refuse_if_too_large(const ModelPlan& plan, const ModelOptions& options) {
  const double needed = bytes_of(plan, options, 1, 0), available = available_memory();
  if (needed > available) {
    throw UsageError(
        fmt::format("model: '{}' needs {:.0f} bytes to train, and {:.0f} are "
                    "available; use fewer units",
                    plan.spec, needed, available));
  }
}

}  // namespace

struct Model::Body {
  ModelOptions options;
  ModelPlan plan;
  Tensor values, gradients;             // flat
  std::vector<std::string> names;       // of the parameters: "0.weight"
  std::vector<Tensor> leaves;           // the parameters
  std::vector<Tensor> weights;          // those that are penalized
  std::vector<size_t> first_parameter;  // of each layer, in `leaves`; one more at the end
  bool training = true;
  uint64_t dropout_seed = 0, dropout_step = 0;

  void allocate();
  void initialize_parameters();
  Tensor as_input(const Tensor& x) const;
  Tensor forward(const Tensor& x, const Pass& pass) const;
};

void Model::Body::allocate() {
  size_t bytes = 0;
  for (const PlannedLayer& layer : plan.layers) {
    for (const ParameterPlan& p : layer.parameters) bytes += padded_bytes(p.shape, options.dtype);
  }
  const Shape flat{int64_t(bytes / size_of(options.dtype))};
  values = Tensor::zeros(flat, options.dtype);
  gradients = Tensor::zeros(flat, options.dtype);
  const auto owner = std::make_shared<std::pair<Tensor, Tensor>>(values, gradients);
  size_t at = 0;
  for (size_t i = 0; i < plan.layers.size(); ++i) {
    first_parameter.push_back(leaves.size());
    for (const ParameterPlan& p : plan.layers[i].parameters) {
      const auto place = [&](const Tensor& buffer) {
        return static_cast<std::byte*>(buffer.body()->data) + at;
      };
      leaves.push_back(leaf_view(p.shape, options.dtype, place(values), place(gradients), owner));
      names.push_back(fmt::format("{}.{}", i, p.name));
      if (p.penalized) weights.push_back(leaves.back());
      at += padded_bytes(p.shape, options.dtype);
    }
  }
  first_parameter.push_back(leaves.size());
}

// A stream a parameter: its values depend on the seed and its place, not on the other layers.
void Model::Body::initialize_parameters() {
  for (size_t i = 0; i < plan.layers.size(); ++i) {
    const auto& parameters = plan.layers[i].parameters;
    for (size_t j = 0; j < parameters.size(); ++j) {
      Random random(derive_seed(options.seed, i), j);
      const ParameterPlan& p = parameters[j];
      p.initializer.fill(leaves[first_parameter[i] + j], p.fan_in, p.fan_out, random);
    }
  }
}

// x [n, input...]; other dimensions with as many numbers an example are taken as that.
Tensor Model::Body::as_input(const Tensor& x) const {
  const Shape& shape = checked(x).shape;
  const Shape& input = options.input;
  const auto fits = [&] {
    if (shape.rank() == 0 || shape.size() != shape[0] * input.size()) return false;
    return shape[0] > 0 || Shape(std::span(shape.begin() + 1, shape.end())) == input;
  };
  if (x.dtype() != options.dtype || !fits()) {
    throw Error(
        fmt::format("model: takes {} examples of shape {}, got {} {}; the first dimension "
                    "counts the examples",
                    name_of(options.dtype), input.text(), name_of(x.dtype()), shape.text()));
  }
  if (std::equal(shape.begin() + 1, shape.end(), input.begin(), input.end())) return x;
  std::vector<int64_t> dims{shape[0]};
  dims.insert(dims.end(), input.begin(), input.end());
  return x.reshape(Shape(std::span<const int64_t>(dims)));
}

Tensor Model::Body::forward(const Tensor& x, const Pass& pass) const {
  Tensor y = as_input(x);
  for (size_t i = 0; i < plan.layers.size(); ++i) {
    const std::span<const Tensor> own(leaves.data() + first_parameter[i],
                                      leaves.data() + first_parameter[i + 1]);
    y = plan.layers[i].layer->forward(y, {own, pass, i});
    if (pass.each != nullptr) (*pass.each)(i, y);
  }
  return y;
}

Model::Model(std::string_view spec, const ModelOptions& options)
    : body_(new Body{options, plan_model(spec, options)}) {
  refuse_if_too_large(body_->plan, options);
  body_->allocate();
  body_->initialize_parameters();
  body_->dropout_seed = options.seed;
}

Model::~Model() = default;
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;

Tensor Model::operator()(const Tensor& x) {
  Body& b = *body_;
  return b.forward(x, {b.training, b.dropout_seed, b.training ? b.dropout_step++ : 0});
}

Tensor Model::forward(const Tensor& x, const Pass& pass) const { return body_->forward(x, pass); }

Tensor Model::predict(const Tensor& x) const {
  const NoGrad no_grad;
  return body_->forward(x, {});
}

void Model::train(bool training) { body_->training = training; }
bool Model::training() const { return body_->training; }

void Model::seed_dropout(uint64_t seed, uint64_t step) {
  body_->dropout_seed = seed;
  body_->dropout_step = step;
}

std::vector<Parameter> Model::parameters() const {
  std::vector<Parameter> list;
  for (size_t i = 0; i < body_->leaves.size(); ++i) {
    list.push_back(body_->leaves[i].as_parameter(body_->names[i]));
  }
  return list;
}

Tensor Model::parameter(std::string_view name) const {
  const std::vector<std::string>& names = body_->names;
  for (size_t i = 0; i < names.size(); ++i) {
    if (name == names[i]) return body_->leaves[i];
  }
  throw UsageError(fmt::format("model: no parameter '{}'{} (it has {})", name,
                               suggestion(name, names), join(names, ", ")));
}

void Model::zero_grad() {
  std::memset(body_->gradients.body()->data, 0, body_->gradients.body()->bytes());
  for (const Tensor& leaf : body_->leaves) renew_grad(leaf);
}

int64_t Model::parameter_count() const {
  int64_t count = 0;
  for (const Tensor& leaf : body_->leaves) count += leaf.size();
  return count;
}

Tensor Model::penalty(double l1, double l2) const {
  return ravine::penalty(body_->weights, l1, l2);
}

const std::string& Model::spec() const { return body_->plan.spec; }
bool Model::output_added() const { return body_->plan.output_added; }
const Shape& Model::input() const { return body_->options.input; }
const Shape& Model::output() const { return body_->plan.output(); }

std::vector<LayerSummary> Model::summary() const {
  std::vector<LayerSummary> lines;
  for (size_t i = 0; i < body_->plan.layers.size(); ++i) {
    const PlannedLayer& layer = body_->plan.layers[i];
    int64_t count = 0;
    for (const ParameterPlan& p : layer.parameters) count += p.shape.size();
    lines.push_back({fmt::format("{}", i), layer.spec, layer.output, count});
  }
  return lines;
}

double Model::bytes_needed(std::string_view spec, const ModelOptions& options, int64_t batch,
                           int64_t slots) {
  return bytes_of(plan_model(spec, options), options, batch, slots);
}

}  // namespace ravine
