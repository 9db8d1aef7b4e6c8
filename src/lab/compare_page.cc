// The page of a comparison: table, verdicts, curves with bands, sensitivity, runs.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lab/page.h"
#include "lab/space.h"
#include "lab/verdict.h"
#include "ravine/format.h"
#include "ravine/optimizer.h"
#include "report/curves.h"
#include "report/html.h"
#include "report/page.h"
#include "report/sections.h"

namespace ravine {
namespace lab {
namespace {

using namespace report;

// Of each side as many options as no other side begins with: beside rmsprop:keras3,lr=1e-3
// rmsprop:torch,lr=1e-3 is rmsprop:torch.
std::vector<std::string> short_names(const CompareResult& result) {
  std::vector<std::string> names;
  for (const SideResult& side : result.sides) {
    std::string& name = names.emplace_back();
    const auto begins = [&](const SideResult& other) {
      return (other.asked + ",").starts_with(name + ",");
    };
    for (const std::string& part : split_outside(side.asked, ',')) {
      name += (name.empty() ? "" : ",") + part;
      if (std::ranges::count_if(result.sides, begins) == 1) break;
    }
  }
  return names;
}

// Mean over the seeds of each epoch that all runs of the side have; the band spans the seeds.
Series mean_series(const SideResult& side, const std::string& name, size_t look,
                   double Scores::*score, Scores EpochRecord::*set, const Clock* clock) {
  Series series{.name = name, .look = int(look), .points = {}};
  size_t epochs = SIZE_MAX;
  for (const StudyRun& run : side.runs) epochs = std::min(epochs, run.epochs.size());
  std::vector<double> seconds(side.runs.size());
  for (size_t e = 0; e < epochs; ++e) {
    double low = INFINITY, high = -INFINITY, sum = 0, x = 0;
    for (size_t i = 0; i < side.runs.size(); ++i) {
      const EpochRecord& epoch = side.runs[i].epochs[e];
      const double y = epoch.*set.*score;
      low = std::min(low, y), high = std::max(high, y), sum += y;
      seconds[i] += epoch.seconds;
      x += clock ? seconds[i] / clock->scale : double(epoch.step);
    }
    const double n = double(side.runs.size());
    series.points.push_back({x / n, sum / n});
    series.low.push_back(low), series.high.push_back(high);
  }
  if (side.runs.size() == 1) series.low.clear(), series.high.clear();
  return series;
}

struct Curve {
  const char* title;
  Scores EpochRecord::*set;
  double Scores::*score;
  const char* metric;
};
constexpr Curve kCurves[] = {
    {"Held-out accuracy", &EpochRecord::validation, &Scores::accuracy, "accuracy"},
    {"Held-out loss", &EpochRecord::validation, &Scores::loss, "loss"},
    {"Training loss", &EpochRecord::train, &Scores::loss, "loss"},
};

double longest_of(const CompareResult& result) {
  double longest = 0;
  for (const SideResult& side : result.sides) {
    for (const StudyRun& run : side.runs) longest = std::max(longest, run.seconds());
  }
  return longest;
}

std::string curves_section(const CompareResult& result, size_t& number) {
  const Clock clock(longest_of(result));
  const bool labels = has_accuracy(result);
  const std::vector<std::string> names = short_names(result);
  std::string charts;
  for (const Curve& curve : kCurves) {
    if (curve.metric == std::string_view("accuracy") && !labels) continue;
    for (const bool over_seconds : {false, true}) {
      Chart chart{.title = curve.title,
                  .x = over_seconds ? clock.axis : Axis{"step", Unit::kWhole},
                  .y = axis_of(curve.metric),
                  .series = {}};
      for (size_t i = 0; i < result.sides.size(); ++i) {
        Series series = mean_series(result.sides[i], names[i], i, curve.score, curve.set,
                                    over_seconds ? &clock : nullptr);
        if (!series.points.empty()) chart.series.push_back(std::move(series));
      }
      if (chart.series.empty()) continue;
      charts += chart_figure(
          finished(std::move(chart), ++number),
          result.options.seeds > 1 ? "mean of the seeds; the band spans them" : "one seed",
          over_seconds ? "by-seconds" : "by-epochs");
    }
  }
  if (charts.empty()) return "";
  return fmt::format(
      R"(<section class="curves"><h2>Curves</h2><div class="switch" role="radiogroup" )"
      R"(aria-label="horizontal axis"><label><input type="radio" name="over" checked>steps</label>)"
      R"(<label><input type="radio" name="over" id="over-seconds">seconds</label></div>)"
      R"(<div class="charts">{}</div></section>)",
      charts);
}

// A mean stays in one line with its interval, and a p with its number.
std::string unbroken(const std::string& text) {
  std::string html = escaped(text);
  for (const std::string_view part : {" \u00b1 ", " %", " = ", " of "}) {
    std::string whole(part);
    for (size_t at; (at = whole.find(' ')) != whole.npos;) whole.replace(at, 1, "&nbsp;");
    for (size_t at = 0; (at = html.find(part, at)) != html.npos; at += whole.size()) {
      html.replace(at, part.size(), whole);
    }
  }
  return html;
}

std::string table_section(const CompareResult& result) {
  const auto rows = compare_table(result);
  const std::vector<std::string> names = short_names(result);
  Table table{"the sides, mean and 95 % interval", "runs sides", {}, {}};
  for (const std::string& head : rows[0]) table.heads.push_back(escaped(head));
  for (size_t i = 1; i < rows.size(); ++i) {
    auto& row = table.rows.emplace_back();
    for (const std::string& cell : rows[i]) row.push_back(unbroken(cell));
    const std::string &name = names[i - 1], &line = result.sides[i - 1].optimizer;
    std::string code = escaped(line);
    for (size_t at = 0; (at = code.find(',', at)) != code.npos;) code.insert(++at, "<wbr>");
    row[0] =
        fmt::format("{} {}{}", key_svg({.name = "", .look = int(i - 1), .points = {}}),
                    escaped(name), line == name ? "" : fmt::format("<br><code>{}</code>", code));
  }
  std::string text = table_html(table);
  text += fmt::format(
      "<p class=\"note\">Mean and 95 % interval (Student's t) over {}, on the {} set after the "
      "last "
      "update. {}{} Seconds are of training, on one thread, beside the other workers.</p>\n",
      times(result.options.seeds, "seed"), result.set,
      result.options.tune > 0
          ? fmt::format("Each side was tuned by {} in its own space, at a seed that is none "
                        "of these.",
                        times(result.options.tune, "trial"))
          : std::string("Nothing was tuned: the options are those given."),
      result.options.goal.empty()
          ? ""
          : " A goal is looked at after each epoch, on the held-out examples; a mean over the runs "
            "that reached it says how many these are.");
  for (const SideResult& side : result.sides) {
    if (side.diverged == 0) continue;
    text += fmt::format(
        "<p class=\"notice\" role=\"note\">{} diverged in {} of {} runs; what the "
        "table says of it is about the others.</p>\n",
        escaped(side.asked), side.diverged, side.runs.size());
  }
  return section(2, "Result", text);
}

std::string verdicts_section(const CompareResult& result) {
  std::string items;
  for (const Verdict& verdict : result.verdicts) {
    items += fmt::format("<li>{}</li>\n", unbroken(verdict.text));
  }
  return section(2, "What the seeds say",
                 fmt::format("<ul>{}</ul><p class=\"note\">Student's t; {}.</p>", items,
                             verdicts_note(result)));
}

std::string sensitivity_section(const CompareResult& result, size_t number) {
  if (result.options.tune == 0) return "";
  const std::vector<std::string> names = short_names(result);
  Chart chart{.title = "Held-out " + result.by,
              .x = {"lr, logarithmic", Unit::kNumber, true},
              .y = axis_of(result.by),
              .series = {}};
  int64_t diverged = 0;
  for (size_t i = 0; i < result.sides.size(); ++i) {
    Series series{.name = names[i], .look = int(i), .line = Line::kNone, .points = {}};
    for (const StudyRun& run : result.sides[i].trials) {
      diverged += run.diverged();
      const double y = score_of(run, result.by);
      if (std::isfinite(y)) series.points.push_back({OptimizerSpec(run.config.optimizer).lr(), y});
    }
    std::ranges::stable_sort(series.points, {}, &report::Point::x);
    if (!series.points.empty()) chart.series.push_back(std::move(series));
  }
  if (chart.series.empty()) return "";
  const std::string note =
      diverged == 0 ? "a point a trial" : fmt::format("a point a trial; {} diverged", diverged);
  return section(2, "Sensitivity to lr",
                 fmt::format("<div class=\"charts\">{}</div>",
                             chart_figure(finished(std::move(chart), number), note)));
}

std::string spaces_section(const CompareResult& result) {
  if (result.options.tune == 0) return "";
  Table table{"what was searched", "words", {"optimizer", "space", "taken"}, {}};
  for (const SideResult& side : result.sides) {
    table.rows.push_back({escaped(side.asked), fmt::format("<code>{}</code>", escaped(side.space)),
                          fmt::format("<code>{}</code>", escaped(side.optimizer))});
  }
  return section(2, "Tuning", table_html(table));
}

std::string runs_section(const std::vector<const StudyRun*>& runs) {
  Table table = runs_table("each run", runs);
  table.heads.emplace_back("ended");
  for (size_t i = 0; i < runs.size(); ++i) table.rows[i].push_back(escaped(runs[i]->ended));
  return section(2, "Each run", table_html(table));
}

}  // namespace
}  // namespace lab

std::string study_page(const CompareResult& result) {
  using namespace lab;
  CompareOptions own = result.options, usual;
  std::string words = "ravine compare", names;
  for (const std::string& side : result.options.sides) words += " " + shell_text(side);
  for (const std::string& name : short_names(result)) names += (names.empty() ? "" : ", ") + name;
  const std::string command =
      study_command(words, list_options(own), list_options(usual), result.options.train);
  if (result.verdicts.empty()) {
    return report::html_page("compare", "<p>The study is not finished.</p>" + footer());
  }
  std::vector<const StudyRun*> compared, all;
  for (const SideResult& side : result.sides) {
    for (const StudyRun& run : side.runs) compared.push_back(&run), all.push_back(&run);
    for (const StudyRun& run : side.trials) all.push_back(&run);
  }
  size_t number = 0;
  const std::string curves = curves_section(result, number);
  return report::html_page(
      names + " compared",
      fmt::format("<h1>{}</h1>\n", report::escaped(names)) +
          lead(fmt::format("the same {} for each", report::times(result.options.seeds, "seed")),
               result.options.train) +
          table_section(result) + verdicts_section(result) + curves +
          sensitivity_section(result, number + 1) + spaces_section(result) +
          runs_section(compared) + commands_section(command, all) + footer());
}

}  // namespace ravine
