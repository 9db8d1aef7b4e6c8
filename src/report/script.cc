#include "report/page.h"

namespace ravine::report {

// Without it the page shows all that it has, but for the values under the pointer. A chart's lines
// carry their values as text, in the order of the points of their path.
std::string_view page_script() {
  return R"js(
'use strict';
const kShown = 12, kNamespace = 'http://www.w3.org/2000/svg';

function linesOf(svg) {
  return [...svg.querySelectorAll('[data-values]')].map(path => {
    const xy = path.getAttribute('d').match(/-?[\d.]+/g).map(Number);
    const points = path.dataset.values.split(';').map((text, i) => {
      const [x, y] = text.split('|');
      return {at: xy[2 * i], height: xy[2 * i + 1], x, y};
    });
    return {name: path.dataset.name, color: path.parentNode.getAttribute('class'), points};
  });
}

function nearest(points, at) {
  return points.reduce((a, b) => Math.abs(b.at - at) < Math.abs(a.at - at) ? b : a);
}

function element(parent, name, attributes) {
  const made = document.createElementNS(kNamespace, name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  return parent.appendChild(made);
}

function watch(svg) {
  const lines = linesOf(svg);
  if (!lines.length) return;
  const [left, top, width, height] = svg.dataset.plot.split(' ').map(Number);
  const stops = [...new Set(lines.flatMap(line => line.points.map(p => p.at)))].sort((a, b) => a - b);
  const figure = svg.parentNode;
  const said = figure.appendChild(document.createElement('div'));
  said.className = 'hidden';
  said.setAttribute('aria-live', 'polite');
  let overlay = null, tip = null, stop = stops.length - 1;

  function hide() {
    if (overlay) overlay.remove();
    if (tip) tip.remove();
    overlay = tip = null;
  }

  function show(at, height_at) {
    hide();
    overlay = element(svg, 'g', {});
    let found = lines.map(line => ({line, point: nearest(line.points, at)}));
    const here = found.reduce((a, b) =>
        Math.abs(b.point.at - at) < Math.abs(a.point.at - at) ? b : a).point;
    if (height_at !== undefined && found.length > kShown) {
      found.sort((a, b) => Math.abs(a.point.height - height_at) - Math.abs(b.point.height - height_at));
      found = found.slice(0, kShown);
    }
    found.sort((a, b) => a.point.height - b.point.height);
    element(overlay, 'line', {class: 'cursor', x1: here.at, x2: here.at, y1: top, y2: top + height});
    tip = document.createElement('div');
    tip.className = 'tip';
    const title = tip.appendChild(document.createElement('b'));
    title.textContent = svg.dataset.x + ' ' + here.x;
    for (const {line, point} of found) {
      element(overlay, 'circle', {class: 'dot ' + line.color, cx: point.at, cy: point.height, r: 4.5});
      const row = tip.appendChild(document.createElement('div'));
      const dot = row.appendChild(document.createElement('i'));
      dot.className = line.color;
      row.appendChild(document.createTextNode(line.name));
      const value = row.appendChild(document.createElement('span'));
      value.textContent = point.x === here.x ? point.y : point.y + ' at ' + point.x;
    }
    figure.appendChild(tip);
    const scale = svg.clientWidth / svg.viewBox.baseVal.width;
    const right = here.at * scale + 12, room = figure.clientWidth - tip.offsetWidth;
    tip.style.left = Math.max(0, right <= room ? right : here.at * scale - tip.offsetWidth - 12) + 'px';
    tip.style.top = svg.offsetTop + top * scale + 'px';
    return title.textContent + ': ' + found.slice(0, kShown).map(f => f.line.name + ' ' + f.point.y).join(', ');
  }

  svg.addEventListener('pointermove', event => {
    const box = svg.getBoundingClientRect(), scale = svg.viewBox.baseVal.width / box.width;
    show((event.clientX - box.left) * scale, (event.clientY - box.top) * scale);
  });
  svg.addEventListener('pointerleave', hide);
  svg.addEventListener('blur', hide);
  svg.addEventListener('keydown', event => {
    const moves = {ArrowLeft: stop - 1, ArrowRight: stop + 1, Home: 0, End: stops.length - 1};
    if (event.key === 'Escape') hide();
    if (!(event.key in moves)) return;
    event.preventDefault();
    stop = Math.min(Math.max(moves[event.key], 0), stops.length - 1);
    said.textContent = show(stops[stop]);
  });
}

document.querySelectorAll('svg.chart').forEach(watch);

const closed = [];
addEventListener('beforeprint', () => {
  for (const details of document.querySelectorAll('details:not([open])')) {
    details.open = true;
    closed.push(details);
  }
});
addEventListener('afterprint', () => closed.splice(0).forEach(details => details.open = false));
)js";
}

}  // namespace ravine::report
