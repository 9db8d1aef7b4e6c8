// One epoch of training against the matrix products that it needs, run by oneDNN alone.
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <dnnl.hpp>
#include <unordered_map>

#include "base/pool.h"
#include "bench/harness.h"
#include "ravine/runtime.h"
#include "ravine/train.h"

namespace ravine::bench {
namespace {

constexpr int64_t kExamples = 60'000;
constexpr int kWarmUp = 2;  // epochs before the first pair

struct Network {
  const char *name, *model, *optimizer;
  int64_t batch;
  std::vector<int64_t> widths;
  // Of an epoch: every dense layer forward, the gradient of its weights, and, but for the first,
  // that of its input.
  double flop() const {
    double sum = 0;
    for (size_t i = 0; i + 1 < widths.size(); ++i) {
      sum += 2.0 * double(widths[i] * widths[i + 1]) * (i == 0 ? 2 : 3);
    }
    return sum * kExamples;
  }
};

std::vector<Network> networks() {
  return {{"784-128-dropout-10",
           "dense(128) relu dropout(0.2) dense(10)",
           "rmsprop:keras2,lr=1e-3,decay=1e-6",
           128,
           {784, 128, 10}},
          {"784-512-256-10",
           "dense(512) relu dense(256) relu dense(10)",
           "rmsprop,lr=1e-3,alpha=0.9",
           64,
           {784, 512, 256, 10}}};
}

// A row-major matrix of ones, read as it lies or transposed.
struct Matrix {
  Matrix(int64_t rows, int64_t columns)
      : rows(rows), columns(columns), values(size_t(rows * columns)) {
    std::fill(values.begin(), values.end(), 1.0f);
  }
  dnnl::memory as_it_lies(const dnnl::engine& engine) const {
    return {{{rows, columns}, dnnl::memory::data_type::f32, {columns, 1}}, engine, values.data()};
  }
  dnnl::memory transposed(const dnnl::engine& engine) const {
    return {{{columns, rows}, dnnl::memory::data_type::f32, {1, columns}}, engine, values.data()};
  }
  int64_t rows, columns;
  Buffer<float> values;
};

// All products of one step with `n` examples.
class Products {
 public:
  Products(const std::vector<int64_t>& widths, int64_t n) {
    for (int64_t width : widths) {
      activations_.emplace_back(n, width);
      gradients_.emplace_back(n, width);
    }
    for (size_t i = 0; i + 1 < widths.size(); ++i) {
      weights_.emplace_back(widths[i + 1], widths[i]);
      weight_gradients_.emplace_back(widths[i + 1], widths[i]);
    }
    for (size_t i = 0; i < weights_.size(); ++i) {
      add(activations_[i].as_it_lies(engine_), weights_[i].transposed(engine_),
          activations_[i + 1].as_it_lies(engine_));
    }
    for (size_t i = weights_.size(); i-- > 0;) {
      add(gradients_[i + 1].transposed(engine_), activations_[i].as_it_lies(engine_),
          weight_gradients_[i].as_it_lies(engine_));
      if (i == 0) continue;
      add(gradients_[i + 1].as_it_lies(engine_), weights_[i].as_it_lies(engine_),
          gradients_[i].as_it_lies(engine_));
    }
  }

  void run() {
    for (auto& [product, arguments] : products_) product.execute(stream_, arguments);
    stream_.wait();
  }

 private:
  void add(const dnnl::memory& a, const dnnl::memory& b, const dnnl::memory& c) {
#if DNNL_VERSION_MAJOR >= 3
    const dnnl::matmul::primitive_desc description(engine_, a.get_desc(), b.get_desc(),
                                                   c.get_desc());
#else
    const dnnl::matmul::primitive_desc description({a.get_desc(), b.get_desc(), c.get_desc()},
                                                   engine_);
#endif
    products_.emplace_back(dnnl::matmul(description),
                           std::unordered_map<int, dnnl::memory>{
                               {DNNL_ARG_SRC, a}, {DNNL_ARG_WEIGHTS, b}, {DNNL_ARG_DST, c}});
  }

  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  std::vector<Matrix> activations_, gradients_, weights_, weight_gradients_;
  std::vector<std::pair<dnnl::matmul, std::unordered_map<int, dnnl::memory>>> products_;
};

// The products of an epoch, with oneDNN's own threads.
class EpochOfProducts {
 public:
  EpochOfProducts(const Network& network, int threads)
      : threads_(threads), whole_(kExamples / network.batch) {
    const int before = omp_get_max_threads();
    omp_set_num_threads(threads);
    batch_ = std::make_unique<Products>(network.widths, network.batch);
    const int64_t rest = kExamples % network.batch;
    if (rest > 0) rest_ = std::make_unique<Products>(network.widths, rest);
    omp_set_num_threads(before);
  }
  void run() const {
    const int before = omp_get_max_threads();
    omp_set_num_threads(threads_);
    for (int64_t i = 0; i < whole_; ++i) batch_->run();
    if (rest_) rest_->run();
    omp_set_num_threads(before);
  }

 private:
  int threads_;
  int64_t whole_;
  std::unique_ptr<Products> batch_, rest_;
};

// MNIST where RAVINE_DATA holds it, else the built-in digits over and over: as many, as large.
Dataset examples() {
  const char* root = std::getenv("RAVINE_DATA");
  if (root != nullptr) return load_data("mnist", {.root = root}).train;
  const Dataset digits = load_data("digits").train;
  std::vector<uint32_t> indices(kExamples);
  for (size_t i = 0; i < indices.size(); ++i) indices[i] = uint32_t(i % digits.size());
  return digits.select(indices);
}

// Trains, and after each epoch runs its products: a pair.
EpochResult measure_epoch(const Network& network, const Dataset& data, int threads, int pairs) {
  using Clock = std::chrono::steady_clock;
  set_threads(threads);
  const EpochOfProducts products(network, threads);
  std::vector<double> ratios, times;
  auto begin = Clock::now();
  Callback callback;
  callback.on_epoch = [&](const EpochRecord& record) {
    const double epoch = std::chrono::duration<double>(Clock::now() - begin).count();
    const double alone = seconds([&] { products.run(); });
    if (record.epoch > kWarmUp) ratios.push_back(epoch / alone), times.push_back(epoch);
    begin = Clock::now();
  };
  Model model(network.model, {.input = data.example(), .outputs = data.classes()});
  fit(model, data, {},
      {.optimizer = network.optimizer,
       .epochs = pairs + kWarmUp,
       .batch = network.batch,
       .callbacks = {callback}});

  EpochResult result{.name = network.name, .threads = threads, .ratio = spread(ratios)};
  result.seconds = spread(times).median;
  result.peak_gflop_s = peak_gflop_s();
  result.flop_share = network.flop() / result.seconds * 1e-9 / result.peak_gflop_s;
  return result;
}

}  // namespace

void run_epochs(const Selection& selection, const std::function<void(const EpochResult&)>& report) {
  const Dataset data = examples();
  for (const Network& network : networks()) {
    if (!selection.takes(network.name)) continue;
    for (int threads : selection.threads) {
      report(measure_epoch(network, data, threads, selection.pairs));
    }
  }
}

}  // namespace ravine::bench
