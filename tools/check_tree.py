#!/usr/bin/env python3
"""What no file of the tree may hold: a path of somebody's machine, work put off, or a reference to
a page that is not there.

    tools/check_tree.py [ROOT]
"""
import pathlib
import re
import sys

FORBIDDEN = {
    r"(?<![\w.])/(work|root|home)/\w": "a path of one machine",
    r"shared/(data|design)": "a folder outside of the repository",
    r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b": "work put off: do it, or file it",
    r"^(<{7}|>{7}) ": "a conflict left behind",
}
ALLOWED = {(".ci/run", "shared/(data|design)"), ("tools/check_tree.py", "shared/(data|design)")}
BINARY = {".safetensors"}  # the recordings in tests/golden
SKIP = {".git", "build", "runs", "__pycache__"}


def files(folder):
    for path in sorted(folder.iterdir()):
        if path.name in SKIP or path.suffix in BINARY:
            continue
        if path.is_dir():
            yield from files(path)
        else:
            yield path


def lost_pages(root, path, text):
    """Pages that a file names, in docs/ or by a link of Markdown, and that do not exist."""
    names = [(match, root / match[0]) for match in re.finditer(r"\bdocs/[\w/-]+\.md\b", text)
             if path.suffix != ".md"]
    if path.suffix == ".md":
        names += [(match, path.parent / match[1]) for match in
                  re.finditer(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text)]
    return [match for match, target in names if not target.exists()]


def faults(root):
    for path in files(root):
        name = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")  # a file that is not text is a fault too
        for match in lost_pages(root, path, text):
            yield f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]}: there is no such page"
        for pattern, why in FORBIDDEN.items():
            if (name, pattern) in ALLOWED:
                continue
            for match in re.finditer(pattern, text, re.MULTILINE):
                line = text.count("\n", 0, match.start()) + 1
                yield f"{name}:{line}: {match[0]!r}: {why}"


root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)
found = list(faults(root.resolve()))
print("\n".join(found) if found else "the tree is clean")
sys.exit(1 if found else 0)
