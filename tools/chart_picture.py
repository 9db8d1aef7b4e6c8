#!/usr/bin/env python3
"""Takes the first chart of a report out of its page, as a picture of its own: light and dark.

    tools/chart_picture.py runs/report.html docs/images/mnist

writes docs/images/mnist-light.svg and docs/images/mnist-dark.svg.
"""
import pathlib
import re
import sys

DARK = re.compile(r"@media \(prefers-color-scheme:dark\)\{(:root\{.*?\})\}", re.S)
USED = re.compile(r"^(:root|\.(c\d|cn|chart|line|marker|band|tick)\b).*$", re.M)


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
    width, height = re.search(r'viewBox="0 0 (\S+) (\S+)"', svg).groups()
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * float(width):g}" height="{2 * float(height):g}"'
    return svg.replace("<svg", opening, 1).replace("<title", f"<style>{text}</style><title", 1) + "\n"


def main():
    page = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
    svg = re.search(r'<svg class="chart".*?</svg>', page, re.S)[0]
    style = re.search(r"<style>(.*?)</style>", page, re.S)[1]
    for name, dark in (("light", False), ("dark", True)):
        path = pathlib.Path(f"{sys.argv[2]}-{name}.svg")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(picture(svg, style, dark), encoding="utf-8")
        print(path, path.stat().st_size, "bytes")


main()
