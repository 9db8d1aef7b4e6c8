"""The API reference: Doxygen has no warning, and what the headers say is on its pages.

    api_test.py SOURCE
"""
import html
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(sys.argv[1])
SAID = {  # a page, and what stands on it
    "index.html": "The headers are the manual",
    "optimizer_8h.html": "One pass over memory a step",  # the first comment is the file's
    "structravine_1_1RmsProp.html": "decay of the averages",  # an option's help is its member's
    "structravine_1_1Adam.html": "Kingma & Ba",
    "classravine_1_1Model.html": "Views into one flat buffer",
    "classravine_1_1Optimizer.html": "The memory stays the caller's and in place",
    "structravine_1_1FitOptions.html": "share of the training data held out",  # after the code
}

if not shutil.which("doxygen"):
    print("skipped: doxygen is not installed (`./dev docs` installs it)")
    sys.exit(77)
with tempfile.TemporaryDirectory() as folder:
    settings = (SOURCE / "docs/api/Doxyfile").read_text() + f"\nOUTPUT_DIRECTORY = {folder}\n"
    done = subprocess.run(["doxygen", "-"], input=settings, text=True, cwd=SOURCE,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    faults = [f"doxygen: {done.stdout}"] if done.returncode or done.stdout else []
    pages = pathlib.Path(folder) / "docs"
    for name, said in SAID.items():
        page = (pages / name).read_text() if (pages / name).exists() else ""
        if said not in html.unescape(re.sub(r"<[^>]*>", "", page)):
            faults.append(f"{name} does not say '{said}'")
    faults += [f"{header.name} has no page" for header in (SOURCE / "include/ravine").glob("*.h")
               if not (pages / f"{header.stem}_8h.html").exists()]
print("\n".join(faults) or "the reference has no warning")
sys.exit(1 if faults else 0)
