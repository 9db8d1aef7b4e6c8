// The top of a report: one run in a few large numbers, or several in a table.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "ravine/format.h"
#include "report/curves.h"
#include "report/html.h"
#include "report/page.h"
#include "report/sections.h"

namespace ravine::report {
namespace {

int64_t parameters_of(const Record& record) {
  int64_t count = 0;
  for (const LayerSummary& layer : record.results.layers) count += layer.parameters;
  return count;
}

double seconds_of(const Record& record) {
  return record.history.rows() == 0 ? 0 : seconds_so_far(record).back();
}

double last_of(const std::vector<double>& values) { return values.empty() ? NAN : values.back(); }

std::string tile(std::string_view name, std::string_view value, std::string_view note) {
  return fmt::format("<div><dt>{}</dt><dd>{}<small>{}</small></dd></div>\n", escaped(name),
                     escaped(value), escaped(note));
}

// The best value and the row that it is in; accuracy is best where it is largest.
struct Best {
  size_t row;
  double value;
};
Best best_of(const Metric& metric, const std::vector<double>& values) {
  Best best{0, NAN};
  for (size_t i = 0; i < values.size(); ++i) {
    const bool better =
        metric.unit == Unit::kPercent ? values[i] > best.value : values[i] < best.value;
    if (std::isnan(best.value) || better) best = {i, values[i]};
  }
  return best;
}

const Curve* curve_of(const Metric& metric, size_t run) {
  const std::string set = main_set(metric);
  for (const Curve& curve : metric.curves) {
    if (curve.run == run && curve.set == set) return &curve;
  }
  return nullptr;
}

std::string metric_tiles(const Record& record) {
  std::string tiles;
  for (const Metric& metric : metrics_of({&record, 1})) {
    const Curve* curve = curve_of(metric, 0);
    if (curve == nullptr || curve->values.empty()) continue;
    const Best best = best_of(metric, curve->values);
    const double epoch = (*record.history.find("epoch"))[best.row];
    tiles +=
        tile(fmt::format("{} {}", curve->set, title_words(metric.name)),
             value_text(curve->values.back(), metric.unit),
             std::isnan(best.value) || best.value == curve->values.back()
                 ? "best: the last epoch"
                 : fmt::format("best {} in epoch {}", value_text(best.value, metric.unit), epoch));
  }
  return tiles;
}

std::string examples_text(const Results& results) {
  std::string text =
      fmt::format("{}: {} examples to train", results.data, count_text(results.train));
  if (results.validation > 0) text += fmt::format(", {} held out", count_text(results.validation));
  if (results.test > 0) text += fmt::format(", {} to test", count_text(results.test));
  if (!results.label.empty()) text += fmt::format("; label {}", results.label);
  return text;
}

// Of one data set, as far as the runs know.
bool same_data(std::span<const Record> records) {
  return std::ranges::all_of(records, [&](const Record& record) {
    return record.results.data == records[0].results.data;
  });
}

// Where training ended, even in its first epoch.
int64_t steps_of(const Record& record) {
  const double steps = last_of(*record.history.find("step"));
  const auto& points = record.results.running_loss.points;
  return std::max(std::isnan(steps) ? 0 : int64_t(steps), points.empty() ? 0 : points.back().step);
}

std::string rate_tile(const Record& record) {
  const std::vector<std::string> rates = constant_rates({&record, 1});
  return rates.empty() ? "" : tile("learning rate", rates[0], "in every epoch");
}

std::string notice(const std::string& text) {
  return text.empty() ? ""
                      : fmt::format("<p class=\"notice\" role=\"note\">{}</p>\n", escaped(text));
}

// ---- several runs ----

using Column = std::vector<std::string>;

// The options in which the runs differ: a name, then the value of each.
std::vector<std::pair<std::string, Column>> differing_options(std::span<const Record> records) {
  std::vector<std::pair<std::string, Column>> differing;
  TrainConfig first = records[0].config;
  for (const OptionRef& option : list_options(first)) {
    if (option.option.name == std::string_view("data") && !same_data(records)) continue;
    Column values;
    for (const Record& record : records) {
      TrainConfig copy = record.config;
      values.push_back(value_text(*find_option(list_options(copy), option.option.name)));
    }
    if (std::ranges::any_of(values, [&](auto& v) { return v != values[0]; })) {
      differing.emplace_back(option.option.name, std::move(values));
    }
  }
  return differing;
}

// The last values of a metric, run by run, and which of them are the best.
std::vector<double> last_values(const Metric& metric, size_t runs) {
  std::vector<double> values;
  for (size_t run = 0; run < runs; ++run) {
    const Curve* curve = curve_of(metric, run);
    values.push_back(curve == nullptr ? NAN : last_of(curve->values));
  }
  return values;
}

void add_column(std::vector<std::vector<std::string>>& rows, const Column& cells) {
  for (size_t i = 0; i < rows.size(); ++i) rows[i].push_back(cells[i]);
}

std::string data_text(std::span<const Record> records) {
  if (same_data(records)) return examples_text(records[0].results);
  std::vector<std::string> names;
  for (const Record& record : records) {
    const std::string& name = record.results.data;
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return fmt::format("{} data sets, between which values do not compare: {}", names.size(),
                     join(names, ", "));
}

std::string comparison(std::span<const Record> records) {
  Table table{"the runs, their last values and the options that differ", "runs", {"run"}, {}};
  for (size_t run = 0; run < records.size(); ++run) {
    table.rows.push_back({fmt::format("<a href=\"#run-{}\">{} {}</a>", run + 1,
                                      key_svg({.name = "", .look = int(run), .points = {}}),
                                      escaped(records[run].name))});
  }
  const bool same = same_data(records);
  if (!same) {
    table.heads.emplace_back("<code>data</code>");
    for (size_t run = 0; run < records.size(); ++run) {
      table.rows[run].push_back(fmt::format("<code>{}</code>", escaped(records[run].results.data)));
    }
  }
  for (const Metric& metric : metrics_of(records)) {
    table.heads.push_back(
        escaped(fmt::format("{} {}", main_set(metric), title_words(metric.name))));
    const std::vector<double> values = last_values(metric, records.size());
    const double best = best_of(metric, values).value;
    Column cells;
    for (const double value : values) {
      const std::string text = value_text(value, metric.unit);
      cells.push_back(same && value == best ? fmt::format("<b>{}</b>", text) : text);
    }
    add_column(table.rows, cells);
  }
  Column epochs, seconds, parameters;
  for (const Record& record : records) {
    epochs.push_back(fmt::format("{}", record.history.rows()));
    seconds.push_back(seconds_text(seconds_of(record)));
    parameters.push_back(count_text(parameters_of(record)));
  }
  for (const auto& [head, cells] :
       {std::pair("epochs", epochs), {"seconds", seconds}, {"parameters", parameters}}) {
    table.heads.emplace_back(head);
    add_column(table.rows, cells);
  }
  for (auto& [name, cells] : differing_options(records)) {
    table.heads.push_back(fmt::format("<code>{}</code>", escaped(name)));
    for (std::string& cell : cells) {
      cell = fmt::format("<code>{}</code>", cell.empty() ? "\u2013" : escaped(cell));
    }
    add_column(table.rows, cells);
  }
  return table_html(table);
}

}  // namespace

std::string ending_of(const Record& record) {
  const Results& results = record.results;
  const std::string where =
      fmt::format(" after {}", times(int64_t(record.history.rows()), "epoch"));
  if (results.ended.empty()) return "No end is recorded: the training still runs, or was killed.";
  if (results.ended == "failed") return fmt::format("Failed{}: {}.", where, results.error);
  if (results.ended == "interrupted") {
    return fmt::format("Stopped by an interrupt{}; the last one may be a part of an epoch.",
                       where.substr(0, where.size()));
  }
  if (results.ended == "tolerance" || results.ended == "patience") {
    return fmt::format("Stopped by {}{}.", results.ended, where);
  }
  if (results.skipped > 0) {
    return fmt::format("{} skipped: a gradient was not finite.", times(results.skipped, "update"));
  }
  return "";
}

std::string line_of(const Record& record) {
  std::vector<std::string> scores;
  for (const Metric& metric : metrics_of({&record, 1})) {
    const Curve* curve = curve_of(metric, 0);
    if (curve == nullptr || curve->values.empty()) continue;
    scores.push_back(fmt::format("{} {} {}", curve->set, title_words(metric.name),
                                 value_text(curve->values.back(), metric.unit)));
  }
  const std::string ending = ending_of(record);
  return fmt::format("{}: {}{}{}, {} s{}", record.name, join(scores, ", "),
                     scores.empty() ? "" : "; ", times(int64_t(record.history.rows()), "epoch"),
                     seconds_text(seconds_of(record)), ending.empty() ? "" : "; " + ending);
}

std::string summary_of_one(const Record& record) {
  const std::string epochs = times(int64_t(record.history.rows()), "epoch"),
                    steps = times(steps_of(record), "step");
  return fmt::format(
      "<h1>{}</h1>\n<p class=\"lead\">{}<br>{}<br>{}</p>\n{}<dl class=\"tiles\">\n{}{}{}{}</dl>\n",
      escaped(record.name), escaped(examples_text(record.results)), escaped(record.config.model),
      escaped(record.config.optimizer), notice(ending_of(record)), metric_tiles(record),
      tile("training", seconds_text(seconds_of(record)) + " s",
           fmt::format("{}, {}", epochs, steps)),
      rate_tile(record),
      tile("parameters", count_text(parameters_of(record)),
           times(int64_t(record.results.layers.size()), "layer")));
}

std::string summary_of_several(std::span<const Record> records) {
  return fmt::format("<h1>{} runs</h1>\n<p class=\"lead\">{}</p>\n{}", records.size(),
                     escaped(data_text(records)), comparison(records));
}

}  // namespace ravine::report
