#include "report/page.h"

#include <fmt/format.h>

#include "report/html.h"

namespace ravine::report {

std::string html_page(std::string_view title, std::string_view body) {
  // The policy makes the browser see to it that nothing is fetched.
  return fmt::format(
      R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{}</title>
<style>{}{}</style>
</head>
<body>
<main>
{}
</main>
<script>{}</script>
</body>
</html>
)",
      escaped(title), chart_style(), page_style(), body, page_script());
}

std::string section(int level, std::string_view title, std::string_view body) {
  if (body.empty()) return "";
  return fmt::format("<section><h{0}>{1}</h{0}>\n{2}</section>\n", level, escaped(title), body);
}

std::string chart_figure(const Chart& chart, std::string_view note, std::string_view cls) {
  return fmt::format(
      R"(<figure class="{}"><figcaption><b>{}</b> <span>{}</span></figcaption>{}</figure>)"
      "\n",
      cls, escaped(chart.title), escaped(note), chart_svg(chart));
}

std::string text_figure(std::string_view title, std::string_view text, std::string_view note) {
  return fmt::format(
      R"(<figure class="text"><figcaption><b>{}</b></figcaption><p>{}</p><span>{}</span></figure>)"
      "\n",
      escaped(title), escaped(text), escaped(note));
}

std::string table_html(const Table& table) {
  std::string text = fmt::format(
      R"(<div class="scroll" tabindex="0" role="group" aria-label="{0}"><table class="{1}"><caption>{0}</caption><thead><tr>)",
      escaped(table.caption), table.cls);
  for (const std::string& head : table.heads)
    text += fmt::format("<th scope=\"col\">{}</th>", head);
  text += "</tr></thead><tbody>\n";
  for (const auto& row : table.rows) {
    text += "<tr>";
    for (size_t i = 0; i < row.size(); ++i) {
      text += i == 0 ? fmt::format("<th scope=\"row\">{}</th>", row[i])
                     : fmt::format("<td>{}</td>", row[i]);
    }
    text += "</tr>\n";
  }
  return text + "</tbody></table></div>\n";
}

}  // namespace ravine::report
