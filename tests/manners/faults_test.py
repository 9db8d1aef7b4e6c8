"""Plants each kind of fault in a small tree; the checks of tools/ have to find it."""
import pathlib
import subprocess
import sys
import tempfile

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"
GOOD = {
    "include/ravine/error.h": "#include <string>\n",
    "include/ravine/train.h": '#include "ravine/error.h"\n',
    "include/ravine/rules.h": '#include "ravine/rules/adam.inc"\n',
    "include/ravine/rules/adam.inc": "",
    "src/base/text.cc": '#include "base/text.h"\n#include <fmt/format.h>\n',
    "src/data/idx.cc": '#include "tensor/body.h"\n',
    "src/cli/main.cc": '#include "options.h"\n#include "ravine/train.h"\n',
    "src/cli/options.h": "",
    "examples/01.cc": '#include "ravine/train.h"\n',
}
LAYER_FAULTS = {
    "an arrow up": ("src/base/text.cc", '#include "train/fit.h"'),
    "a public header of a layer above": ("src/optim/engine.cc", '#include "ravine/tensor.h"'),
    "optim meets tensor": ("src/tensor/x.cc", '#include "optim/engine.h"'),
    "the exception turned round": ("src/tensor/x.cc", '#include "data/idx.h"'),
    "a public arrow up": ("include/ravine/error.h", '#include "ravine/train.h"'),
    "a library in a public header": ("include/ravine/train.h", "#include <fmt/format.h>"),
    "a library in a rule": ("include/ravine/rules/adam.inc", "#include <fmt/format.h>"),
    "an unknown public header": ("include/ravine/surprise.h", "#include <string>"),
    "an unknown layer": ("src/attic/x.cc", ""),
    "the inside of a layer in the program": ("src/cli/main.cc", '#include "base/text.h"'),
    "the inside of a layer in an example": ("examples/01.cc", '#include "base/text.h"'),
    "a bare include": ("src/base/text.cc", '#include "text.h"'),
}
# Joined here, so that this file is itself clean.
TREE_FAULTS = {
    "a path of one machine": ("README.md", "see /ho" + "me/me/notes"),
    "a folder outside": ("src/base/text.cc", "shared/" + "data"),
    "work put off": ("src/base/text.cc", "// TO" + "DO: later"),
    "a page that is not there": ("src/base/text.cc", "// do" + "cs/lost.md"),
    "a link to nowhere": ("README.md", "[here](lost.md)"),
    "a conflict": ("README.md", "<" * 7 + " HEAD"),
}


def finds_fault(check, fault):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in GOOD.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        if fault:
            path, line = fault
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            with open(root / path, "a") as file:
                file.write(line + "\n")
        return subprocess.run([sys.executable, TOOLS / check, root], capture_output=True).returncode == 1


failed = []
for check, faults in (("check_layers.py", LAYER_FAULTS), ("check_tree.py", TREE_FAULTS)):
    if finds_fault(check, None):
        failed.append(f"{check} finds a fault in a good tree")
    failed += [f"{check} misses: {name}" for name, fault in faults.items() if not finds_fault(check, fault)]
print("\n".join(failed) or f"{len(LAYER_FAULTS) + len(TREE_FAULTS)} planted faults were found")
sys.exit(1 if failed else 0)
