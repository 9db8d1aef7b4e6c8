"""Small runs to make reports of: images of 8 x 8 that a small network tells apart, mostly."""
import random
import shutil
import struct
import subprocess

SIDE = 8


def write_set(folder, name, count, seed):
    """IDX files of `count` images: a bar at a place that says the class, under noise."""
    draw = random.Random(seed)
    pixels, labels = bytearray(), bytearray()
    for _ in range(count):
        label = draw.randrange(10)
        labels.append(label)
        for i in range(SIDE * SIDE):
            bright = i % 10 == label
            pixels.append(draw.randrange(60, 256) if bright else draw.randrange(200))
    (folder / f"{name}-images-idx3-ubyte").write_bytes(
        struct.pack(">4I", 0x803, count, SIDE, SIDE) + pixels)
    (folder / f"{name}-labels-idx1-ubyte").write_bytes(struct.pack(">2I", 0x801, count) + labels)


def train(ravine, data, out, *options, code=0):
    command = [ravine, "train", "--quiet", "--data", "mnist", "--data-dir", data, "--out", out,
               "--model", "dense(16) relu dropout(0.1)", "--batch", "16", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, f"{command}: {done.returncode}, {done.stderr}"
    return out


def make(ravine, folder):
    """Run folders: 20 epochs with all that there is, two others, one epoch, one that diverges; two
    with a diagnosis."""
    data = folder / "set"
    data.mkdir()
    write_set(data, "train", 600, 1)
    write_set(data, "t10k", 300, 2)
    return [
        train(ravine, data, folder / "rmsprop", "--epochs", "20", "--validation", "0.2",
              "--optimizer", "rmsprop,lr=3e-3,schedule=inverse_time(decay=1e-2)"),
        train(ravine, data, folder / "adam <&> \"long name of a folder, longer than a legend\"",
              "--epochs", "6", "--optimizer", "adam,lr=3e-3", "--diagnose"),
        train(ravine, data, folder / "sgd", "--epochs", "6", "--optimizer", "sgd,lr=0.05"),
        train(ravine, data, folder / "one", "--epochs", "1"),
        train(ravine, data, folder / "diverged", "--epochs", "50", "--loss", "mean_squared_error",
              "--model", "dense(10)", "--optimizer", "sgd,lr=0.9", "--diagnose", code=1),
    ]


def studies(ravine, folder):
    """A tuning, a comparison with tuning, and one with a side that diverges."""
    common = ["--data", "mnist", "--data-dir", folder / "set", "--model", "dense(16) relu",
              "--batch", "16", "--epochs", "4", "--quiet"]
    made = []
    for words in (["tune", "lr=1e-4..1:log", "alpha=0.9,0.99", "batch=8..64:log:int", "momentum=0..0.9",
                   "schedule=constant,cosine(total=200)", "--trials", "9"],
                  ["compare", "rmsprop", "adam", "sgd,momentum=0.9", "--tune", "4", "--seeds", "3",
                   "--goal", "accuracy=0.5"],
                  ["compare", "sgd,lr=0.01", "sgd,lr=1e30", "adam", "--loss",
                   "mean_squared_error", "--seeds", "2", "--goal", "loss=1e-9"]):
        made.append(folder / f"study {len(made)}")
        subprocess.run([ravine, *words, *common, "--out", made[-1]], check=True)
    return made


def lr_range(ravine, folder):
    out = folder / "range"
    subprocess.run([ravine, "tune", "--lr-range", "--data", "mnist", "--data-dir", folder / "set",
                    "--model", "dense(16) relu", "--quiet", "--out", out], check=True)
    return out / "report.html"


def landscapes(ravine, folder):
    """Three paths, with one that leaves the view; one with a name that is wide, on a formula."""
    made = []
    for words in (["rosenbrock", "rmsprop", "adam", "sgd,momentum=0.9,lr=1e-4", "--steps", "3000"],
                  ["x^2 + 3*sin(y)^2", "--start", "x=2,y=1",
                   "rmsprop:torch,lr=0.01,alpha=0.95,momentum=0.9,eps=1e-8,centered=true",
                   "--steps", "400"]):
        made.append(folder / f"landscape {len(made)}.html")
        subprocess.run([ravine, "landscape", *words, "--out", made[-1]], check=True,
                       stdout=subprocess.DEVNULL)
    return made


def copies(run, folder, count):
    folder.mkdir()
    return [shutil.copytree(run, folder / f"run {i}") for i in range(count)]
