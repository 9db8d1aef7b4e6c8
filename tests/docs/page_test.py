"""Runs what a page shows, in its order, in one empty folder, and compares what is printed.

    page_test.py PAGE PROGRAM_FOLDER CPP_PROGRAM

    ```sh          runs, with `ravine` on the PATH
    ```python      runs; where a package is missing that it imports, only its syntax is checked
    ```cpp         the one with main() is CPP_PROGRAM, which runs; the build compiles the others
    ```text        what the block before it printed. A line `...` stands for any lines, `...` in a
                   line for any text; numbers of a block that says `about 5%` may differ by that
    ```sh needs mnist     is left out where RAVINE_DATA has no such folder, and says so

RAVINE_WRITE_DOCS=1 writes what was printed into the page, where it differs.
"""
import ast
import importlib.util
import os
import pathlib
import re
import subprocess
import sys
import tempfile

NUMBER = re.compile(r"[-+]?\d[\d,]*\.?\d*(?:e[-+]?\d+)?", re.IGNORECASE)
BLOCK = re.compile(r"^```(\w+)(.*)\n((?:.*\n)*?)^```$", re.MULTILINE)


def same_line(shown, printed, share):
    """Whether a line of the page stands for a printed one."""
    parts = re.split(r"\.\.\.", " ".join(shown.split()))
    if share == 0:
        pattern = ".*".join(re.escape(part) for part in parts)
        return re.fullmatch(pattern, " ".join(printed.split())) is not None
    pattern = ".*".join(f"({NUMBER.pattern})".join(re.escape(text) for text in NUMBER.split(part))
                        for part in parts)
    found = re.fullmatch(pattern.replace(r"\ ", r"\s*"), " ".join(printed.split()), re.IGNORECASE)
    shown_numbers = [NUMBER.findall(part) for part in parts]
    expected = [number for part in shown_numbers for number in part]
    return found is not None and all(
        abs(value(a) - value(b)) <= share * abs(value(a)) for a, b in zip(expected, found.groups()))


def value(number):
    return float(number.replace(",", ""))


def same_text(shown, printed, share):
    """Whether the lines of a page stand for the printed ones."""
    if not shown:
        return not printed
    if shown[0].strip() == "...":
        return any(same_text(shown[1:], printed[skip:], share) for skip in range(len(printed) + 1))
    return bool(printed) and same_line(shown[0], printed[0], share) and same_text(shown[1:], printed[1:], share)


def missing_packages(code):
    imports = [node for node in ast.walk(ast.parse(code)) if isinstance(node, (ast.Import, ast.ImportFrom))]
    names = [name.name for node in imports if isinstance(node, ast.Import) for name in node.names]
    names += [node.module for node in imports if isinstance(node, ast.ImportFrom)]
    return sorted({name.split(".")[0] for name in names if not importlib.util.find_spec(name.split(".")[0])})


class Page:
    def __init__(self, path, programs, cpp):
        self.path, self.cpp = path, cpp
        self.env = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "XDG_CACHE_HOME": "/nonexistent"}
        self.faults, self.text = [], path.read_text(encoding="utf-8")

    def command(self, language, about, code):
        """How a block runs, or None."""
        needs = re.search(r"needs (\S+)", about)
        if needs and not os.path.isdir(os.path.join(os.environ.get("RAVINE_DATA", ""), needs[1])):
            print(f"left out: RAVINE_DATA has no {needs[1]}")
        elif language == "sh":
            return ["bash", "-eu", "-c", code]
        elif language == "python" and missing_packages(code):
            print(f"not run, for want of {', '.join(missing_packages(code))}; the syntax is right")
        elif language == "python":
            return [sys.executable, "-c", code]
        elif language == "cpp" and "int main(" in code:
            return [self.cpp]
        return None

    def run(self, language, about, code, line, folder):
        """What a block prints, or None if it does not run."""
        command = self.command(language, about, code)
        if command is None:
            return None
        done = subprocess.run(command, cwd=folder, env=self.env, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=300)
        if done.returncode != 0:
            self.faults.append(f"line {line}: ended with {done.returncode}:\n{done.stdout}")
        return done.stdout

    def check(self):
        """The page as it has to be."""
        result, at, printed = "", 0, None
        with tempfile.TemporaryDirectory() as folder:
            for block in BLOCK.finditer(self.text):
                language, about, code = block.groups()
                line = self.text.count("\n", 0, block.start()) + 1
                if language != "text":
                    printed = self.run(language, about, code, line, folder)
                elif printed is not None:
                    percent = re.search(r"about (\d+)%", about)
                    share = int(percent[1]) / 100 if percent else 0
                    if not same_text(code.splitlines(), printed.rstrip().splitlines(), share):
                        self.faults.append(f"line {line}: the page shows\n{code}and printed was\n{printed}")
                        result += self.text[at:block.start(3)] + printed.rstrip() + "\n"
                        at = block.end(3)
        return result + self.text[at:]


def main():
    page = Page(*[pathlib.Path(argument).resolve() for argument in sys.argv[1:4]])
    anew = page.check()
    print("\n".join(page.faults) or "the page shows what is printed")
    if os.environ.get("RAVINE_WRITE_DOCS"):
        page.path.write_text(anew, encoding="utf-8")
    sys.exit(1 if page.faults else 0)


main()
