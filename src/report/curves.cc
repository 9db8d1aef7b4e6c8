#include "report/curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "ravine/format.h"
#include "report/html.h"
#include "report/page.h"

namespace ravine::report {
namespace {

constexpr size_t kOverlaid = 6;  // runs of which all curves are drawn; of more only the main one
constexpr double kMinute = 60, kHour = 3600;

bool few(std::span<const Record> records) { return records.size() <= kOverlaid; }

// The unit in which the longest of the runs reads well.
struct Clock {
  Axis axis{"seconds of training", Unit::kSeconds};
  double scale = 1;

  explicit Clock(std::span<const Record> records) {
    double longest = 0;
    for (const Record& record : records) {
      const std::vector<double> seconds = seconds_so_far(record);
      if (!seconds.empty()) longest = std::max(longest, seconds.back());
    }
    if (longest > 10 * kMinute) axis = {"minutes of training", Unit::kMinutes}, scale = kMinute;
    if (longest > 5 * kHour) axis = {"hours of training", Unit::kHours}, scale = kHour;
  }
};

std::string summary_of(const Series& series, const Axis& x, const Axis& y) {
  std::vector<Point> points = series.points;
  std::erase_if(points, [](const Point& p) { return !std::isfinite(p.y); });
  if (points.empty()) return fmt::format("{}: no finite values", series.name);
  const auto [low, high] = std::ranges::minmax(points, {}, &Point::y);
  const auto at = [&](const Point& p) {
    return fmt::format("{} at {} {}", value_text(p.y, y.unit), x.title, value_text(p.x, x.unit));
  };
  return fmt::format("{}: from {} to {}; lowest {}, highest {}", series.name, at(points.front()),
                     at(points.back()), value_text(low.y, y.unit), value_text(high.y, y.unit));
}

// For who does not see the chart.
std::string described(const Chart& chart) {
  std::vector<std::string> parts;
  for (const Series& series : chart.series) {
    if (parts.size() == kOverlaid) {
      parts.push_back(times(int64_t(chart.series.size() - kOverlaid), "more curve"));
      break;
    }
    parts.push_back(summary_of(series, chart.x, chart.y));
  }
  return fmt::format("{} over {}. {}.", chart.title, chart.x.title, join(parts, ". "));
}

// What a legend shows for several runs: each run once, and each further set once.
std::vector<Series> keys_of(std::span<const Record> records, const std::vector<Series>& series) {
  std::vector<Series> keys;
  if (records.size() == 1 || !few(records)) return keys;
  for (size_t run = 0; run < records.size(); ++run) {
    keys.push_back({.name = records[run].name, .look = int(run)});
  }
  const auto line = [](const Series& one) { return one.line; };
  if (std::ranges::adjacent_find(series, std::ranges::not_equal_to(), line) == series.end()) {
    return keys;
  }
  for (const Series& one : series) {
    const std::string set = one.name.substr(one.name.rfind(' ') + 1);
    if (std::ranges::find(keys, set, &Series::name) != keys.end()) continue;
    keys.push_back({.name = set, .look = kNeutral, .line = one.line, .markers = false});
  }
  return keys;
}

Chart finish(Chart chart, std::span<const Record> records, size_t number) {
  std::vector<double> values;
  for (const Series& series : chart.series) {
    for (const Point& point : series.points) values.push_back(point.y);
  }
  if (chart.y.unit == Unit::kNumber && wants_log(values)) {
    chart.y.log = true, chart.y.title += ", logarithmic";
  }
  chart.id = fmt::format("chart-{}", number);
  chart.description = described(chart);
  chart.keys = keys_of(records, chart.series);
  chart.legend = few(records);
  return chart;
}

Chart metric_chart(std::span<const Record> records, const Metric& metric, bool over_seconds,
                   bool main_only) {
  const Clock clock(records);
  Chart chart{.title = metric.title,
              .x = over_seconds ? clock.axis : Axis{"epoch", Unit::kWhole},
              .y = {title_words(metric.name), metric.unit}};
  const std::string main = main_set(metric);
  for (const Curve& curve : metric.curves) {
    if (main_only && curve.set != main) continue;
    const Record& record = records[curve.run];
    const std::vector<double> xs =
        over_seconds ? seconds_so_far(record) : *record.history.find("epoch");
    Series series = style_of(records, curve.run, curve.set);
    for (size_t i = 0; i < xs.size(); ++i) {
      series.points.push_back({over_seconds ? xs[i] / clock.scale : xs[i], curve.values[i]});
    }
    chart.series.push_back(std::move(series));
  }
  return chart;
}

Chart running_loss_chart(std::span<const Record> records) {
  Chart chart{.title = "Running loss", .x = {"step", Unit::kWhole}, .y = {"loss"}};
  for (size_t run = 0; run < records.size(); ++run) {
    const RunningLoss& loss = records[run].results.running_loss;
    Series series = style_of(records, run, "train");
    series.markers = false;
    series.line = Line::kSolid;
    for (const RunningLoss::Point& p : loss.points) {
      series.points.push_back({double(p.step), p.mean});
      if (records.size() > 1 || loss.batches == 1) continue;
      series.low.push_back(p.low), series.high.push_back(p.high);
    }
    if (!series.points.empty()) chart.series.push_back(std::move(series));
  }
  return chart;
}

Chart learning_rate_chart(std::span<const Record> records) {
  Chart chart{.title = "Learning rate", .x = {"epoch", Unit::kWhole}, .y = {"lr"}};
  for (size_t run = 0; run < records.size(); ++run) {
    const HistoryTable& history = records[run].history;
    Series series = style_of(records, run, "test");
    if (records.size() == 1) series.name = "lr";
    for (size_t i = 0; i < history.rows(); ++i) {
      series.points.push_back({(*history.find("epoch"))[i], (*history.find("lr"))[i]});
    }
    chart.series.push_back(std::move(series));
  }
  return chart;
}

std::string running_loss_note(std::span<const Record> records) {
  const int64_t batches = records[0].results.running_loss.batches;
  if (records.size() > 1) return "mean of some batches each";
  if (batches == 1) return "of each batch";
  return fmt::format("mean of {} batches each", count_text(batches));
}

}  // namespace

Series style_of(std::span<const Record> records, size_t run, const std::string& set) {
  const bool one = records.size() == 1;
  const int order = set == "test" ? 0 : set == "train" ? 1 : 2;
  static constexpr Line kLines[] = {Line::kSolid, Line::kDashed, Line::kDotted};
  return {.name = one ? set : fmt::format("{} {}", records[run].name, set),
          .look = one ? order : int(run),
          .line = kLines[order],
          .markers = one || order == 0,
          .points = {}};
}

std::vector<Plot> plots_of(std::span<const Record> records, bool main_only) {
  main_only |= !few(records);
  std::vector<Plot> plots;
  const auto add = [&](Chart chart, std::string note, Over over) {
    plots.push_back({finish(std::move(chart), records, plots.size() + 1), std::move(note), over});
  };
  for (const Metric& metric : metrics_of(records)) {
    const std::string note = main_only ? main_set(metric) : "";
    add(metric_chart(records, metric, false, main_only), note, Over::kEpochs);
    add(metric_chart(records, metric, true, main_only), note, Over::kSeconds);
  }
  add(running_loss_chart(records), running_loss_note(records), Over::kSteps);
  if (constant_rates(records).empty()) {
    add(learning_rate_chart(records), "of the last update of each epoch", Over::kRates);
    if (records.size() == 1) plots.back().chart.legend = false;
  }
  return plots;
}

std::vector<std::string> constant_rates(std::span<const Record> records) {
  std::vector<std::string> rates;
  for (const Record& record : records) {
    const std::vector<double>& lr = *record.history.find("lr");
    if (std::ranges::any_of(lr, [&](double rate) { return rate != lr[0]; })) return {};
    const std::string rate = lr.empty() ? "none yet" : to_text(lr[0]);
    if (std::ranges::find(rates, rate) == rates.end()) rates.push_back(rate);
  }
  return rates;
}

std::string curves_section(std::span<const Record> records) {
  std::string charts;
  for (const Plot& plot : plots_of(records)) {
    const char* cls = plot.over == Over::kEpochs    ? "by-epochs"
                      : plot.over == Over::kSeconds ? "by-seconds"
                                                    : "";
    const auto banded = [](const Series& series) { return !series.low.empty(); };
    const bool band = std::ranges::any_of(plot.chart.series, banded);
    charts += chart_figure(plot.chart, plot.note + (band ? "; the band spans them" : ""), cls);
  }
  if (const std::vector<std::string> rates = constant_rates(records); !rates.empty()) {
    charts += text_figure("Learning rate", join(rates, ", "),
                          records.size() == 1 ? "in every epoch" : "constant in every run");
  }
  return fmt::format(
      R"(<section class="curves"><h2>Curves</h2><div class="switch" role="radiogroup" )"
      R"(aria-label="horizontal axis"><label><input type="radio" name="over" checked>epochs</label>)"
      R"(<label><input type="radio" name="over" id="over-seconds">seconds</label></div>)"
      R"(<div class="charts">{}</div></section>)",
      charts);
}

}  // namespace ravine::report
