// Traces as tables.
#include <fmt/format.h>

#include <algorithm>

#include "ravine/trace.h"

namespace ravine {
namespace {

using Cells = std::vector<std::string>;

std::string number(double value, int digits) { return fmt::format("{:#.{}g}", value, digits); }

// What differs from `first`, in brackets.
std::string marked(const std::string& first, const std::string& text) {
  if (first.empty() || first == text) return text;
  size_t same = 0;
  while (same < first.size() && same < text.size() && first[same] == text[same]) ++same;
  return fmt::format("{}[{}]", text.substr(0, same), text.substr(same));
}

// Columns aligned: the first and the last to the left, the others to the right.
std::string plain_table(const std::vector<Cells>& rows) {
  std::vector<size_t> widths(rows[0].size());
  for (const Cells& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Cells& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const bool left = i == 0 || i + 1 == row.size();
      line += left ? fmt::format("{}{:<{}}", i == 0 ? "" : "  ", row[i], widths[i])
                   : fmt::format("  {:>{}}", row[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string markdown_table(const std::vector<Cells>& rows) {
  std::string text;
  for (size_t r = 0; r < rows.size(); ++r) {
    const Cells& row = rows[r];
    text += "|";
    for (size_t i = 0; i < row.size(); ++i) {
      const bool code = r > 0 && i + 1 == row.size() && !row[i].empty();
      text += code ? fmt::format(" `{}` |", row[i]) : fmt::format(" {} |", row[i]);
    }
    text += "\n";
    if (r > 0) continue;
    text += "|";
    for (size_t i = 0; i < row.size(); ++i) {
      text += i == 0 || i + 1 == row.size() ? "---|" : "---:|";
    }
    text += "\n";
  }
  return text;
}

std::string table(const std::vector<Cells>& rows, const TraceTextOptions& options) {
  return options.markdown ? markdown_table(rows) : plain_table(rows);
}

std::string heading(const std::string& text, const TraceTextOptions& options) {
  return options.markdown ? fmt::format("**{}**\n\n", text) : text + "\n\n";
}

// "w: square_avg" where there are several parameters.
std::string label(const TraceRow& row, bool several) {
  return several && !row.parameter.empty() && row.name != row.parameter
             ? fmt::format("{}: {}", row.parameter, row.name)
             : row.name;
}

bool several_parameters(const Trace& trace) {
  const std::string* first = nullptr;
  for (const TraceRow& row : trace.rows) {
    if (row.parameter.empty()) continue;
    if (first && *first != row.parameter) return true;
    first = &row.parameter;
  }
  return false;
}

std::string one(const Trace& trace, const TraceTextOptions& options) {
  std::vector<Cells> rows(1, {"step"});
  for (size_t t = 1; t <= trace.rows[0].values.size(); ++t) rows[0].push_back(fmt::format("{}", t));
  rows[0].emplace_back();
  for (const TraceRow& row : trace.rows) {
    Cells& cells = rows.emplace_back(Cells{label(row, several_parameters(trace))});
    for (const double value : row.values) cells.push_back(number(value, options.digits));
    cells.push_back(row.formula.empty() ? "" : "= " + row.formula);
  }
  return heading(trace.plain, options) + table(rows, options);
}

// The rows of all of them: the first one's, and what only others have before their next common one.
std::vector<const TraceRow*> all_rows(std::span<const Trace> traces) {
  std::vector<const TraceRow*> rows;
  const auto find = [&](const TraceRow& row) {
    return std::ranges::find_if(rows, [&](const TraceRow* r) {
      return r->parameter == row.parameter && r->name == row.name;
    });
  };
  for (const Trace& trace : traces) {
    auto place = rows.begin();
    for (const TraceRow& row : trace.rows) {
      const auto there = find(row);
      place = there == rows.end() ? rows.insert(place, &row) + 1 : there + 1;
    }
  }
  return rows;
}

const TraceRow* row_of(const Trace& trace, const TraceRow& like) {
  const auto row = std::ranges::find_if(trace.rows, [&](const TraceRow& r) {
    return r.parameter == like.parameter && r.name == like.name;
  });
  return row == trace.rows.end() ? nullptr : &*row;
}

// What it means in plain words, and its formulas for the first parameter.
std::string legend(const Trace& trace, const TraceTextOptions& options) {
  std::vector<Cells> rows(1, {trace.optimizer, "formula"});
  const std::string* first = nullptr;
  for (const TraceRow& row : trace.rows) {
    if (!row.parameter.empty() && first == nullptr) first = &row.parameter;
    const bool others = !row.parameter.empty() && row.parameter != *first;
    if (others || row.formula.empty()) continue;
    rows.push_back({row.name, "= " + row.formula});
  }
  return heading(trace.plain, options) + table(rows, options) + "\n";
}

std::string side_by_side(std::span<const Trace> traces, const TraceTextOptions& options) {
  std::string text;
  for (const Trace& trace : traces) text += legend(trace, options);
  const std::vector<const TraceRow*> all = all_rows(traces);
  size_t steps = 0;
  for (const Trace& trace : traces) steps = std::max(steps, trace.rows[0].values.size());
  for (size_t t = 0; t < steps; ++t) {
    std::vector<Cells> rows(1, {fmt::format("step {}", t + 1)});
    for (const Trace& trace : traces) rows[0].push_back(trace.optimizer);
    rows[0].emplace_back();
    for (const TraceRow* like : all) {
      Cells& cells = rows.emplace_back(Cells{label(*like, several_parameters(traces[0]))});
      std::string first;
      for (const Trace& trace : traces) {
        const TraceRow* row = row_of(trace, *like);
        const bool there = row && t < row->values.size();
        const std::string value = there ? number(row->values[t], options.digits) : "";
        cells.push_back(there ? marked(first, value) : "");
        if (first.empty()) first = value;
      }
      cells.emplace_back();
    }
    text += (t == 0 ? "" : "\n") + table(rows, options);
  }
  return text;
}

}  // namespace

std::string trace_text(std::span<const Trace> traces, const TraceTextOptions& options) {
  if (traces.empty()) return "";
  return traces.size() == 1 ? one(traces[0], options) : side_by_side(traces, options);
}

}  // namespace ravine
