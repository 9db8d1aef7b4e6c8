"""Builds and runs project/, somebody's program outside of this tree, with the library that is built.

    consumer_test.py installed|subdirectory SOURCE BUILD
"""
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

SOURCE, BUILD = pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
CACHE = dict(re.findall(r"^(\w+):\w+=(.*)$", (BUILD / "CMakeCache.txt").read_text(), re.M))


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **options)
    if done.returncode != 0:
        sys.exit(f"{shlex.join(str(word) for word in command)}\nended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def check(holds, what):
    if not holds:
        sys.exit(what)


def configure(project, *definitions):
    """Configures the project as this build is, without ccache, and returns its build folder."""
    same = ("CMAKE_BUILD_TYPE", "CMAKE_CXX_COMPILER", "RAVINE_SANITIZE")
    run("cmake", "-G", "Ninja", "-S", project, "-B", project / "build", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
        *[f"-D{name}={CACHE[name]}" for name in same], *definitions)
    return project / "build"


def flags(build, file):
    """What a file of a build is compiled with: the command less the compiler, the file, the object
    and the precompiled header, which only this build has."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if entry["file"] == str(file):
            words = shlex.split(entry["command"])
            start = next(i for i, word in enumerate(words) if word.startswith("-"))
            return words[start:words.index("-Winvalid-pch" if "-Winvalid-pch" in words else "-o")]
    sys.exit(f"{build} does not compile {file}")


def check_flags_of_host(project, build):
    """Of all our flags the host's own files get -ffp-contract=off and the standard, and nothing else."""
    words = flags(build, project / "main.cc")
    release = {"-O3", "-O2", "-g", "-DNDEBUG"}
    ours = {word for word in words if not word.startswith(("-I", "-fsanitize")) and word not in release}
    ours -= {"-isystem", "-fno-omit-frame-pointer"} | {w for w in words if w.endswith("/include")}
    check(ours == {"-ffp-contract=off", "-std=gnu++20"}, f"the host's files are compiled with {words}")


def run_consumer(program, folder):
    """The line of the program: the same from every build of one library."""
    print(run(program, folder / "run").strip())
    check((folder / "run/model.safetensors").exists(), "the program wrote no run folder")


def installed(project, folder):
    first, prefix = folder / "first", folder / "opt"
    run("cmake", "--install", BUILD, "--prefix", first)
    first.rename(prefix)  # a package may be moved
    check("usage: ravine" in run(prefix / "bin/ravine", "--help"), "the program is not installed")
    for file in ("LICENSE", "THIRD_PARTY.md", "CITATION.cff", "docs/optimizers.md"):
        check((prefix / "share/doc/ravine" / file).exists(), f"{file} is not installed")
    for file in prefix.glob("lib*/**/*.cmake"):
        check(str(SOURCE) not in file.read_text(), f"{file.name} names the source tree")
    build = configure(project, f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", build)
    check_flags_of_host(project, build)
    run_consumer(build / "consumer", folder)


def subdirectory(project, folder):
    build = configure(project, f"-DRAVINE_SOURCE={SOURCE}")
    # To compile the library twice would cost minutes: where each of its files has the flags of the
    # library that is built, that one is what the host would build.
    library = [entry["file"] for entry in json.loads((build / "compile_commands.json").read_text())
               if entry["file"].startswith(str(SOURCE))]
    check(len(library) > 50, f"the host compiles {len(library)} files of Ravine")
    for file in library:
        here, there = flags(BUILD, file), flags(build, file)
        check(here == there, f"{file} is compiled with\n{there}\nin a host, and here with\n{here}")
    check("Total Tests: 0" in run("ctest", "-N", cwd=build), "the host has tests of Ravine")
    shutil.copy(BUILD / "libravine.a", build / "ravine")
    run("ninja", "-C", build, "CMakeFiles/consumer.dir/main.cc.o")
    run("sh", "-c", run("ninja", "-t", "commands", "-s", "consumer", cwd=build), cwd=build)
    check_flags_of_host(project, build)
    run_consumer(build / "consumer", folder)


with tempfile.TemporaryDirectory() as name:
    outside = pathlib.Path(os.path.realpath(name))
    shutil.copytree(SOURCE / "tests/consumer/project", outside / "project")
    {"installed": installed, "subdirectory": subdirectory}[sys.argv[1]](outside / "project", outside)
