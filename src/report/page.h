// The page: what stands around its sections, and the parts that they share.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "report/chart.h"

namespace ravine::report {

// A whole HTML file that asks the network for nothing.
std::string html_page(std::string_view title, std::string_view body);

// "" where there is no body. `level` of its heading: 2, or 3 inside of a run's details.
std::string section(int level, std::string_view title, std::string_view body);

std::string chart_figure(const Chart& chart, std::string_view note, std::string_view cls = "");
std::string text_figure(std::string_view title, std::string_view text, std::string_view note);

// Cells are HTML; the first of each row is its heading. Scrolls sideways where it is too wide.
struct Table {
  std::string caption;  // for screen readers
  std::string cls;      // "words": columns of text
  std::vector<std::string> heads;
  std::vector<std::vector<std::string>> rows;
};
std::string table_html(const Table& table);

std::string_view page_style();
std::string_view page_script();

}  // namespace ravine::report
