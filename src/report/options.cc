// What was trained and how: the network, every option, the command, and the numbers.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/file.h"
#include "base/text.h"
#include "ravine/format.h"
#include "ravine/option.h"
#include "report/html.h"
#include "report/page.h"
#include "report/sections.h"
#include "train/folder.h"
#include "train/load.h"

namespace ravine::report {
namespace {

std::string flag_of(const OptionRef& option) {
  std::string name = option.option.name;
  std::ranges::replace(name, '_', '-');
  return "--" + name;
}

// Calls f(option, is it the default) for each.
template <class F>
void for_each_option(const TrainConfig& config, const F& f) {
  TrainConfig copy = config, defaults;
  const std::vector<OptionRef> options = list_options(copy), usual = list_options(defaults);
  for (size_t i = 0; i < options.size(); ++i) {
    f(options[i], value_text(options[i]) == value_text(usual[i]));
  }
}

// Numbers as in the file, but with fewer digits.
std::string number_text(const std::string& column, double value) {
  if (column == "epoch" || column == "step") return count_text(std::llround(value));
  if (column == "seconds") return seconds_text(value);
  if (column == "lr") return fmt::format("{:.6g}", value);
  if (column.ends_with("accuracy")) return percent_text(value);
  return loss_text(value);
}

}  // namespace

std::string words_of(const OptionRef& option) {
  if (const auto* flag = std::get_if<bool*>(&option.value)) {
    return **flag ? flag_of(option) : "--no-" + flag_of(option).substr(2);
  }
  return fmt::format("{} {}", flag_of(option), shell_text(value_text(option)));
}

std::string command_of(const TrainConfig& config) {
  std::string text = "ravine train";
  for_each_option(config, [&](const OptionRef& option, bool usual) {
    const std::string_view name = option.option.name;
    const bool always = name == "data" || name == "model" || name == "optimizer";
    const bool unbounded = name == "epochs" && config.epochs == 0;  // follows from --steps
    if (always || (!usual && !unbounded)) text += " \\\n  " + words_of(option);
  });
  return text;
}

std::string network_section(const Record& record, int level) {
  const Results& results = record.results;
  Table table{"the layers of the network", "layers", {"", "layer", "output", "parameters"}, {}};
  int64_t total = 0;
  table.rows.push_back({"", "input", Shape(std::span(results.input)).text(), ""});
  for (const LayerSummary& layer : results.layers) {
    table.rows.push_back({escaped(layer.name), escaped(layer.spec), layer.output.text(),
                          count_text(layer.parameters)});
    total += layer.parameters;
  }
  table.rows.push_back({"", "total", "", count_text(total)});
  return section(level, "Network", table_html(table));
}

std::string options_section(const Record& record, int level) {
  Table table{"every option of the run", "words", {"option", "value", "meaning"}, {}};
  TableOptions of_tables;
  const std::vector<OptionRef> left_out =
      is_table(record.config.data) ? std::vector<OptionRef>() : list_options(of_tables);
  for_each_option(record.config, [&](const OptionRef& option, bool usual) {
    if (find_option(left_out, option.option.name) != nullptr) return;
    const std::string value = value_text(option);
    table.rows.push_back({escaped(option.option.name),
                          fmt::format("<code class=\"{}\">{}</code>", usual ? "usual" : "",
                                      value.empty() ? "\u2013" : escaped(value)),
                          escaped(option.option.help)});
  });
  const std::string again =
      fmt::format("<p>The same run again, to the same bits:</p><pre>{}</pre><p>or</p><pre>{}</pre>",
                  escaped(command_of(record.config)),
                  escaped(fmt::format("ravine train --config {}",
                                      shell_text(path_text(record.folder / kConfigFile)))));
  return section(level, "How to repeat it", again) +
         section(level, "Options",
                 table_html(table) + "<p class=\"note\">Pale values are the defaults.</p>");
}

std::string numbers_section(const Record& record, int level) {
  Table table{"the numbers of each epoch", "", {}, {}};
  for (const HistoryTable::Column& column : record.history.columns) {
    std::string head = column.name;
    std::ranges::replace(head, '_', ' ');
    table.heads.push_back(escaped(head));
  }
  for (size_t row = 0; row < record.history.rows(); ++row) {
    std::vector<std::string> cells;
    for (const HistoryTable::Column& column : record.history.columns) {
      cells.push_back(number_text(column.name, column.values[row]));
    }
    table.rows.push_back(std::move(cells));
  }
  if (table.rows.empty()) return "";
  return section(level, "Numbers",
                 fmt::format("<details{}><summary>{}</summary>{}</details>",
                             table.rows.size() <= 30 ? " open" : "",
                             times(int64_t(table.rows.size()), "epoch"), table_html(table)));
}

}  // namespace ravine::report
