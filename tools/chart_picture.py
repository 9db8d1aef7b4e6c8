#!/usr/bin/env python3
"""Takes a chart of a report out of its page, as a picture of its own: light and dark.

    tools/chart_picture.py runs/report.html docs/images/mnist [TITLE]

writes docs/images/mnist-light.svg and docs/images/mnist-dark.svg: the first chart, or the first below the heading TITLE.
"""
import pathlib
import re
import sys

DARK = re.compile(r"@media \(prefers-color-scheme:dark\)\{(:root\{.*?\})\}", re.S)
USED = re.compile(r"^(:root|\.(c\d|cn|chart|line|marker|point|band|tick)\b).*$", re.M)


def picture(svg, style, dark):
    colors = DARK.search(style)
    style = DARK.sub("", style)
    rules = [match[0] for match in USED.finditer(style.split("\n*{")[0])]
    rules += [colors[1]] if dark else []
    variables = {}
    for root in re.findall(r":root\{(.*?)\}", "\n".join([style.split("\n*{")[0], *rules[-1:]]), re.S):
        variables.update(pair.split(":") for pair in root.replace("\n", "").split(";") if pair)
    text = "\n".join(rule for rule in rules if not rule.startswith(":root"))
    text = re.sub(r"var\((--(?!c\))\w+)\)", lambda match: variables[match[1]], text)
    svg = re.sub(r' (?:data-\w+|tabindex)="[^"]*"', "", svg)
    width, height = map(float, re.search(r'viewBox="0 0 (\S+) (\S+)"', svg).groups())
    width += 24  # a page lets a wide font's legend hang over, a picture would cut it
    svg = re.sub(r'viewBox="[^"]*"', f'viewBox="0 0 {width:g} {height:g}"', svg, count=1)
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * width:g}" height="{2 * height:g}"'
    return svg.replace("<svg", opening, 1).replace("<title", f"<style>{text}</style><title", 1) + "\n"


def main():
    page = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
    start = page.index(f"<h2>{sys.argv[3]}</h2>") if len(sys.argv) > 3 else 0
    svg = re.search(r'<svg class="chart".*?</svg>', page[start:], re.S)[0]
    style = re.search(r"<style>(.*?)</style>", page, re.S)[1]
    for name, dark in (("light", False), ("dark", True)):
        path = pathlib.Path(f"{sys.argv[2]}-{name}.svg")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(picture(svg, style, dark), encoding="utf-8")
        print(path, path.stat().st_size, "bytes")


main()
