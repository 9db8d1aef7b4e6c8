#!/usr/bin/env python3
"""Recordings of the real frameworks, which the golden tests hold Ravine to.

    tools/make_golden.py FRAMEWORK... [--out tests/golden]

Run by hand, each framework in an environment of its own (pip install ... safetensors):

    torch timm                  torch timm
    keras3 keras2 tf1           tensorflow-cpu tf-keras
    optax mlx                   optax mlx mlx-cpu
    mxnet                       mxnet==1.9.1 "numpy<1.24"

A recording is what `ravine replay` reads (docs/parity.md): p0, g, p, the slots under Ravine's names
and signs, and lr where it changes. Its metadata say which framework made it, and the line of
Ravine's grammar that means the same; the words of that line are the arguments of the constructor.
"""
import argparse
import importlib.metadata
import pathlib

import numpy as np
from safetensors.numpy import save_file

from golden_drivers import FRAMEWORKS

STEPS, SIZE = 32, 8


# ---- what is recorded ----

def gradients(seed, tame):
    """A column each: ordinary, small, with zeros, alternating, constant, 1e-20, 1e20, all sizes."""
    random = np.random.RandomState(seed)
    g = random.standard_normal((STEPS, SIZE))
    t = np.arange(STEPS)
    g[:, 1] *= 1e-3
    g[(t % 3 != 2), 2] = 0
    g[:, 3] = np.where(t % 2, -2, 2)
    g[:, 4] = 0.5
    g[:, 5] *= 1e-20
    g[:, 6] *= 10.0 if tame else 1e20
    g[:, 7] *= 10.0 ** (t / 4 - 6)
    g[26:, 7] = 0
    return g


