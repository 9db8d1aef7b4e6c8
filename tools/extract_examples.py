#!/usr/bin/env python3
"""Prints the examples in comments of headers, or the program in a Markdown file, as one .cc.

    tools/extract_examples.py include/ravine/*.h > examples.cc
    tools/extract_examples.py README.md > program.cc

An example in a header is a run of comment lines indented by three or more spaces (`//   code`), if
any of them ends as code does. It becomes the body of a function, or, when it begins with `struct`
or a capital macro, stays outside. What it takes for granted is in tests/manners/prelude.h.
"""
import pathlib
import re
import sys

CODE_END = re.compile(r"[;{}]\s*(//.*)?$")
OUTSIDE = re.compile(r"(struct|template|#include|[A-Z_]{4,}\()")


def examples(path):
    """The blocks of a header: pairs of (line number, lines)."""
    block = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines() + [""], 1):
        match = re.match(r"\s*//   +(?=\S)|\s*//     ", line)
        if match and re.match(r"\s*//   ", line):
            block.append(re.sub(r"^\s*//   ", "", line))
        else:
            if any(CODE_END.search(text) for text in block):
                yield number - len(block), block
            block = []


def print_header_examples(paths):
    print('#include "ravine/ravine.h"\n#include "prelude.h"')
    count = 0
    for path in paths:
        for number, block in examples(path):
            count += 1
            print(f"\nnamespace example_{count} {{")
            outside = OUTSIDE.match(block[0])
            if not outside:
                print("[[maybe_unused]] static void run() {")
            print(f'#line {number} "{path}"')
            print("\n".join(block))
            print("}" if not outside else "", "}", sep="\n")


def print_program(path):
    blocks = re.findall(r"^```cpp\n(.*?)^```", path.read_text(encoding="utf-8"), re.M | re.S)
    programs = [block for block in blocks if "int main(" in block]
    if len(programs) != 1:
        sys.exit(f"{path}: one block of C++ has to be a program; {len(programs)} are")
    print(programs[0])


files = [pathlib.Path(argument) for argument in sys.argv[1:]]
if files[0].suffix == ".md":
    print_program(files[0])
else:
    print_header_examples(files)
