"""Pages of `ravine report`, of studies and of landscapes, loaded in headless Chromium at 400 and 1200 pixels.

    page_test.py RAVINE

Fails on a message on the console (what the page's policy blocks is one), on anything that is
fetched, on what is wider than the page, on text that overlaps, on an empty picture, and where a
landscape does not play.
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

SCRIPT = "<script>const kLeastCharts = {least};{play}{measure}</script>"

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
    """For each page, of at least so many charts, and width what measure.js found, and the lines of
    the console."""
    here = pathlib.Path(__file__).parent
    scripts = {name: (here / f"{name}.js").read_text(encoding="utf-8") for name in ("play", "measure")}
    frames = ""
    for page, least in pages.items():
        measured = page.with_stem(page.stem + "-measured")
        text = page.read_text(encoding="utf-8")
        script = SCRIPT.format(least=least, **scripts)
        measured.write_text(text.replace("<script>", script + "<script>", 1), encoding="utf-8")
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
    """The pages, with how many charts each has at least; and what is wrong with their making."""
    made = runs.make(ravine, folder)
    pages = {run / "report.html": 3 for run in made}
    pages |= {study / "report.html": 3 for study in runs.studies(ravine, folder)}
    pages |= {page: 1 for page in (runs.lr_range(ravine, folder), *runs.landscapes(ravine, folder))}
    overlaid = folder / "overlaid.html"
    subprocess.run([ravine, "report", *made[:FEW], "--out", overlaid], check=True,
                   stdout=subprocess.DEVNULL)
    faults = []
    bytes_of_one = (made[0] / "report.html").stat().st_size
    if bytes_of_one > BYTES_OF_ONE_RUN:
        faults.append(f"the page of a run has {bytes_of_one} bytes")
    copies = runs.copies(made[0], folder / "many", MANY)
    many = folder / "many.html"
    seconds = seconds_of(ravine, "report", *copies, "--out", many)
    if seconds > SECONDS_OF_MANY_RUNS:
        faults.append(f"the report of {MANY} runs takes {seconds:.2f} s")
    print(f"one run: {bytes_of_one} bytes; {MANY} runs: {many.stat().st_size} bytes, "
          f"{seconds:.2f} s")
    return pages | {overlaid: 3, many: 3}, faults


def main():
    ravine = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="ravine page ") as name:
        folder = pathlib.Path(name)
        pages, faults = check_pages(ravine, folder)
        gathered = {}
        for i, (page, least) in enumerate(pages.items()):
            faults += static_faults(page)
            gathered[pathlib.Path(shutil.copy(page, folder / f"page{i}.html"))] = least
        browser = find_browser()
        if browser:
            told, console = what_browser_tells(browser, folder, gathered)
            faults += console
            for t in told:
                page = list(pages)[int(re.search(r"page(\d+)", t["page"])[1])]
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
