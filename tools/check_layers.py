#!/usr/bin/env python3
"""The layer table as a test: what may include what. docs/architecture.md draws it.

    tools/check_layers.py [ROOT]

Prints each include that breaks a rule, and exits with 1 if there is one.
"""
import pathlib
import re
import sys

# A layer may include those with a lower number, itself, and what ALSO names.
LEVEL = {"base": 0, "kernels": 1, "tensor": 2, "optim": 2, "data": 2, "autograd": 3, "nn": 4,
         "train": 5, "report": 6, "lab": 7, "cli": 8}
ALSO = {("data", "tensor")}

# The layer that a public header belongs to. A new header needs a line here.
PUBLIC = {
    "error": "base", "format": "base", "option": "base", "parameter": "base", "random": "base",
    "runtime": "base",
    "rule": "optim", "rules": "optim", "schedule": "optim", "optimizer": "optim",
    "tensor": "tensor", "data": "data", "table": "data", "describe": "data", "ops": "autograd",
    "nn": "nn", "train": "train", "run": "train", "replay": "train", "safetensors": "train",
    "tensorboard": "train", "diagnosis": "train", "report": "report", "lab": "lab", "trace": "lab",
    "landscape": "lab", "diagnose": "lab", "ravine": "cli",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def may_include(layer, other):
    return layer == other or LEVEL[layer] > LEVEL[other] or (layer, other) in ALSO


def includes(path):
    """The includes of a file: pairs of (line, text, whether it is in quotes)."""
    text = path.read_text(encoding="utf-8")
    for match in INCLUDE.finditer(text):
        line = text.count("\n", 0, match.end()) + 1
        yield line, match[1] or match[2], bool(match[1])


def public_name(include):
    """"error" of "ravine/error.h", "rules" of "ravine/rules/adam.inc", else None."""
    match = re.fullmatch(r"ravine/(\w+)(\.h|/\w+\.inc)", include)
    return match and match[1]


def check_public(path, root, include, quoted):
    name = public_name(path.relative_to(root / "include").as_posix())
    if name not in PUBLIC:
        return f"which layer {path.name} belongs to is not in PUBLIC of tools/check_layers.py"
    other = public_name(include)
    if other is None:
        standard = not quoted and re.fullmatch(r"\w+", include)
        return None if standard else "a public header includes only the standard library and ravine/"
    if other in PUBLIC and may_include(PUBLIC[name], PUBLIC[other]):
        return None
    return f"{PUBLIC[name]} may not include {PUBLIC.get(other, 'an unknown header')}"


def check_source(layer, include, quoted):
    if not quoted:
        return None
    name = public_name(include)
    other = PUBLIC.get(name) if name else include.split("/")[0]
    if other not in LEVEL:
        return "an include in quotes is layer/x.h, or a ravine/x.h of PUBLIC in tools/check_layers.py"
    return None if may_include(layer, other) else f"{layer} may not include {other}"


def check_outside(path, include, quoted):
    """Of cli and the examples: public headers and their own folder only."""
    if not quoted or public_name(include) or (path.parent / include).exists():
        return None
    return "the program and the examples include only ravine/ and their own folder"


def faults(root):
    def check(files, rule):
        for path in files:
            for line, include, quoted in includes(path):
                fault = rule(path, include, quoted)
                if fault:
                    yield f'{path.relative_to(root)}:{line}: "{include}": {fault}'

    def sources(folder):
        return sorted(p for p in folder.glob("**/*") if p.suffix in (".cc", ".h", ".inc"))

    yield from check(sources(root / "include/ravine"),
                     lambda p, i, q: check_public(p, root, i, q))
    for folder in sorted(p for p in (root / "src").iterdir() if p.is_dir()):
        if folder.name not in LEVEL:
            yield f"{folder.relative_to(root)}: this layer is not in LEVEL of tools/check_layers.py"
        elif folder.name == "cli":
            yield from check((p for p in sources(folder) if not p.stem.endswith("_test")),
                             lambda p, i, q: check_outside(p, i, q))
        else:
            yield from check(sources(folder),
                             lambda p, i, q, layer=folder.name: check_source(layer, i, q))
    yield from check(sources(root / "examples"), lambda p, i, q: check_outside(p, i, q))


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)
    found = list(faults(root.resolve()))
    print("\n".join(found) if found else "the layers hold")
    sys.exit(1 if found else 0)


main()
