// The examples that a model gets most wrong.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "ravine/format.h"
#include "report/html.h"
#include "report/page.h"
#include "report/png.h"
#include "report/sections.h"

namespace ravine::report {
namespace {

constexpr size_t kRows = 12;  // of a table, as high as a chart beside it

// Outputs under mean squared error are none.
bool probabilities(const Record& record) { return record.config.loss != "mean_squared_error"; }

std::string score_text(const Record& record, double score) {
  return probabilities(record) ? percent_text(score) : loss_text(score);
}

std::string pictures(const Record& record) {
  const Results& results = record.results;
  std::string text = "<ul class=\"faces\">\n";
  for (const Mistake& m : results.examined.mistakes) {
    const std::string &said = results.classes[size_t(m.predicted)],
                      &label = results.classes[size_t(m.label)];
    text += fmt::format(
        R"(<li><img alt="example {}" src="{}" width="104" height="104"><b>{}</b> {}<br>)"
        R"(<small>is</small> {} <small>{}</small></li>)"
        "\n",
        m.example, png_url(m.pixels, uint32_t(results.examined.image[1])), escaped(said),
        score_text(record, m.score), escaped(label), score_text(record, m.label_score));
  }
  return text + "</ul>\n";
}

std::string list(const Record& record) {
  const Results& results = record.results;
  const char* const score = probabilities(record) ? "probability" : "output";
  Table table{"the most confidently wrong examples",
              "",
              {"example", "model says", score, "label", fmt::format("its {}", score)},
              {}};
  std::string halves;
  for (const Mistake& m : results.examined.mistakes) {
    table.rows.push_back({count_text(m.example), escaped(results.classes[size_t(m.predicted)]),
                          score_text(record, m.score), escaped(results.classes[size_t(m.label)]),
                          score_text(record, m.label_score)});
    if (table.rows.size() == kRows) halves += table_html(table), table.rows.clear();
  }
  if (!table.rows.empty()) halves += table_html(table);
  return fmt::format("<div class=\"two\">{}</div>", halves);
}

// ---- regression ----

std::string with_label(const char* what, const Record& record) {
  const std::string& label = record.results.label;
  return label.empty() ? what : fmt::format("{} {}", what, label);
}

Chart predicted_against_target(const Record& record, const std::string& id) {
  Chart chart{.id = id + "residuals",
              .title = "Predicted against target",
              .description = fmt::format(
                  "{} points, each one of {}; on the dotted line the prediction is the "
                  "target.",
                  record.results.examined.sample.size(), examined_text(record.results.examined)),
              .x = {with_label("target", record)},
              .y = {with_label("predicted", record)},
              .diagonal = true};
  std::set<int64_t> outputs;
  for (const Residual& r : record.results.examined.sample) outputs.insert(r.output);
  for (const int64_t output : outputs) {
    Series series{.name = fmt::format("output {}", output + 1),
                  .look = int(chart.series.size()),
                  .line = Line::kNone,
                  .points = {}};
    for (const Residual& r : record.results.examined.sample) {
      if (r.output == output) series.points.push_back({r.target, r.prediction});
    }
    chart.series.push_back(std::move(series));
  }
  chart.legend = outputs.size() > 1;
  return chart;
}

std::string worst_residuals(const Examined& examined) {
  const bool several = std::ranges::any_of(examined.worst, [](auto& r) { return r.output > 0; });
  Table table{"the examples that are furthest off", "", {"example"}, {}};
  if (several) table.heads.emplace_back("output");
  for (const char* head : {"target", "predicted", "difference"}) table.heads.emplace_back(head);
  for (const Residual& r : examined.worst) {
    if (table.rows.size() == kRows) break;
    std::vector<std::string> row = {count_text(r.example)};
    if (several) row.push_back(count_text(r.output + 1));
    row.push_back(fmt::format("{:.6g}", r.target));
    row.push_back(loss_text(r.prediction));
    row.push_back(loss_text(r.prediction - r.target));
    table.rows.push_back(std::move(row));
  }
  return table_html(table);
}

}  // namespace

std::string mistakes_section(const Record& record, int level) {
  const Examined& examined = record.results.examined;
  if (examined.mistakes.empty()) return "";
  const std::string note =
      "<p class=\"note\">What the model says and how surely, and what it is.</p>";
  return section(level, "The surest mistakes",
                 examined.image.empty() ? list(record) : pictures(record) + note);
}

std::string residuals_section(const Record& record, const std::string& id, int level) {
  const Examined& examined = record.results.examined;
  if (examined.sample.empty()) return "";
  return section(
      level, "How far it is off: " + examined_text(examined),
      fmt::format("<div class=\"charts\">{}<div>{}</div></div>",
                  chart_figure(predicted_against_target(record, id), "the dotted line is right"),
                  worst_residuals(examined)));
}

}  // namespace ravine::report
