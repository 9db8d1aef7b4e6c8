// Predictions of a file, a line an example.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/file.h"
#include "base/json.h"
#include "ravine/error.h"
#include "ravine/run.h"
#include "train/loss.h"

namespace ravine {
namespace {

constexpr int64_t kBatch = 1000;  // examples; results do not depend on it

// As a field of CSV.
std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == text.npos) return text;
  std::string result = "\"";
  for (const char c : text) result += c == '"' ? "\"\"" : std::string(1, c);
  return result + '"';
}

class Lines {
 public:
  Lines(const LoadedRun& run, const Loss& loss, const PredictOptions& options)
      : options_(options), probability_(loss.probabilities) {
    const Preparation* const preparation = run.preparation.get();
    if (preparation && preparation->regression()) {
      offset_ = preparation->label().offset, scale_ = preparation->label().scale;
      if (!options.probabilities) return;
      throw UsageError("predict: the run is a regression, which has no probabilities");
    }
    if (options.probabilities && !loss.probabilities) {
      throw UsageError(
          fmt::format("predict: the run was trained with {}, whose outputs are no probabilities; "
                      "cross_entropy gives them",
                      loss.name));
    }
    classes_ = preparation ? preparation->label().values : dataset_classes(run.config.data);
    for (const std::string& name : classes_) {
      csv_.push_back(quoted(name)), json_.push_back(json_text(name, NotUtf8::kThrows));
    }
  }

  bool has_classes() const { return !classes_.empty(); }
  int64_t width() const { return has_classes() ? int64_t(classes_.size()) : 1; }

  // `values`: what the model says of each class, or its number.
  void add(std::span<const float> values, std::string& text) const {
    if (!has_classes()) {
      const float number = float(offset_ + scale_ * double(values[0]));
      text += options_.json ? fmt::format("{{\"prediction\": {}}}\n", number)
                            : fmt::format("{}\n", number);
      return;
    }
    const size_t best = size_t(std::ranges::max_element(values) - values.begin());
    if (options_.json) {
      add_json(values, best, text);
      return;
    }
    text += csv_[best];
    for (size_t i = 0; options_.probabilities && i < values.size(); ++i) {
      text += fmt::format(",{}", values[i]);
    }
    text += '\n';
  }

 private:
  void add_json(std::span<const float> values, size_t best, std::string& text) const {
    text += fmt::format("{{\"prediction\": {}", json_[best]);
    if (probability_) text += fmt::format(", \"probability\": {}", values[best]);
    for (size_t i = 0; options_.probabilities && i < values.size(); ++i) {
      text +=
          fmt::format("{}{}: {}", i == 0 ? ", \"probabilities\": {" : ", ", json_[i], values[i]);
    }
    text += options_.probabilities ? "}}\n" : "}\n";
  }

  const PredictOptions& options_;
  bool probability_;
  std::vector<std::string> classes_, csv_, json_;
  double offset_ = 0, scale_ = 1;
};

void check_fits(const Model& model, const Tensor& x, const std::filesystem::path& file) {
  const int64_t width = x.size() / x.shape()[0];
  if (width == model.input().size()) return;
  throw Error(fmt::format(
      "{}: {}, and the model takes {}", path_text(file),
      x.shape().rank() == 1
          ? std::string("it holds labels")
          : fmt::format("its examples are {}", Shape(std::span(x.shape()).subspan(1)).text()),
      model.input().text()));
}

}  // namespace

int64_t predict_file(const LoadedRun& run, const std::filesystem::path& file,
                     const PredictOptions& options) {
  const bool labels = !run.preparation || !run.preparation->regression();
  const Loss& loss = find_loss(run.config.loss, labels);
  const Lines lines(run, loss, options);
  if (run.model.output().size() != lines.width()) {
    throw Error(fmt::format("the model has {} outputs, and the run's data {}",
                            run.model.output().size(), lines.width()));
  }
  auto preparation = run.preparation;
  if (preparation && options.missing == "mean") {
    Preparation filling = *preparation;
    filling.missing = "mean";
    preparation = std::make_shared<const Preparation>(std::move(filling));
  }
  if (preparation && is_idx(file)) {
    throw UsageError(fmt::format("predict: the run was trained on a table, and {} is an IDX file",
                                 path_text(file)));
  }
  if (!preparation && !is_idx(file)) {
    throw UsageError(fmt::format("predict: the run was trained on images, and {} is no IDX file",
                                 path_text(file)));
  }
  ExampleStream stream(file, preparation,
                       {.separator = options.separator, .header = options.header});
  std::optional<OutputFile> out;
  if (!options.out.empty()) out.emplace(options.out);
  int64_t count = 0;
  for (Tensor x; (x = stream.next(kBatch)).defined();) {
    if (options.stop != nullptr && *options.stop) return count;  // what is in `out` goes
    check_fits(run.model, x, file);
    const Tensor y = loss.prediction(run.model.predict(x));
    std::string text;
    const std::span<const float> values = y.values<float>();
    for (size_t i = 0; i < values.size(); i += size_t(lines.width())) {
      lines.add(values.subspan(i, size_t(lines.width())), text);
    }
    count += x.shape()[0];
    if (out)
      out->write(text);
    else
      options.write(text);
  }
  if (out) out->finish();
  return count;
}

}  // namespace ravine
