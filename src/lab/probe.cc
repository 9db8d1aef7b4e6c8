#include "lab/probe.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "base/team.h"
#include "base/text.h"
#include "lab/rates.h"

namespace ravine::lab {
namespace {

constexpr double kNearBound = 0.01;  // of the width between a sigmoid's or tanh's bounds

// Calls f with the parameter's values and gradient as arrays of their type.
template <class F>
void with_type(const Parameter& p, const F& f) {
  if (p.dtype == DType::kFloat32) {
    f(static_cast<const float*>(p.value), static_cast<const float*>(p.gradient));
  } else {
    f(static_cast<const double*>(p.value), static_cast<const double*>(p.gradient));
  }
}

double squared(double x) { return x * x; }

// Four sums side by side: one alone would wait for each addition.
template <class F>
double sum_between(size_t i, size_t end, const F& term) {
  double sums[4] = {};
  for (; i + 4 <= end; i += 4) {
    for (size_t k = 0; k < 4; ++k) sums[k] += term(i + k);
  }
  for (; i < end; ++i) sums[0] += term(i);
  return sums[0] + sums[1] + (sums[2] + sums[3]);
}

// By blocks, whose sums are added in their order: the same for any number of threads.
template <class F>
double sum_over(size_t n, const F& term) {
  constexpr size_t kBlock = 8192;
  std::vector<double> sums((n + kBlock - 1) / kBlock);
  parallel_for(sums.size(), [&](size_t i) {
    sums[i] = sum_between(i * kBlock, std::min(n, (i + 1) * kBlock), term);
  });
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

// Sums of squares by layer; the norms are their roots.
using Squares = std::vector<double>;

void take_roots(std::vector<LayerProbe>& layers, double LayerProbe::*norm, const Squares& squares,
                const std::vector<LayerSummary>& summary) {
  for (size_t i = 0; i < layers.size(); ++i) {
    if (summary[i].parameters > 0) layers[i].*norm = std::sqrt(squares[i]);
  }
}

template <class T>
double dead_share(std::span<const T> y, size_t units) {
  std::vector<char> alive(units);
  for (size_t i = 0; i < y.size(); i += units) {
    for (size_t j = 0; j < units; ++j) alive[j] |= char(y[i + j] > 0);
  }
  return double(std::ranges::count(alive, 0)) / double(units);
}

template <class T>
double saturated_share(std::span<const T> y, double low, double high) {
  const double margin = kNearBound * (high - low);
  const auto near = [&](T x) { return x < low + margin || x > high - margin; };
  return double(std::ranges::count_if(y, near)) / double(y.size());
}

template <class T>
void measure_output(const Tensor& tensor, const std::string& spec, LayerProbe& layer) {
  const std::span<const T> y = tensor.values<T>();
  const size_t units = y.size() / size_t(tensor.shape()[0]);
  const double n = double(y.size()), shift = double(y[0]);  // so that little cancels
  const double mean = sum_over(y.size(), [&](size_t i) { return double(y[i]) - shift; }) / n;
  const double square =
      sum_over(y.size(), [&](size_t i) { return squared(double(y[i]) - shift); }) / n;
  layer.mean = shift + mean;
  layer.deviation = std::sqrt(std::max(0.0, square - mean * mean));
  if (spec == "relu") layer.dead = dead_share(y, units);
  if (spec == "sigmoid") layer.saturated = saturated_share(y, 0, 1);
  if (spec == "tanh") layer.saturated = saturated_share(y, -1, 1);
}

}  // namespace

size_t layer_of(const Parameter& parameter) {
  return size_t(*parse_int(std::string_view(parameter.name).substr(0, parameter.name.find('.'))));
}

void Prober::before(const UpdateEvent& event) {
  if (layers_.empty()) layers_ = event.model.summary();
  probe_ = {.epoch = event.epoch, .step = event.step};
  probe_.layers.resize(layers_.size());
  const std::vector<Parameter> parameters = event.model.parameters();
  measure_gradients(parameters);
  measure_rates(event, parameters);
  measure_outputs(event.model);
  values_.resize(parameters.size());
  for (size_t i = 0; i < parameters.size(); ++i) {
    const Parameter& p = parameters[i];
    values_[i].resize(p.size * size_of(p.dtype));
    parallel_ranges(values_[i].size(), 1 << 16, [&](size_t begin, size_t end) {
      std::memcpy(&values_[i][begin], static_cast<const std::byte*>(p.value) + begin, end - begin);
    });
  }
}

Probe Prober::after(const UpdateEvent& event) {
  const std::vector<Parameter> parameters = event.model.parameters();
  Squares squares(layers_.size());
  for (size_t i = 0; i < parameters.size(); ++i) {
    const Parameter& p = parameters[i];
    with_type(p, [&]<class T>(const T* value, const T*) {
      const T* const before = reinterpret_cast<const T*>(values_[i].data());
      squares[layer_of(p)] +=
          sum_over(p.size, [&](size_t k) { return squared(double(value[k]) - double(before[k])); });
    });
  }
  take_roots(probe_.layers, &LayerProbe::update, squares, layers_);
  return std::move(probe_);
}

void Prober::measure_gradients(const std::vector<Parameter>& parameters) {
  Squares gradients(layers_.size()), values(layers_.size());
  for (const Parameter& p : parameters) {
    with_type(p, [&](const auto* value, const auto* gradient) {
      gradients[layer_of(p)] += sum_over(p.size, [&](size_t k) { return squared(gradient[k]); });
      values[layer_of(p)] += sum_over(p.size, [&](size_t k) { return squared(value[k]); });
    });
  }
  take_roots(probe_.layers, &LayerProbe::gradient, gradients, layers_);
  take_roots(probe_.layers, &LayerProbe::parameter, values, layers_);
}

void Prober::measure_rates(const UpdateEvent& event, const std::vector<Parameter>& parameters) {
  const std::vector<Rates> rates = effective_rates(event.optimizer, parameters, layers_.size());
  for (size_t i = 0; i < layers_.size(); ++i) {
    LayerProbe& layer = probe_.layers[i];
    layer.rate_low = rates[i].low, layer.rate = rates[i].median, layer.rate_high = rates[i].high;
    layer.eps = rates[i].eps;
  }
}

void Prober::measure_outputs(const Model& model) {
  const NoGrad no_grad;
  const TensorBody* before = nullptr;
  const std::function<void(size_t, const Tensor&)> each = [&](size_t i, const Tensor& y) {
    if (y.body() == before) {  // dropout hands on what it was given
      const LayerProbe& same = probe_.layers[i - 1];
      probe_.layers[i].mean = same.mean, probe_.layers[i].deviation = same.deviation;
      return;
    }
    before = y.body();
    if (y.dtype() == DType::kFloat32) {
      measure_output<float>(y, layers_[i].spec, probe_.layers[i]);
    } else {
      measure_output<double>(y, layers_[i].spec, probe_.layers[i]);
    }
  };
  (void)model.forward(examples_, {.each = &each});
}

}  // namespace ravine::lab
