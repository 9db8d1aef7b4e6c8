// ravine/report.h: run folders in, a page or text out.
#include "ravine/report.h"

#include <fmt/format.h>

#include "base/file.h"
#include "ravine/format.h"
#include "report/chart_text.h"
#include "report/curves.h"
#include "report/html.h"
#include "report/page.h"
#include "report/sections.h"

namespace ravine {
namespace report {
namespace {

std::string details_of(const Record& record, const std::string& id, int level) {
  return diagnosis_section(record, id, level) + confusion_section(record, level) +
         mistakes_section(record, level) + residuals_section(record, id, level) +
         columns_section(record, level) + network_section(record, level) +
         numbers_section(record, level) + options_section(record, level);
}

// A part for each run, closed at first.
std::string runs_section(std::span<const Record> records) {
  std::string body;
  for (size_t i = 0; i < records.size(); ++i) {
    const std::string ending = ending_of(records[i]);
    body += fmt::format(
        "<details class=\"run\" id=\"run-{0}\"><summary>{1} {2}</summary>{3}{4}</details>\n", i + 1,
        key_svg({.name = "", .look = int(i), .points = {}}), escaped(records[i].name),
        ending.empty() ? "" : fmt::format("<p class=\"notice\">{}</p>", escaped(ending)),
        details_of(records[i], fmt::format("run-{}-", i + 1), 3));
  }
  return section(2, "Each run", body);
}

std::string footer_of(std::span<const Record> records) {
  const Results& results = records[0].results;
  return fmt::format("<footer>Ravine {}, {}</footer>", escaped(results.version),
                     escaped(results.isa));
}

std::string body_of(std::span<const Record> records) {
  if (records.size() == 1) {
    return summary_of_one(records[0]) + curves_section(records) + details_of(records[0], "", 2) +
           footer_of(records);
  }
  return summary_of_several(records) + curves_section(records) + runs_section(records) +
         footer_of(records);
}

}  // namespace
}  // namespace report

std::string report_page(std::span<const std::filesystem::path> runs) {
  const std::vector<report::Record> records = report::read_records(runs);
  const std::string title =
      records.size() == 1 ? records[0].name : fmt::format("{} runs", records.size());
  return report::html_page(title, report::body_of(records));
}

std::string report_text(std::span<const std::filesystem::path> runs, const TextOptions& options) {
  const std::vector<report::Record> records = report::read_records(runs);
  std::string text;
  for (const report::Plot& plot : report::plots_of(records, records.size() > 1)) {
    // Of one run a curve over seconds is the one over epochs once more.
    if (records.size() == 1 && plot.over == report::Over::kSeconds) continue;
    text += report::chart_text(plot.chart, plot.note, options) + '\n';
  }
  for (const report::Record& record : records)
    text += wrapped(report::line_of(record), options.width, 2) + '\n';
  return text;
}

void write_page(const std::filesystem::path& file, std::string_view page) {
  write_file(file, page);
}

}  // namespace ravine
