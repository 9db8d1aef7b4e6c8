// A diagnosis as lines of text: findings, and a table of the layers.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "lab/findings.h"
#include "ravine/diagnose.h"
#include "ravine/format.h"

namespace ravine {
namespace {

std::string styled(const TextOptions& options, const char* code, std::string_view text) {
  return options.color ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

std::string measured_text(const Diagnosis& d) {
  if (d.probes.empty()) return "no update was measured";
  const auto& last = d.probes.back();
  return fmt::format("{} update{} measured, of step 1 to {}{}", d.probes.size(),
                     d.probes.size() == 1 ? "" : "s", count_text(last.step),
                     d.repeated ? ", which were repeated for this" : "");
}

std::string finding_text(const Finding& f, const TextOptions& options) {
  const auto part = [&](std::string_view text) {
    return "  " + wrapped(text, options.width - 2, 2) + "\n";
  };
  std::string text = styled(options, "1", f.name) + "\n" + part(f.evidence);
  text += part("try: " + f.remedy);
  if (!f.source.empty()) text += styled(options, "2", part("see: " + f.source));
  return text;
}

std::string cell(double value, bool share) {
  if (std::isnan(value)) return "";
  return share ? percent_text(value) : fmt::format("{:.2g}", value);
}

struct Column {
  const char* head;
  double (*value)(const LayerProbe&);
  bool share = false;
};
constexpr Column kColumns[] = {
    {"gradient", [](const LayerProbe& l) { return l.gradient; }},
    {"update/par.", [](const LayerProbe& l) { return l.ratio(); }},
    {"rate", [](const LayerProbe& l) { return l.rate; }},
    {"mean", [](const LayerProbe& l) { return l.mean; }},
    {"deviation", [](const LayerProbe& l) { return l.deviation; }},
    {"dead", [](const LayerProbe& l) { return l.dead; }, true},
    {"saturated", [](const LayerProbe& l) { return l.saturated; }, true},
};

// Medians over the probes. What no layer has is left out, and from the right what finds no room.
std::string layers_table(const Diagnosis& d, const TextOptions& options) {
  std::vector<std::vector<std::string>> rows(d.layers.size() + 1);
  rows[0] = {"layer"};
  for (size_t i = 0; i < d.layers.size(); ++i) {
    rows[i + 1] = {fmt::format("{} {}", d.layers[i].name, d.layers[i].spec)};
  }
  for (const Column& column : kColumns) {
    std::vector<std::string> cells = {column.head};
    for (size_t i = 0; i < d.layers.size(); ++i) {
      std::vector<double> values;
      for (const Probe& p : d.probes) values.push_back(column.value(p.layers[i]));
      cells.push_back(cell(lab::median(std::move(values)), column.share));
    }
    if (std::all_of(cells.begin() + 1, cells.end(), [](auto& c) { return c.empty(); })) continue;
    for (size_t i = 0; i < rows.size(); ++i) rows[i].push_back(cells[i]);
  }
  std::vector<std::string> lines(rows.size());
  int width = 0;
  for (size_t column = 0; column < rows[0].size(); ++column) {
    size_t widest = 0;
    for (const auto& row : rows) widest = std::max(widest, row[column].size());
    width += int(widest) + (column == 0 ? 0 : 2);
    if (width > options.width && column > 0) break;
    for (size_t i = 0; i < rows.size(); ++i) {
      lines[i] += column == 0 ? fmt::format("{:<{}}", rows[i][0], widest)
                              : fmt::format("  {:>{}}", rows[i][column], widest);
    }
  }
  std::string text;
  for (size_t i = 0; i < lines.size(); ++i) {
    lines[i].erase(lines[i].find_last_not_of(' ') + 1);
    text += (i == 0 ? styled(options, "2", lines[i]) : lines[i]) + "\n";
  }
  return text;
}

}  // namespace

std::string diagnosis_text(const Diagnosis& d, const TextOptions& options, bool layers) {
  const std::string found = d.findings.empty() ? "nothing found"
                                               : fmt::format("{} finding{}", d.findings.size(),
                                                             d.findings.size() == 1 ? "" : "s");
  std::string text =
      wrapped(fmt::format("diagnosis: {}; {}", found, measured_text(d)), options.width, 2) + "\n";
  for (const Finding& f : d.findings) text += "\n" + finding_text(f, options);
  if (layers && !d.probes.empty()) {
    text += "\n" + layers_table(d, options) +
            styled(options, "2",
                   wrapped("medians of the updates measured: norm of the gradient, size of the "
                           "update over that of the parameters, effective learning rate, and the "
                           "outputs",
                           options.width, 0)) +
            "\n";
  }
  return text;
}

}  // namespace ravine
