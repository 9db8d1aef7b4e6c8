// The learning-rate range test: one training in which lr rises until the loss breaks.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/math.h"
#include "base/text.h"
#include "lab/page.h"
#include "lab/space.h"
#include "ravine/error.h"
#include "ravine/lab.h"
#include "ravine/optimizer.h"
#include "report/chart_text.h"
#include "report/curves.h"
#include "report/html.h"
#include "report/page.h"
#include "train/loss.h"
#include "train/run.h"

namespace ravine {
namespace {

using namespace report;

constexpr double kSmoothing = 0.9;  // of the running average of the loss
constexpr double kBroken = 4;       // times the least smoothed loss
constexpr int64_t kSteps = 200;
constexpr int kSlope = 5;  // steps to both sides over which the fall is measured

// Throws UsageError unless the space is a range of lr alone.
lab::Dimension dimension_of(const LrRangeOptions& options) {
  const lab::Space space = lab::parse_space(options.space);
  const lab::Dimension& d = space[0];
  if (space.size() == 1 && d.name == "lr" && d.values.empty() && d.low > 0) return d;
  throw UsageError(fmt::format(
      "lr range: the space must be lr=LOW..HIGH from above 0, got {}; lr=1e-7..10 is usual",
      options.space));
}

double rate_at(const lab::Dimension& d, double share) {
  return math::exp(math::log(d.low) + share * (math::log(d.high) - math::log(d.low)));
}

// Where the smoothed loss falls fastest over log lr, before its least.
double steepest(const std::vector<LrRange::Point>& points) {
  const auto least = std::ranges::min_element(points, {}, &LrRange::Point::smoothed);
  const auto end = std::min<ptrdiff_t>(least - points.begin(), ptrdiff_t(points.size()) - kSlope);
  double fall = 0, lr = NAN;
  for (ptrdiff_t i = kSlope; i < end; ++i) {
    const double here = points[size_t(i - kSlope)].smoothed - points[size_t(i + kSlope)].smoothed;
    if (here > fall) fall = here, lr = points[size_t(i)].lr;
  }
  return std::isnan(lr) ? lr : *parse_double(fmt::format("{:.1e}", lr));
}

Chart chart_of(const LrRange& range) {
  Chart chart{.title = "Loss while lr rises",
              .x = {"lr, logarithmic", Unit::kNumber, true},
              .y = {"loss", Unit::kNumber},
              .series = {}};
  Series raw{
      .name = "of each batch", .look = 1, .line = Line::kDotted, .markers = false, .points = {}};
  Series smooth{.name = "smoothed", .look = 0, .markers = false, .points = {}};
  for (const LrRange::Point& p : range.points) {
    raw.points.push_back({p.lr, p.loss});
    smooth.points.push_back({p.lr, p.smoothed});
  }
  chart.series = {smooth, raw};
  return finished(std::move(chart), 1);
}

std::string words(const LrRange& range) {
  if (std::isnan(range.suggested)) {
    return "The loss falls nowhere: take another range, or look at the data and the model.";
  }
  return fmt::format("Suggested: lr={}, where the smoothed loss falls fastest.",
                     to_text(range.suggested));
}

}  // namespace

LrRange lr_range(const LrRangeOptions& asked, const DataOptions& places) {
  LrRangeOptions options = asked;
  const lab::Dimension rates = dimension_of(options);
  if (options.train.steps == 0) options.train.steps = kSteps;
  if (options.train.steps < 4 * kSlope) {
    throw UsageError(fmt::format("lr range: steps must be at least {}, got {}; {} is usual",
                                 4 * kSlope, options.train.steps, kSteps));
  }
  const TrainTest data = load_data(options.train, places);
  ReadyRun run = ready_run(options.train, data);
  const Loss& loss_of = find_loss(run.config.loss, data.train);
  Optimizer optimizer(run.config.optimizer);
  optimizer.add(run.model.parameters());
  Loader loader(
      run.parts.rest,
      {.batch_size = run.config.batch, .shuffle = run.config.shuffle, .seed = run.fitting.seed});
  LrRange range{.options = options, .points = {}};
  double average = 0, least = INFINITY;
  int64_t step = 0;
  for (const Batch& batch : loader.steps(options.train.steps)) {
    const double lr = rate_at(rates, double(step) / double(options.train.steps - 1));
    run.model.zero_grad();
    Tensor loss = mean_loss(
        loss_of, run.model.forward(batch.x, {true, run.fitting.seed, uint64_t(step)}), batch.y);
    const Tensor penalty = run.model.penalty(run.config.l1, run.config.l2);
    if (penalty.defined()) loss = loss + penalty;
    const double value = loss.item();
    ++step;
    average = kSmoothing * average + (1 - kSmoothing) * value;
    const double smoothed = average / (1 - math::power(kSmoothing, uint64_t(step)));
    least = std::min(least, smoothed);
    if (!std::isfinite(value) || smoothed > kBroken * least) break;
    range.points.push_back({lr, value, smoothed});
    loss.backward();
    optimizer.set_lr(lr);
    optimizer.step();
  }
  if (!range.points.empty()) range.suggested = steepest(range.points);
  return range;
}

std::string lr_range_text(const LrRange& range, const TextOptions& options) {
  return chart_text(chart_of(range), "", options) + words(range) + "\n";
}

std::string lr_range_page(const LrRange& range) {
  const std::string title = fmt::format("The range of lr of {}", range.options.train.optimizer);
  return html_page(
      title, fmt::format("<h1>{}</h1>\n{}<p>{}</p>\n{}{}", escaped(title),
                         lab::lead(fmt::format("{} in {} steps", range.options.space,
                                               range.options.train.steps),
                                   range.options.train),
                         escaped(words(range)), chart_figure(chart_of(range), ""), lab::footer()));
}

}  // namespace ravine
