// Runs in a page; tells the frame around it what is wrong.
addEventListener('error', event => console.error(event.message));
addEventListener('load', () => setTimeout(async () => {
  const faults = [];
  const check = (right, text) => { if (!right) faults.push(text); };
  document.querySelectorAll('details').forEach(d => d.open = true);
  const root = document.documentElement;
  check(root.scrollWidth <= innerWidth, `the page is ${root.scrollWidth} wide, in ${innerWidth}`);
  const seen = e => e.getClientRects().length > 0;
  const charts = [...document.querySelectorAll('svg.chart')].filter(seen);
  check(charts.length >= kLeastCharts, `${charts.length} charts`);
  for (const svg of charts) {
    const box = svg.getBBox(), name = svg.id;
    check(box.width > 200 && box.height > 100, `${name}: ${box.width} x ${box.height}`);
    const lines = [...svg.querySelectorAll('[data-name]')];
    const told = lines.filter(line => line.dataset.values);
    check(lines.length > 0, `${name}: no line`);
    for (const line of lines) {
      const marked = line.parentNode.querySelector('.marker');
      check(line.getTotalLength() > 0 || marked, `${name}: an empty line`);
    }
    for (const line of told) {
      const points = line.getAttribute('d').match(/[ML]/g).length;
      check(line.dataset.values.split(';').length === points, `${name}: values are not the points`);
    }
    const texts = [...svg.querySelectorAll('text')].map(t => [t, t.getBoundingClientRect()]);
    for (const [text, a] of texts) {
      check(a.left >= 0 && a.right <= innerWidth, `${name}: '${text.textContent}' is cut off`);
      for (const [other, b] of texts) {
        if (text === other) break;
        check(a.right <= b.left || b.right <= a.left || a.bottom <= b.top + 2 || b.bottom <= a.top + 2,
              `${name}: '${text.textContent}' lies over '${other.textContent}'`);
      }
    }
    if (told.length === 0) continue;
    for (const key of ['End', 'ArrowLeft', 'Home']) {
      svg.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
      const tip = svg.parentNode.querySelector('.tip');
      check(tip && tip.textContent.length > 5, `${name}: nothing is told after ${key}`);
      check(root.scrollWidth <= innerWidth, `${name}: what is told is wider than the page`);
    }
    svg.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape', bubbles: true}));
    check(!svg.parentNode.querySelector('.tip'), `${name}: Escape hides nothing`);
  }
  if (document.querySelector('#play')) await play(charts[0], check);
  for (const image of document.images) check(image.naturalWidth > 0, 'an empty image');
  for (const r of performance.getEntriesByType('resource')) {
    check(r.name.startsWith('data:'), `asks for ${r.name}`);
  }
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  check(new Set(ids).size === ids.length, 'two elements have one id');
  for (const link of document.querySelectorAll('a[href]')) {
    check(document.querySelector(link.getAttribute('href')), `a link to nowhere: ${link.href}`);
  }
  parent.postMessage({width: innerWidth, faults, charts: charts.length,
                      images: document.images.length}, '*');
}, 0));
