// A landscape as a picture, and as a page that plays.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "lab/contours.h"
#include "lab/expression.h"
#include "ravine/format.h"
#include "ravine/landscape.h"
#include "ravine/ops.h"
#include "report/html.h"
#include "report/page.h"

namespace ravine {
namespace {

using report::Chart;
using report::Line;
using report::Point;
using report::Series;

constexpr size_t kGrid = 201;  // heights along each axis

// Which updates of a path are drawn: the first ones all, since the steps are longest there, then
// some, and the last.
std::vector<size_t> drawn(size_t updates) {
  constexpr size_t kFirst = 300, kMore = 700;
  std::vector<size_t> steps;
  const size_t stride = std::max<size_t>(1, updates / kMore);
  for (size_t i = 0; i < updates; i += i < kFirst ? 1 : stride) steps.push_back(i);
  steps.push_back(updates);
  return steps;
}

Tensor axis(double low, double high, const Shape& shape) {
  Tensor values = Tensor::empty(shape, DType::kFloat64);
  for (size_t i = 0; i < kGrid; ++i) {
    values.values<double>()[i] = low + (high - low) * double(i) / double(kGrid - 1);
  }
  return values;
}

lab::Heights heights_of(const Surface& surface) {
  const auto& view = surface.view;
  const auto n = int64_t(kGrid);
  const lab::Expression f(surface.formula, {"x", "y"});
  const Tensor at[] = {axis(view[0], view[1], {1, n}), axis(view[2], view[3], {n, 1})};
  // Of a formula without x, or without y, the same height along that axis.
  return {kGrid, kGrid, view, (f(at) + 0.0 * (at[0] + at[1])).to_vector()};
}

// Outside of the view it is not drawn.
Series series_of(const LandscapePath& path, const Surface& surface, int look) {
  const auto& view = surface.view;
  Series series{.name = path.optimizer, .look = look};
  for (const size_t i : drawn(path.x.size() - 1)) {
    const double x = path.x[i], y = path.y[i];
    const bool inside = x >= view[0] && x <= view[1] && y >= view[2] && y <= view[3];
    series.points.push_back({x, inside ? y : NAN});
  }
  return series;
}

std::string title_of(const Landscape& seen) {
  return seen.surface.name.empty() ? seen.surface.formula : seen.surface.name;
}

Chart chart_of(const Landscape& seen) {
  const Surface& surface = seen.surface;
  Chart chart{.id = "landscape", .title = title_of(seen), .x = {"x"}, .y = {"y"}};
  chart.description =
      fmt::format("Lines of equal height of {}, and the paths of {} over it.", surface.formula,
                  report::times(int64_t(seen.paths.size()), "optimizer"));
  chart.height = 330, chart.values = false;
  const auto& v = surface.view;
  chart.contours = {{{v[0], v[2]}, {v[1], v[2]}, {v[1], v[3]}, {v[0], v[3]}, {v[0], v[2]}}};
  const lab::Heights heights = heights_of(surface);
  for (const double level : lab::levels_of(heights)) {
    std::ranges::move(lab::contours(heights, level), std::back_inserter(chart.contours));
  }
  int look = 0;
  for (const LandscapePath& path : seen.paths) {
    chart.series.push_back(series_of(path, surface, look++));
  }
  chart.keys = chart.series;
  Series ends{.name = "start and minima", .look = report::kNeutral, .line = Line::kNone};
  ends.points.push_back({surface.start[0], surface.start[1]});
  for (const auto& minimum : surface.minima) ends.points.push_back({minimum[0], minimum[1]});
  std::erase_if(ends.points, [&](const Point& p) {
    return p.x < v[0] || p.x > v[1] || p.y < v[2] || p.y > v[3];
  });
  chart.series.push_back(std::move(ends));
  return chart;
}

std::string number_text(double value) { return fmt::format("{:.5g}", value); }

std::string table_of(const Landscape& seen) {
  report::Table table{.caption = "Where each optimizer came",
                      .cls = "",
                      .heads = {"optimizer", "updates", "x", "y", "height"},
                      .rows = {}};
  int look = 0;
  for (const LandscapePath& path : seen.paths) {
    const std::string key = report::key_svg({.name = path.optimizer, .look = look++});
    table.rows.push_back({key + " " + report::escaped(path.optimizer),
                          count_text(int64_t(path.x.size()) - 1), number_text(path.x.back()),
                          number_text(path.y.back()), number_text(path.loss.back())});
  }
  std::string text = report::table_html(table);
  for (const LandscapePath& path : seen.paths) {
    if (path.ended.empty()) continue;
    text += fmt::format("<p>{} ends early: {}</p>\n", report::escaped(path.optimizer),
                        report::escaped(path.ended));
  }
  return text;
}

// Which update each point of a line in the picture stands for: those outside are not in it.
std::string steps_of(const Landscape& seen, const Chart& chart) {
  std::string text;
  for (size_t k = 0; k < seen.paths.size(); ++k) {
    std::vector<std::string> steps;
    const std::vector<size_t> all = drawn(seen.paths[k].x.size() - 1);
    for (size_t i = 0; i < all.size(); ++i) {
      const bool inside = std::isfinite(chart.series[k].points[i].y);
      if (inside) steps.push_back(std::to_string(all[i]));
    }
    text += fmt::format("{}[{}]", k == 0 ? "" : ",", join(steps, ","));
  }
  return text;
}

constexpr std::string_view kStyle = R"css(<style>
.landscape{max-width:640px}
.player{display:flex;gap:.8em;align-items:center;flex-wrap:wrap;margin:.6em 0}
.player button{font:inherit;padding:.3em 1em;min-width:5em;color:inherit;background:none;
border:1px solid var(--soft);border-radius:.4em;cursor:pointer}
.player input{flex:1;min-width:8em;accent-color:var(--c0)}
.player output{font-variant-numeric:tabular-nums;min-width:9em}
.here{fill:var(--c);stroke:var(--paper);stroke-width:1.2}
</style>)css";

// Each line is cut behind the update that the slider stands at; there a dot shows where it is.
constexpr std::string_view kScript = R"js(<script>
'use strict';
(() => {
  const svg = document.querySelector('#landscape'), slider = document.querySelector('#at');
  const button = document.querySelector('#play'), said = document.querySelector('#said');
  const last = Number(slider.max), kSeconds = 8;
  const lines = [...svg.querySelectorAll('path.line:not(.none)[data-name]')];
  const paths = kSteps.filter(steps => steps.length).map((steps, k) => {
    const line = lines[k], marker = line.parentNode.querySelector('.marker');
    const here = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
    here.setAttribute('r', 4.5);
    here.setAttribute('class', 'here');
    line.parentNode.appendChild(here);
    return {line, marker, here, steps, parts: line.getAttribute('d').match(/[ML][^ML]+/g)};
  });
  function show(at) {
    for (const {line, marker, here, steps, parts} of paths) {
      let n = steps.findIndex(step => step > at);
      if (n < 0) n = steps.length;
      line.setAttribute('d', parts.slice(0, n).join('') || 'M0 0');
      if (marker) marker.style.display = at < last ? 'none' : '';
      const [x, y] = (parts[n - 1] || parts[0]).slice(1).split(' ');
      here.setAttribute('cx', x);
      here.setAttribute('cy', y);
      here.style.display = n ? '' : 'none';  // not yet in the view
    }
    said.textContent = `after ${Math.round(at).toLocaleString('en')} updates`;
    slider.value = at;
  }
  let from = null;
  function stop() { from = null; button.textContent = 'Play'; }
  function tick(now) {
    if (from === null) return;
    // A frame's time may be before that of the click in it.
    const seconds = Math.max(0, now - from.now) / 1000;
    const at = Math.min(last, from.at + seconds / kSeconds * last);
    show(at);
    if (at < last) requestAnimationFrame(tick); else stop();
  }
  button.onclick = () => {
    if (from !== null) return stop();
    const at = Number(slider.value);
    from = {at: at < last ? at : 0, now: performance.now()};
    button.textContent = 'Pause';
    requestAnimationFrame(tick);
  };
  slider.oninput = () => { stop(); show(Number(slider.value)); };
  show(last);
})();
</script>)js";