class Case:
    """One recording: the arguments of a constructor, and what it is fed with."""

    def __init__(self, rule, name, several=False, tame=False, lrs=None, only64=False, **words):
        self.rule, self.name, self.words = rule, name, words
        self.lrs = None if lrs is None else lrs * 0.5 ** (np.arange(STEPS) // 8)
        names = ["a", "b", "c"] if several else [""]
        self.g = {n: gradients(i + 1, tame)[:, : SIZE - 3 * i] for i, n in enumerate(names)}
        start = np.array([1, -2, 0.5, 3, -0.25, 1e-3, 1, -1])
        self.p0 = {n: start[: SIZE - 3 * i] / (i + 1) for i, n in enumerate(names)}
        centered = words.get("centered") or words.get("use_first")
        self.dtypes = ["float64"] if centered or only64 else ["float64", "float32"]

    def line(self, dialect):
        return ",".join([f"{self.rule}:{dialect}"] + [f"{w}={v!r}" for w, v in self.words.items()])


class Run:
    """A case in one dtype: what a driver reads and fills in."""

    steps = STEPS

    def __init__(self, case, dtype):
        self.rule, self.words, self.dtype, self.lrs = case.rule, case.words, dtype, case.lrs
        self.names = list(case.p0)
        self.p0 = {n: p.astype(dtype) for n, p in case.p0.items()}
        self.g = {n: g.astype(dtype) for n, g in case.g.items()}
        self.rows = {n: {} for n in self.names}

    def record(self, name, **tensors):
        """Appends a row to p and to each slot; None is a slot that is not there."""
        for what, row in tensors.items():
            if row is not None:
                self.rows[name].setdefault(what, []).append(np.array(row, dtype=self.dtype))

    def tensors(self):
        result = {}
        for n in self.names:
            prefix = n + "." if n else ""
            result |= {prefix + "p0": self.p0[n], prefix + "g": self.g[n]}
            result |= {prefix + what: np.stack(rows) for what, rows in self.rows[n].items()}
        if self.lrs is not None:
            result["lr"] = self.lrs
        return {name: np.ascontiguousarray(t) for name, t in result.items()}


# ---- the cases ----

def variants(lr, momentum="momentum", eps="eps", **all_have):
    """What every dialect of RMSprop with these words is tried in."""
    base = {**all_have, lr: 0.01}
    return [
        Case("rmsprop", "plain", **all_have),
        Case("rmsprop", "momentum", **base, **{momentum: 0.9}),
        Case("rmsprop", "centered", **base, centered=True),
        Case("rmsprop", "both", **base, centered=True, **{momentum: 0.8, eps: 1e-3}),
        Case("rmsprop", "changing-lr", lrs=0.01, **base, **{momentum: 0.9}),
        Case("rmsprop", "several", several=True, **base, **{eps: 1e-2}),
    ]


def tf_words(**words):
    return {"learning_rate": 0.01, **words}


CASES = {
    "torch": variants("lr") + [
        Case("rmsprop", "decay", lr=0.003, alpha=0.9, weight_decay=0.1, momentum=0.5),
        Case("rmsprop", "maximize", maximize=True, weight_decay=0.01),
        Case("sgd", "plain", lr=0.1),
        Case("sgd", "momentum", lr=0.1, momentum=0.9, weight_decay=0.1),
        Case("sgd", "dampening", lr=0.1, momentum=0.9, dampening=0.3),
        Case("sgd", "nesterov", lrs=0.1, lr=0.1, momentum=0.9, nesterov=True),
        Case("adagrad", "plain"),
        Case("adagrad", "decay", lr=0.1, lr_decay=0.02, weight_decay=0.1, eps=1e-3),
        Case("adagrad", "initial", lr=0.1, initial_accumulator_value=0.5),
        Case("adam", "plain"),
        Case("adam", "decay", lr=0.01, betas=(0.8, 0.99), eps=1e-3, weight_decay=0.1),
        Case("adam", "amsgrad", lrs=0.01, lr=0.01, betas=(0.9, 0.9), amsgrad=True),
        Case("adamw", "plain"),
        Case("adamw", "amsgrad", lr=0.01, weight_decay=0.5, eps=0.01, amsgrad=True),
    ],
    "timm": variants("lr") + [
        Case("rmsprop", "lr-outside", lrs=0.01, lr=0.01, momentum=0.9, lr_in_momentum=False),
        Case("rmsprop", "decay", lr=0.01, weight_decay=0.1, alpha=0.99),
        Case("rmsprop", "decoupled", lrs=0.01, lr=0.01, weight_decay=0.5, decoupled_decay=True),
        Case("rmsprop", "corrected", lrs=0.01, lr=0.01, weight_decay=0.5, decoupled_decay=True,
             corrected_weight_decay=True),
    ],
    "keras3": variants("learning_rate", eps="epsilon") + [
        Case("rmsprop", "decay", **tf_words(weight_decay=0.5, rho=0.95)),
        Case("rmsprop", "clipvalue", several=True, **tf_words(clipvalue=0.7, weight_decay=0.1)),
        Case("rmsprop", "clipnorm", several=True, tame=True, **tf_words(clipnorm=0.7)),
        Case("rmsprop", "global-clipnorm", several=True, tame=True, **tf_words(global_clipnorm=0.7)),
        Case("rmsprop", "loss-scale", tame=True, **tf_words(loss_scale_factor=64.0, epsilon=1e-4)),
        Case("sgd", "momentum", **tf_words(momentum=0.9, weight_decay=0.1)),
        Case("sgd", "nesterov", lrs=0.01, **tf_words(momentum=0.9, nesterov=True)),
        Case("adagrad", "plain"),
        Case("adagrad", "decay", **tf_words(weight_decay=0.2, epsilon=0.01)),
        Case("adam", "plain"),
        Case("adam", "decay", **tf_words(weight_decay=0.3, beta_2=0.9, epsilon=1e-3)),
        Case("adam", "amsgrad", lrs=0.01, **tf_words(beta_2=0.9, amsgrad=True)),
        Case("adamw", "plain"),
    ],
    "keras2": variants("learning_rate", eps="epsilon") + [
        Case("rmsprop", "decay", **tf_words(decay=0.05)),
        Case("rmsprop", "decay-momentum", **tf_words(decay=0.05, momentum=0.7, rho=0.8)),
        Case("rmsprop", "clip", several=True, tame=True, **tf_words(clipvalue=1.1, clipnorm=1.3)),
        Case("rmsprop", "global-clipnorm", several=True, tame=True, **tf_words(global_clipnorm=0.7)),
        Case("sgd", "momentum", **tf_words(momentum=0.9, decay=0.05)),
        Case("sgd", "nesterov", lrs=0.01, **tf_words(momentum=0.9, nesterov=True)),
        Case("adagrad", "plain"),
        Case("adagrad", "decay", **tf_words(decay=0.05, epsilon=0.01)),
        Case("adam", "plain"),
        Case("adam", "decay", **tf_words(beta_1=0.8, beta_2=0.99, epsilon=1e-3, decay=0.05)),
        # Not in float32: where v is NaN its kernel keeps the last largest v, and Ravine's is NaN.
        Case("adam", "amsgrad", only64=True, **tf_words(beta_2=0.9, amsgrad=True)),
    ],
    "tf1": [case for case in variants("learning_rate", eps="epsilon") if case.name != "plain"] + [
        Case("rmsprop", "plain", **tf_words()),
        Case("rmsprop", "long", **tf_words(decay=0.99, epsilon=0.1)),
        Case("sgd", "plain", **tf_words()),
        Case("sgd", "momentum", lrs=0.01, **tf_words(momentum=0.9)),
        Case("sgd", "nesterov", **tf_words(momentum=0.9, use_nesterov=True)),
        Case("adagrad", "plain", **tf_words()),
        Case("adagrad", "initial", lrs=0.1, **tf_words(initial_accumulator_value=0.3)),
        Case("adam", "plain"),
        Case("adam", "tuned", **tf_words(beta1=0.5, beta2=0.99, epsilon=0.1)),
    ],
    "optax": [case for case in variants("learning_rate") if case.name != "plain"] + [
        Case("rmsprop", "plain", **tf_words()),
        Case("rmsprop", "eps-outside", **tf_words(eps_in_sqrt=False, decay=0.99)),
        Case("rmsprop", "initial", **tf_words(initial_scale=1.0)),
        Case("rmsprop", "nesterov", lrs=0.01, **tf_words(momentum=0.9, nesterov=True)),
        Case("rmsprop", "bias", **tf_words(bias_correction=True, momentum=0.5)),
        Case("rmsprop", "bias-outside", **tf_words(bias_correction=True, eps_in_sqrt=False)),
        Case("rmsprop", "bias-centered", tame=True,
             **tf_words(bias_correction=True, centered=True, eps=0.01)),
    ],
    "mlx": [
        Case("rmsprop", "plain", **tf_words()),
        Case("rmsprop", "tuned", **tf_words(alpha=0.9, eps=1e-3)),
        Case("rmsprop", "changing-lr", lrs=0.01, **tf_words()),
        Case("rmsprop", "several", several=True, **tf_words()),
    ],
    "mxnet": [
        Case("rmsprop", "plain"),
        Case("rmsprop", "tuned", learning_rate=0.01, gamma1=0.95, epsilon=1e-3),
        Case("rmsprop", "changing-lr", lrs=0.01, learning_rate=0.01),
        Case("rmsprop", "several", several=True, learning_rate=0.01, wd=0.1, clip_gradient=0.8,
             rescale_grad=0.3),
        Case("rmsprop", "clip-weights", learning_rate=0.1, clip_weights=0.7),
        Case("rmsprop", "centered", learning_rate=0.01, centered=True),
        Case("rmsprop", "centered-still", learning_rate=0.01, centered=True, gamma2=0.0, wd=0.1),
        Case("rmsprop", "centered-lr", lrs=0.01, learning_rate=0.01, centered=True, gamma2=0.8,
             epsilon=1e-3, clip_weights=2.0),
    ],
}

def make(framework, out):
    driver, title, package = FRAMEWORKS[framework]
    dialect = "timm_tf" if framework == "timm" else framework
    folder = out / dialect
    folder.mkdir(parents=True, exist_ok=True)
    for case in CASES[framework]:
        for dtype in case.dtypes:
            run = Run(case, dtype)
            driver(run)
            save_file(run.tensors(), folder / f"{case.rule}-{case.name}-{dtype}.safetensors",
                      metadata={"framework": title, "version": importlib.metadata.version(package),
                                "optimizer": case.line(dialect)})
    print(f"{framework}: {sum(len(c.dtypes) for c in CASES[framework])} recordings")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("framework", nargs="+", choices=FRAMEWORKS)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent.parent / "tests/golden")
    options = parser.parse_args()
    for framework in options.framework:
        make(framework, options.out)


if __name__ == "__main__":
    main()
