#!/usr/bin/env python3
"""Prints the examples in headers' comments and in Markdown pages, or one page's program, as one .cc.

    tools/extract_examples.py include/ravine/*.h docs/*.md > examples.cc
    tools/extract_examples.py --program README.md > program.cc

An example in a header is a run of comment lines indented by three or more spaces (`//   code`), if
any of them ends as code does; in a page, a block of C++ without main(). It becomes the body of a
function, or, when it begins with `struct` or a capital macro, stays outside. What it takes for
granted is in tests/manners/prelude.h.
"""
import pathlib
import re
import sys

CODE_END = re.compile(r"[;{}]\s*(//.*)?$")
OUTSIDE = re.compile(r"(struct|template|#include|[A-Z_]{4,}\()")


def blocks_of_page(path):
    """The blocks of C++ in a page: pairs of (line number, text)."""
    text = path.read_text(encoding="utf-8")
    for match in re.finditer(r"^```cpp\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield text.count("\n", 0, match.start(1)) + 1, match[1]


def is_program(text):
    return "int main(" in text


def examples(path):
    """The examples of a header or page: pairs of (line number, lines)."""
    if path.suffix == ".md":
        yield from ((line, text.splitlines()) for line, text in blocks_of_page(path) if not is_program(text))
        return
    block = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines() + [""], 1):
        match = re.match(r"\s*//   +(?=\S)|\s*//     ", line)
        if match and re.match(r"\s*//   ", line):
            block.append(re.sub(r"^\s*//   ", "", line))
        else:
            if any(CODE_END.search(text) for text in block):
                yield number - len(block), block
            block = []


def print_examples(paths):
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
    programs = [(line, text) for line, text in blocks_of_page(path) if is_program(text)]
    if len(programs) != 1:
        sys.exit(f"{path}: one block of C++ has to be a program; {len(programs)} are")
    line, text = programs[0]
    print(f'#line {line} "{path}"\n{text}')


if sys.argv[1] == "--program":
    print_program(pathlib.Path(sys.argv[2]))
else:
    print_examples([pathlib.Path(argument) for argument in sys.argv[1:]])
