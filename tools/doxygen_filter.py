#!/usr/bin/env python3
"""Prints a public header as Doxygen wants it: docs/api/Doxyfile runs this on each.

    tools/doxygen_filter.py include/ravine/optimizer.h

The headers keep plain comments. A block of `//` lines is said of what follows: the file, before an
#include; a declaration; several functions of one name or result. A comment after code is said of
that line, and a member without one gets the help of the option that lists it. Lines indented by
three or more spaces are code or formulas.
"""
import pathlib
import re
import sys

COMMENT = re.compile(r"\s*// ?(.*)")
TRAILING = re.compile(r"(.*\S)\s+// (.*)")
SECTION = re.compile(r"-{2,} .* -{2,}")  # a heading inside of a header
CODE_END = re.compile(r"[;{}]\s*(//.*)?$")
HOUSEKEEPING = re.compile(r"\s*(~\w+\(\);|.*\w+\(\w+&&\) noexcept;|.* = delete;)")
OPTION = re.compile(r'Option\{"(\w+)",\s*((?:"[^"]*"\s*)+)')
MEMBER = re.compile(r"\s*(?:double|bool|int64_t|std::string) ((?:[\w-]+ = [^,;]+[,;] ?)+)")
ESCAPES = {c: f"&{name};" for c, name in {"&": "amp", "<": "lt", ">": "gt", '"': "quot"}.items()}
ESCAPES |= {c: "\\" + c for c in "\\@#$%"}


def escaped(text):
    text = "".join(ESCAPES.get(c, c) for c in text)
    return re.sub(r"`([^`]+)`", r"<tt>\1</tt>", text)


def document(block):
    """A comment, without its slashes, in Doxygen's marks."""
    lines, quoted = [], []
    for text in block + [""]:
        if text.startswith("  ") and text.strip():
            quoted.append(text)
            continue
        if quoted:
            code = any(CODE_END.search(line) for line in quoted)
            begin, end = ("\\code{.cpp}", "\\endcode") if code else ("\\verbatim", "\\endverbatim")
            lines += [begin, *quoted, end]
            quoted = []
        lines.append(escaped(text))
    return ["/// " + line for line in lines[:-1]]


def option_help(text):
    """The help of each option that the header lists: {"alpha": "decay of the averages"}."""
    return {name: "".join(re.findall(r'"([^"]*)"', parts)) for name, parts in OPTION.findall(text)}


def said_of_line(line, options):
    """What stands after the code of a line: (code, text or None)."""
    after = TRAILING.fullmatch(line)
    if after:
        plain = re.search(r"[{}]$|^(class|struct) \w+;$", after[1]) or after[2].startswith("NOLINT")
        return after[1], None if plain else after[2]
    member = MEMBER.fullmatch(line)
    names = re.findall(r"(\w+) = ", member[1]) if member else []
    helps = [(name, options[name]) for name in names if name in options]
    if len(helps) == 1:
        return line, helps[0][1]
    return line, "; ".join(f"{name}: {text}" for name, text in helps) or None


def are_one(lines):
    """Whether lines are functions that one comment is said of."""
    functions = [re.match(r"(\s*\S.*?)\s(\w+)\(.*;$", line) for line in lines]
    if len(functions) < 2 or not all(functions):
        return False
    results, names = zip(*[function.groups() for function in functions])
    return len(set(results)) == 1 or len(set(names)) == 1


def paragraphs(text):
    """Runs of lines between blank ones: (line, ...)."""
    run = []
    for line in text.splitlines() + [""]:
        if line.strip():
            run.append(line)
        elif run:
            yield run
            run = []


def filtered(text):
    options = option_help(text)
    for number, lines in enumerate(paragraphs(text)):
        block, column, grouped = [], None, False  # column: of a comment after code that may go on
        for at, line in enumerate(lines + [""]):
            comment = COMMENT.fullmatch(line)
            if comment and column is not None and line.index("//") >= column:
                yield "///< " + escaped(comment[1])
                continue
            if comment:
                block.append(comment[1])
                continue
            if (block or not line) and grouped:
                yield "///@}"
                grouped = False
            if block and not SECTION.fullmatch(block[0]):
                of_file = number == 0 and (not line or line.startswith("#"))
                yield from (["/// \\file"] if of_file else []) + document(block)
                grouped = are_one(lines[at:])
                if grouped:
                    yield "///@{"
            block = []
            if HOUSEKEEPING.fullmatch(line):
                continue
            code, said = said_of_line(line, options)
            column = line.index("//") if "//" in line and said else None
            yield f"{code}  ///< {escaped(said)}" if said else code


def main():
    path = pathlib.Path(sys.argv[1])
    lines = list(filtered(path.read_text(encoding="utf-8")))
    if path.parent.name == "rules":  # texts that ravine/rules.h includes inside of a namespace
        space = "ravine::arithmetic" if path.stem == "words" else "ravine"
        lines = ["namespace " + space + " {", *lines, "}"]
    print("\n".join(lines))


main()