std::string noise_text(const Landscape& seen) {
  const LandscapeOptions& o = seen.options;
  return o.noise == 0 ? ""
                      : fmt::format("; noise of deviation {} on each gradient, seed {}",
                                    to_text(o.noise), o.seed);
}

}  // namespace

std::string landscape_svg(const Landscape& seen) {
  std::string svg = report::chart_svg(chart_of(seen));
  svg.insert(std::string_view("<svg").size(), R"( xmlns="http://www.w3.org/2000/svg")");
  svg.insert(svg.find('>') + 1, fmt::format("<style>{}.chart{{background:var(--paper)}}</style>",
                                            report::chart_style()));
  return svg + "\n";
}

std::string landscape_page(const Landscape& seen) {
  const Chart chart = chart_of(seen);
  size_t longest = 0;
  for (const LandscapePath& path : seen.paths) longest = std::max(longest, path.x.size() - 1);
  const std::string player = fmt::format(
      R"(<div class="player"><button id="play" type="button">Play</button>)"
      R"(<input id="at" type="range" min="0" max="{0}" value="{0}" aria-label="updates done">)"
      R"(<output id="said" for="at"></output></div>)",
      longest);
  const std::string body = fmt::format(
      "<h1>{}</h1>\n<p class=\"lead\">{}{}</p>\n{}<div class=\"landscape\">{}{}</div>\n{}"
      "<script>const kSteps = [{}];</script>\n{}",
      report::escaped(title_of(seen)), report::escaped(seen.surface.formula),
      report::escaped(noise_text(seen)), kStyle,
      report::chart_figure(chart, "lines of equal height"), player, table_of(seen),
      steps_of(seen, chart), kScript);
  return report::html_page(title_of(seen), body);
}

}  // namespace ravine
