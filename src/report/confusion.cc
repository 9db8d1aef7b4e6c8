// The confusion matrix, and precision and recall of each class.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "ravine/format.h"
#include "report/html.h"
#include "report/page.h"
#include "report/sections.h"

namespace ravine::report {
namespace {

constexpr size_t kMatrixClasses = 20;  // of more the most frequent confusions are listed
constexpr size_t kListed = 20, kPerClass = 100;
constexpr size_t kShortName = 3;  // that stands upright over its column

struct Counts {
  std::vector<int64_t> labelled, predicted, right;  // of each class
  std::map<std::pair<int64_t, int64_t>, int64_t> cells;
  int64_t most_wrong = 1;

  explicit Counts(const Results& results)
      : labelled(results.classes.size()),
        predicted(results.classes.size()),
        right(results.classes.size()) {
    for (const auto& [label, said, count] : results.examined.confusion) {
      labelled[size_t(label)] += count, predicted[size_t(said)] += count;
      cells[{label, said}] += count;
      if (label == said) right[size_t(label)] += count;
      if (label != said) most_wrong = std::max(most_wrong, count);
    }
  }
};

std::string cell_html(const Counts& counts, size_t label, size_t said) {
  const auto cell = counts.cells.find({int64_t(label), int64_t(said)});
  if (cell == counts.cells.end()) return R"(<td class="zero">0</td>)";
  const bool right = label == said;
  const double share =
      double(cell->second) / double(right ? counts.labelled[label] : counts.most_wrong);
  return fmt::format(R"(<td class="{}" style="--s:{:.2f}">{}</td>)", right ? "right" : "wrong",
                     share, cell->second);
}

std::string matrix(const Counts& counts, const std::vector<std::string>& classes) {
  const bool upright = std::ranges::all_of(
      classes, [](const std::string& name) { return name.size() <= kShortName; });
  std::string text = fmt::format(
      R"(<div><div class="scroll" tabindex="0" role="group" aria-label="confusion matrix">)"
      R"(<table class="matrix{}"><caption>Rows are labels, columns what the model says</caption>)"
      R"(<thead><tr><th scope="col"></th>)",
      upright ? "" : " long");
  for (const std::string& name : classes) {
    text += fmt::format(R"(<th scope="col"><span>{}</span></th>)", escaped(name));
  }
  text += "</tr></thead><tbody>\n";
  for (size_t label = 0; label < classes.size(); ++label) {
    text += fmt::format(R"(<tr><th scope="row">{}</th>)", escaped(classes[label]));
    for (size_t said = 0; said < classes.size(); ++said) text += cell_html(counts, label, said);
    text += "</tr>\n";
  }
  return text +
         "</tbody></table></div><p class=\"note\">A row is a label, a column what the model says."
         "</p></div>\n";
}

// The most frequent confusions, where a matrix would be too large.
std::string list(const Counts& counts, const std::vector<std::string>& classes) {
  std::vector<std::pair<std::pair<int64_t, int64_t>, int64_t>> wrong;
  for (const auto& cell : counts.cells) {
    if (cell.first.first != cell.first.second) wrong.push_back(cell);
  }
  std::ranges::stable_sort(wrong, std::greater(), [](const auto& cell) { return cell.second; });
  wrong.resize(std::min(wrong.size(), kListed));
  Table table{"the most frequent confusions", "", {"label", "model says", "examples"}, {}};
  for (const auto& [cell, count] : wrong) {
    table.rows.push_back({escaped(classes[size_t(cell.first)]),
                          escaped(classes[size_t(cell.second)]), count_text(count)});
  }
  return wrong.empty() ? "" : table_html(table);
}

std::string share_cell(int64_t part, int64_t all) {
  if (all == 0) return "none";
  const double share = double(part) / double(all);
  return fmt::format(
      R"({}<span class="bar" aria-hidden="true"><i style="width:{:.0f}%"></i></span>)",
      percent_text(share), 100 * share);
}

std::string class_table(const Counts& counts, const std::vector<std::string>& classes) {
  std::vector<size_t> order(classes.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::string note;
  if (order.size() > kPerClass) {  // the worst ones
    std::ranges::stable_sort(order, {}, [&](size_t k) {
      return double(counts.right[k]) / double(std::max<int64_t>(counts.labelled[k], 1));
    });
    order.resize(kPerClass);
    note = fmt::format("<p class=\"note\">The {} of {} classes that are recognised least.</p>",
                       kPerClass, count_text(int64_t(classes.size())));
  }
  Table table{
      "precision and recall of each class", "", {"class", "examples", "precision", "recall"}, {}};
  for (const size_t k : order) {
    table.rows.push_back({escaped(classes[k]), count_text(counts.labelled[k]),
                          share_cell(counts.right[k], counts.predicted[k]),
                          share_cell(counts.right[k], counts.labelled[k])});
  }
  return "<div>" + table_html(table) + note + "</div>";
}

}  // namespace

std::string confusion_section(const Record& record, int level) {
  const Results& results = record.results;
  if (results.examined.confusion.empty()) return "";
  const Counts counts(results);
  const bool small = results.classes.size() <= kMatrixClasses;
  const std::string body =
      fmt::format("<div class=\"two\">{}{}</div>",
                  small ? matrix(counts, results.classes) : list(counts, results.classes),
                  class_table(counts, results.classes));
  return section(level, "What it takes for what: " + examined_text(results.examined), body);
}

}  // namespace ravine::report
