// The page of a tuning: the best run, what each option does, all runs.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "lab/page.h"
#include "lab/space.h"
#include "lab/statistics.h"
#include "ravine/format.h"
#include "report/curves.h"
#include "report/html.h"
#include "report/page.h"
#include "report/sections.h"

namespace ravine {
namespace lab {
namespace {

using namespace report;

constexpr size_t kFewValues = 4;  // that a table shows better than a chart

std::string best_section(const TuneResult& result) {
  const StudyRun* best = result.best();
  if (best == nullptr) return "<p class=\"notice\" role=\"note\">Every run diverged.</p>\n";
  const size_t index = result.ranking[0];
  std::string tiles;
  for (const Setting& s : result.points[index]) {
    tiles += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", escaped(s.name), escaped(s.text));
  }
  return fmt::format(
      "<dl class=\"tiles\"><div><dt>best {}</dt><dd>{}<small>{}, held-out examples</small></dd>"
      "</div>\n{}</dl>\n<p class=\"note\">The best of many is flattered by chance. Its command "
      "reads "
      "the test set; another --seed says more:</p>\n<pre>{}</pre>\n",
      escaped(result.by), value_text(best->validation(result.by), axis_of(result.by).unit),
      escaped(best->name), tiles, escaped(command_of(best->config)));
}

// What is reached over one dimension of the space; the other options are wherever they were.
Chart slice_chart(const TuneResult& result, const Dimension& d, size_t number) {
  Chart chart{.title = d.name,
              .x = {d.name, Unit::kNumber},
              .y = axis_of(result.by),
              .series = {},
              .legend = false};
  Series series{.name = result.by, .line = Line::kNone, .points = {}};
  std::vector<double> xs;
  for (size_t i = 0; i < result.runs.size(); ++i) {
    const auto& point = result.points[i];
    const std::string& text = std::ranges::find(point, d.name, &Setting::name)->text;
    series.points.push_back({*parse_double(text), score_of(result.runs[i], result.by)});
    xs.push_back(series.points.back().x);
  }
  std::erase_if(series.points, [](const report::Point& p) { return !std::isfinite(p.y); });
  std::ranges::stable_sort(series.points, {}, &report::Point::x);
  chart.x.log = d.log || wants_log(xs);
  if (chart.x.log) chart.x.title += ", logarithmic";
  chart.y.title = "held-out " + chart.y.title;
  chart.series = {series};
  return finished(std::move(chart), number);
}

// The same where the values are no numbers.
std::string values_table(const TuneResult& result, const Dimension& d) {
  Table table{"what each value of " + d.name + " reaches", "", {escaped(d.name)}, {}};
  for (const char* head : {"runs", "diverged", "best", "mean"}) table.heads.emplace_back(head);
  for (const std::string& value : d.values) {
    std::vector<double> scores;
    int64_t runs = 0;
    for (size_t i = 0; i < result.runs.size(); ++i) {
      const auto& point = result.points[i];
      if (std::ranges::find(point, d.name, &Setting::name)->text != value) continue;
      ++runs;
      const double x = score_of(result.runs[i], result.by);
      if (std::isfinite(x)) scores.push_back(x);
    }
    const Unit unit = axis_of(result.by).unit;
    const auto best = [&] {
      if (scores.empty()) return double(NAN);
      return result.by == "accuracy" ? *std::ranges::max_element(scores)
                                     : *std::ranges::min_element(scores);
    };
    table.rows.push_back(
        {escaped(value), count_text(runs), count_text(runs - int64_t(scores.size())),
         report::value_text(best(), unit), report::value_text(estimate(scores).mean, unit)});
  }
  return table_html(table);
}

std::string slices_section(const TuneResult& result) {
  std::string charts, tables;
  size_t number = 0;
  for (const Dimension& d : parse_space(result.space)) {
    const bool numbers =
        std::ranges::all_of(d.values, [](const std::string& v) { return bool(parse_double(v)); });
    const bool few = !d.values.empty() && d.values.size() <= kFewValues;
    if (numbers && !few) {
      charts += chart_figure(slice_chart(result, d, ++number), "a point a run");
    } else {
      tables += values_table(result, d);
    }
  }
  if (!charts.empty()) charts = fmt::format("<div class=\"charts\">{}</div>", charts);
  if (!tables.empty()) tables = fmt::format("<div class=\"two\">{}</div>", tables);
  return section(2, "What each option does", charts + tables);
}

std::string trials_section(const std::vector<const StudyRun*>& runs) {
  Table table = runs_table("the runs, best first", runs);
  table.cls = "runs told";
  table.heads.emplace_back("options");
  for (size_t i = 0; i < runs.size(); ++i) {
    table.rows[i].push_back(fmt::format("<code>{}</code>", escaped(runs[i]->what)));
  }
  return section(2, "All runs", table_html(table));
}

}  // namespace
}  // namespace lab

std::string study_page(const TuneResult& result) {
  using namespace lab;
  TuneOptions own = result.options, usual;
  std::string words = "ravine tune";
  for (const Dimension& d : parse_space(result.space)) {
    words += " " + shell_text(space_text({d}));
  }
  const std::string command =
      study_command(words, list_options(own), list_options(usual), result.options.train);
  if (result.runs.empty()) {
    return report::html_page("tune", "<p>No run has finished yet.</p>" + footer());
  }
  std::vector<const StudyRun*> runs;
  for (const size_t i : result.ranking) runs.push_back(&result.runs[i]);
  const std::string title = fmt::format("Tuning {}", result.options.train.optimizer);
  return report::html_page(
      title, fmt::format("<h1>{}</h1>\n", report::escaped(title)) +
                 lead(fmt::format("{} of {} runs, {}, in {}", result.runs.size(), result.planned,
                                  result.options.search, result.space),
                      result.options.train) +
                 best_section(result) + slices_section(result) + trials_section(runs) +
                 commands_section(command, runs) + footer());
}

}  // namespace ravine
