// What `ravine train --diagnose` has found and measured.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/curves.h"
#include "report/html.h"
#include "report/page.h"
#include "report/sections.h"

namespace ravine::report {
namespace {

constexpr size_t kMostLayers = 6;  // that a chart shows

struct Measure {
  const char* id;
  const char* title;
  const char* note;
  const char* y;  // of its axis
  Unit unit;
  double (*value)(const LayerProbe&);
  bool log = false;  // also where some values are 0
};
constexpr Measure kMeasures[] = {
    {"gradient", "Gradient norm", "of each layer's parameters", "norm", Unit::kNumber,
     [](const LayerProbe& l) { return l.gradient; }, true},
    {"ratio", "Update over parameters", "0.001 is usual", "ratio", Unit::kRate,
     [](const LayerProbe& l) { return l.ratio(); }, true},
    {"rate", "Effective learning rate", "lr over the root, median", "rate", Unit::kRate,
     [](const LayerProbe& l) { return l.rate; }, true},
    {"spread", "Spread of the outputs", "standard deviation", "deviation", Unit::kNumber,
     [](const LayerProbe& l) { return l.deviation; }},
    {"dead", "Dead units", "0 for every example looked at", "share", Unit::kPercent,
     [](const LayerProbe& l) { return l.dead; }},
    {"saturated", "Saturated outputs", "within 1% of a bound", "share", Unit::kPercent,
     [](const LayerProbe& l) { return l.saturated; }},
};

std::string layer_name(const LayerSummary& layer) {
  const size_t comma = layer.spec.find(',');  // "dense(64,init=he_normal)" is long for a legend
  return layer.name + " " +
         (comma == layer.spec.npos ? layer.spec : layer.spec.substr(0, comma) + ",...)");
}

// The layers that the measure is of, evenly chosen where there are many.
std::vector<size_t> layers_of(const Diagnosis& d, const Measure& measure) {
  std::vector<size_t> all, some;
  for (size_t i = 0; i < d.layers.size(); ++i) {
    if (d.layers[i].spec.starts_with("dropout")) continue;  // measured without: its input again
    const auto measured = [&](const Probe& p) { return !std::isnan(measure.value(p.layers[i])); };
    if (std::ranges::any_of(d.probes, measured)) all.push_back(i);
  }
  const size_t count = std::min(all.size(), kMostLayers);
  for (size_t i = 0; i < count; ++i) {
    some.push_back(all[count == 1 ? 0 : i * (all.size() - 1) / (count - 1)]);
  }
  return some;
}

// What is 0 everywhere has no logarithm.
bool has_positive(const Diagnosis& d, const Measure& measure) {
  return std::ranges::any_of(d.probes, [&](const Probe& p) {
    return std::ranges::any_of(p.layers, [&](auto& l) { return measure.value(l) > 0; });
  });
}

std::string chart_of(const Diagnosis& d, const Measure& measure, const std::string& id) {
  Chart chart{.title = measure.title,
              .x = {"step", Unit::kWhole},
              .y = {measure.y, measure.unit},
              .series = {}};
  for (const size_t i : layers_of(d, measure)) {
    Series series{.name = layer_name(d.layers[i]),
                  .look = int(chart.series.size()),
                  .markers = d.probes.size() < 3,
                  .points = {}};
    for (const Probe& p : d.probes) {
      series.points.push_back({double(p.step), measure.value(p.layers[i])});
    }
    chart.series.push_back(std::move(series));
  }
  if (chart.series.empty()) return "";
  chart = finished(std::move(chart), 0);
  if (measure.log && !chart.y.log && has_positive(d, measure)) {
    chart.y.log = true, chart.y.title += ", logarithmic";
  }
  chart.id = id + measure.id;
  return chart_figure(chart, measure.note);
}

// With what stands between `` as code.
std::string with_code(std::string_view text) {
  std::string html = escaped(text);
  for (size_t at, open = 1; (at = html.find('`')) != html.npos; open = !open) {
    html.replace(at, 1, open ? "<code>" : "</code>");
  }
  return html;
}

std::string finding_html(const Finding& f) {
  return fmt::format(
      "<div class=\"notice\" role=\"note\"><b>{}</b><br>{}<br>Try: {}.{}</div>\n", escaped(f.name),
      escaped(f.evidence + "."), with_code(f.remedy),
      f.source.empty() ? "" : fmt::format(" <span class=\"usual\">{}.</span>", escaped(f.source)));
}

}  // namespace

std::string diagnosis_section(const Record& record, const std::string& id, int level) {
  if (!record.diagnosis) return "";
  const Diagnosis& d = *record.diagnosis;
  std::string text, charts;
  for (const Finding& f : d.findings) text += finding_html(f);
  if (d.findings.empty()) text += "<p>Nothing was found that ails this training.</p>\n";
  for (const Measure& measure : kMeasures) {
    if (!d.probes.empty()) charts += chart_of(d, measure, id + "diagnosis-");
  }
  if (!charts.empty()) {
    text += fmt::format(
        "<div class=\"charts\">{}</div>\n<p class=\"note\">{}; outputs of {}.{}</p>", charts,
        times(int64_t(d.probes.size()), "update") + " measured", times(d.examples, "example"),
        d.layers.size() > kMostLayers
            ? fmt::format(" Of many layers {} are drawn, evenly.", kMostLayers)
            : std::string());
  }
  return section(level, "Diagnosis", text);
}

}  // namespace ravine::report
