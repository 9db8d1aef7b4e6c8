"""Pages of `ravine report` and of studies, loaded in headless Chromium at 400 and 1200 pixels.

    page_test.py RAVINE

Fails on a message on the console (what the page's policy blocks is one), on anything that is
fetched, on what is wider than the page, on text that overlaps, and on an empty picture.
"""
import json
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile

import runs

WIDTHS = (400, 1200)
FEW, MANY = 3, 40
BYTES_OF_ONE_RUN = 300_000  # of 20 epochs
SECONDS_OF_MANY_RUNS = 1.0  # of processor time

# Runs in the page; tells the frame around it what is wrong.
MEASURE = """
<script>
addEventListener('error', event => console.error(event.message));
addEventListener('load', () => setTimeout(() => {
  const faults = [];
  const check = (right, text) => { if (!right) faults.push(text); };
  document.querySelectorAll('details').forEach(d => d.open = true);
  const root = document.documentElement;
  check(root.scrollWidth <= innerWidth, `the page is ${root.scrollWidth} wide, in ${innerWidth}`);
  const seen = e => e.getClientRects().length > 0;
  const charts = [...document.querySelectorAll('svg.chart')].filter(seen);
  check(charts.length >= 3, `${charts.length} charts`);
  for (const svg of charts) {
    const box = svg.getBBox(), name = svg.id;
    check(box.width > 200 && box.height > 100, `${name}: ${box.width} x ${box.height}`);
    const lines = [...svg.querySelectorAll('[data-values]')];
    check(lines.length > 0, `${name}: no line`);
    for (const line of lines) {
      const marked = line.parentNode.querySelector('.marker');
      check(line.getTotalLength() > 0 || marked, `${name}: an empty line`);
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
    for (const key of ['End', 'ArrowLeft', 'Home']) {
      svg.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
      const tip = svg.parentNode.querySelector('.tip');
      check(tip && tip.textContent.length > 5, `${name}: nothing is told after ${key}`);
      check(root.scrollWidth <= innerWidth, `${name}: what is told is wider than the page`);
    }
    svg.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape', bubbles: true}));
    check(!svg.parentNode.querySelector('.tip'), `${name}: Escape hides nothing`);
  }
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
</script>
"""

FRAMES = """<!doctype html><meta charset="utf-8"><body><pre id="told"></pre><script>
const told = [];
addEventListener('message', event => {{
  const frames = [...document.querySelectorAll('iframe')];
  told.push({{page: frames.find(f => f.contentWindow === event.source).src, ...event.data}});
  document.getElementById('told').textContent = JSON.stringify(told);
}});
</script>{}"""


def find_browser():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if shutil.which(name):
            return name
    return None


def what_browser_tells(browser, folder, pages):
    """For each page and width what MEASURE found, and the lines of the console."""
    frames = ""
    for page in pages:
        measured = page.with_stem(page.stem + "-measured")
        text = page.read_text(encoding="utf-8")
        measured.write_text(text.replace("<script>", MEASURE + "<script>", 1), encoding="utf-8")
        for width in WIDTHS:
            frames += (f'<iframe src="{measured.name}" '
                       f'style="width:{width}px;height:900px;border:0"></iframe>')
    index = folder / "frames.html"
    index.write_text(FRAMES.format(frames), encoding="utf-8")
    command = [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
               f"--user-data-dir={folder / 'profile'}", "--enable-logging=stderr",
               "--window-size=1400,1000", "--virtual-time-budget=20000", "--timeout=60000",
               "--dump-dom", index.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=True)
    told = re.search(r'<pre id="told">(.*?)</pre>', done.stdout, re.S)
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return json.loads(told[1] or "[]") if told else [], console


def static_faults(page):
    text = page.read_text(encoding="utf-8")
    for match in re.finditer(r"""https?://[^\s"'<]*|\b(?:src|href)="(?!data:|#)[^"]*""", text):
        if match[0] != "http://www.w3.org/2000/svg":
            yield f"{page.name} names {match[0]}"


def seconds_of(*command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def check_pages(ravine, folder):
    made = runs.make(ravine, folder)
    pages = [run / "report.html" for run in made]
    pages += [study / "report.html" for study in runs.studies(ravine, folder)]
    overlaid = folder / "overlaid.html"
    subprocess.run([ravine, "report", *made[:FEW], "--out", overlaid], check=True,
                   stdout=subprocess.DEVNULL)
    faults = []
    if pages[0].stat().st_size > BYTES_OF_ONE_RUN:
        faults.append(f"{pages[0]} has {pages[0].stat().st_size} bytes")
    copies = runs.copies(made[0], folder / "many", MANY)
    many = folder / "many.html"
    seconds = seconds_of(ravine, "report", *copies, "--out", many)
    if seconds > SECONDS_OF_MANY_RUNS:
        faults.append(f"the report of {MANY} runs takes {seconds:.2f} s")
    print(f"one run: {pages[0].stat().st_size} bytes; {MANY} runs: {many.stat().st_size} bytes, "
          f"{seconds:.2f} s")
    return [*pages, overlaid, many], faults


def main():
    ravine = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="ravine page ") as name:
        folder = pathlib.Path(name)
        pages, faults = check_pages(ravine, folder)
        gathered = []
        for i, page in enumerate(pages):
            faults += static_faults(page)
            gathered.append(pathlib.Path(shutil.copy(page, folder / f"page{i}.html")))
        browser = find_browser()
        if browser:
            told, console = what_browser_tells(browser, folder, gathered)
            faults += console
            for t in told:
                page = pages[int(re.search(r"page(\d+)", t["page"])[1])]
                faults += [f"{page} at {t['width']} pixels: {fault}" for fault in t["faults"]]
            if len(told) != len(gathered) * len(WIDTHS):
                faults.append(f"{len(told)} of {len(gathered) * len(WIDTHS)} pages were measured")
            if not any(t["images"] for t in told):
                faults.append("no page has an image")
    if faults:
        sys.exit("\n".join(faults))
    if not browser:
        print("skipped: no chromium here; Debian's package chromium has it", flush=True)


main()
