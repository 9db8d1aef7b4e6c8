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
constexpr double kBeyond = 10;  // times the others' largest value: of a failed run not drawn

constexpr const char* kSwitch =
    R"(<div class="switch" role="radiogroup" aria-label="horizontal axis"><label>)"
    R"(<input type="radio" name="over" checked>epochs</label><label>)"
    R"(<input type="radio" name="over" id="over-seconds">seconds</label></div>)";

bool few(std::span<const Record> records) { return records.size() <= kOverlaid; }

double longest_of(std::span<const Record> records) {
  double longest = 0;
  for (const Record& record : records) {
    const std::vector<double> seconds = seconds_so_far(record);
    if (!seconds.empty()) longest = std::max(longest, seconds.back());
  }
  return longest;
}

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
    if (std::ranges::find(series, int(run), &Series::look) == series.end()) continue;
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

// Values of runs that diverged, which would leave no room for those of the others. Returns whether
// there were any.
bool cut_divergence(Chart& chart, std::span<const Record> records) {
  if (records.size() == 1) return false;
  const auto failed = [&](const Series& series) {
    return records[size_t(series.look)].results.ended == "failed";
  };
  double highest = -1;
  for (const Series& series : chart.series) {
    for (const Point& p : series.points) {
      if (!failed(series) && std::isfinite(p.y)) highest = std::max(highest, p.y);
    }
  }
  bool cut = false;
  for (Series& series : chart.series) {
    for (Point& p : series.points) {
      if (highest > 0 && failed(series) && p.y > kBeyond * highest) p.y = NAN, cut = true;
    }
  }
  return cut;
}

Chart finish(Chart chart, std::span<const Record> records, size_t number) {
  chart = finished(std::move(chart), number);
  chart.keys = keys_of(records, chart.series);
  chart.legend = few(records);
  return chart;
}

// Short, so that a legend has room beside it.
std::string axis_title(const std::string& metric) {
  return title_words(metric.starts_with("mean_") ? metric.substr(5) : metric);
}

Chart metric_chart(std::span<const Record> records, const Metric& metric, bool over_seconds,
                   bool main_only) {
  const Clock clock(longest_of(records));
  Chart chart{.title = metric.title,
              .x = over_seconds ? clock.axis : Axis{"epoch", Unit::kWhole},
              .y = {axis_title(metric.name), metric.unit}};
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
  Chart chart{.title = "Learning rate",
              .x = {"epoch", Unit::kWhole},
              .y = {.title = "lr", .unit = Unit::kRate, .zero = true}};
  for (size_t run = 0; run < records.size(); ++run) {
    const HistoryTable& history = records[run].history;
    Series series = style_of(records, run, "test");
    series.name = records.size() == 1 ? "lr" : records[run].name;
    for (size_t i = 0; i < history.rows(); ++i) {
      series.points.push_back({(*history.find("epoch"))[i], (*history.find("lr"))[i]});
    }
    chart.series.push_back(std::move(series));
  }
  return chart;
}

bool rates_change(std::span<const Record> records) {
  return std::ranges::any_of(records, [](const Record& record) {
    const std::vector<double>& lr = *record.history.find("lr");
    return std::ranges::any_of(lr, [&](double rate) { return rate != lr[0]; });
  });
}

// The loss of a regression is that of the target as it was scaled, its errors are in the label's
// unit.
bool scaled_target(std::span<const Record> records) {
  return std::ranges::all_of(records, [](const Record& r) { return r.results.target_scale != 1; });
}

std::string running_loss_note(std::span<const Record> records) {
  const int64_t batches = records[0].results.running_loss.batches;
  const auto other = [&](const Record& r) { return r.results.running_loss.batches != batches; };
  if (std::ranges::any_of(records, other)) return "mean of several batches each";
  if (batches == 1) return "of each batch";
  return fmt::format("mean of {} batches each", count_text(batches));
}

}  // namespace

Clock::Clock(double longest) {
  if (longest > 10 * kMinute) axis = {"minutes of training", Unit::kMinutes}, scale = kMinute;
  if (longest > 5 * kHour) axis = {"hours of training", Unit::kHours}, scale = kHour;
}

Chart finished(Chart chart, size_t number) {
  std::vector<double> values;
  for (const Series& series : chart.series) {
    for (const Point& point : series.points) values.push_back(point.y);
  }
  const bool plain = chart.y.unit == Unit::kNumber || chart.y.unit == Unit::kRate;
  if (plain && wants_log(values)) {
    chart.y.log = true, chart.y.title += ", logarithmic";
  }
  chart.id = fmt::format("chart-{}", number);
  chart.description = described(chart);
  return chart;
}

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
    const auto empty = [](const Series& series) { return series.points.empty(); };
    if (std::ranges::all_of(chart.series, empty)) return;
    if (cut_divergence(chart, records)) {
      note += fmt::format("{}a failed run only up to {} times the others' largest value",
                          note.empty() ? "" : "; ", kBeyond);
    }
    plots.push_back({finish(std::move(chart), records, plots.size() + 1), std::move(note), over});
  };
  for (const Metric& metric : metrics_of(records)) {
    std::string note = main_only ? main_set(metric) : "";
    if (metric.name == "loss" && scaled_target(records)) {
      note += fmt::format("{}of the scaled target", note.empty() ? "" : "; ");
    }
    add(metric_chart(records, metric, false, main_only), note, Over::kEpochs);
    add(metric_chart(records, metric, true, main_only), note, Over::kSeconds);
  }
  add(running_loss_chart(records), running_loss_note(records), Over::kSteps);
  if (rates_change(records)) {
    add(learning_rate_chart(records), "of the last update of each epoch", Over::kRates);
    if (records.size() == 1) plots.back().chart.legend = false;
  }
  return plots;
}

std::vector<std::string> constant_rates(std::span<const Record> records) {
  std::vector<std::string> rates;
  if (rates_change(records)) return rates;
  for (const Record& record : records) {
    const std::vector<double>& lr = *record.history.find("lr");
    if (lr.empty()) continue;
    const std::string rate = to_text(lr[0]);
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
  const std::vector<std::string> rates = constant_rates(records);
  if (records.size() > 1 && !rates.empty()) {
    charts += text_figure("Learning rate", join(rates, ", "), "constant in every run");
  }
  if (charts.empty()) return "";
  const bool epochs =
      std::ranges::any_of(records, [](const Record& r) { return r.history.rows() > 0; });
  return fmt::format(
      R"(<section class="curves"><h2>Curves</h2>{}<div class="charts">{}</div></section>)",
      epochs ? kSwitch : "", charts);
}

}  // namespace ravine::report
