"""What symbols the library asks for, and what a shared object shows.

    symbols_test.py NM LIBRARY
    symbols_test.py NM --exports SHARED_OBJECT SYMBOL ...
"""
import re
import subprocess
import sys

OUTPUT = {"printf", "puts", "putchar", "perror", "stdout", "_ZSt4cout", "_ZSt4cerr", "_ZSt4clog",
          "__printf_chk", "__fprintf_chk"}
PRINTS = re.compile(r"_ZN3fmt\w*6vprint")
PROCESS = {"setlocale", "newlocale", "uselocale", "getenv", "secure_getenv", "setenv", "putenv",
           "exit", "_exit", "quick_exit", "atexit", "signal", "sigaction", "system", "rand",
           "srand", "random", "_ZNSt6localeC1Ev"}
# Correctly rounded or exact: sqrt, floor, ceil, trunc, round, fabs, frexp, ldexp, fmod, ...
LIBM = {f"{name}{suffix}" for suffix in ("", "f", "l") for name in
        "exp exp2 exp10 expm1 log log2 log10 log1p pow sin cos tan sincos asin acos atan atan2 sinh "
        "cosh tanh asinh acosh atanh erf erfc tgamma lgamma cbrt hypot fma".split()}


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def library_faults(nm, path):
    """Forbidden symbols, each with the object file that wants it."""
    member = ""
    for line in run(nm, path).splitlines():
        if line.endswith(".o:"):
            member = line[:-1]
        match = re.match(r"[0-9a-f ]{16} (\w) (\S+)", line)
        if not match:
            continue
        kind, symbol = match[1], match[2].split("@")[0]
        if kind == "U" and (symbol in OUTPUT | PROCESS | LIBM or PRINTS.match(symbol)):
            yield f"{member} uses {symbol}"
        if symbol.startswith("_GLOBAL__sub_I"):
            yield f"{member} runs code before main: {symbol}"


def shown(nm, path):
    """What a shared object defines for others, but for the C++ library's own templates."""
    for line in run(nm, "--dynamic", "--defined-only", path).splitlines():
        kind, symbol = line.split()[-2:]
        if kind not in "vVwWu":
            yield symbol.split("@")[0]


if sys.argv[2] == "--exports":
    faults = sorted(set(shown(sys.argv[1], sys.argv[3])) ^ set(sys.argv[4:]))
    print("\n".join(f"shown, or missing: {symbol}" for symbol in faults) or "it shows only its own")
else:
    faults = list(library_faults(sys.argv[1], sys.argv[2]))
    print("\n".join(faults) or "the library asks for nothing forbidden")
sys.exit(1 if faults else 0)
