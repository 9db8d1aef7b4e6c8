"""Ratios to a loop that only moves an optimizer's bytes: the protocol of bench/traffic.cc for peers.

The loop is C with OpenMP, compiled when it is first used; of its three variants the fastest one is
the reference. Step and reference run in turn, in pairs.
"""
import argparse
import ctypes
import os
import statistics
import subprocess
import tempfile
import time

import numpy as np

SOURCE = r"""
#include <stddef.h>
#include <stdint.h>
#define EACH(x, begin, end) for (size_t j = begin; j < (end); ++j) (x)[j] ^= g[j] & none
/* Of every stream n words are read, and of all but g written; none is 0, so no value changes. */
void move_bytes(uint32_t **x, int written, const uint32_t *restrict g, uint32_t none, int variant, size_t n) {
  const size_t block = variant == 2 ? 2048 : 16, ahead = 512;
#pragma omp parallel for schedule(static)
  for (size_t i = 0; i < n / 2048 * 2048; i += block) {
    if (variant == 1) {
      __builtin_prefetch(g + i + ahead);
      for (int k = 0; k < written; ++k) __builtin_prefetch(x[k] + i + ahead);
    }
    for (int k = 0; k < written; ++k) {
      uint32_t *restrict to = x[k];
      EACH(to, i, i + block);
    }
  }
}
"""
VARIANTS = (0, 1, 2)  # a plain loop, one that prefetches, one stream at a time


def options():
    """The command line of a peer. Call it before the framework is imported: it takes all cores."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--size", type=int, default=100_000_000)
    parser.add_argument("--pairs", type=int, default=9)
    given = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: given.threads])
    os.environ["OMP_NUM_THREADS"] = str(given.threads)
    return given


def seconds(work):
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


class Traffic:
    def __init__(self, size, slots):
        folder = tempfile.mkdtemp()
        with open(folder + "/traffic.c", "w") as file:
            file.write(SOURCE)
        subprocess.run(["cc", "-O3", "-march=native", "-fopenmp", "-shared", "-fPIC", "-o",
                        folder + "/traffic.so", folder + "/traffic.c"], check=True)
        self.move = ctypes.CDLL(folder + "/traffic.so").move_bytes
        self.streams = [np.full(size, 0.5, np.float32) for _ in range(slots + 2)]
        gradient, *written = [s.ctypes.data for s in self.streams]
        pointers = (ctypes.c_void_p * len(written))(*written)
        self.arguments = (pointers, len(written), ctypes.c_void_p(gradient), ctypes.c_uint32(0))
        self.size, self.bytes = size, 4 * size * (2 * len(written) + 1)
        times = {v: statistics.median(seconds(lambda: self.run(v)) for _ in range(5)) for v in VARIANTS}
        self.variant = min(times, key=times.get)

    def run(self, variant=None):
        variant = self.variant if variant is None else variant
        self.move(*self.arguments, ctypes.c_int(variant), ctypes.c_size_t(self.size))


def report(name, step, traffic, pairs):
    """Prints time(traffic) / time(step): the median of the pairs, and the 10 and 90 % quantiles."""
    works = [step, traffic.run]
    for work in works * 2:
        work()
    ratios, times = [], []
    for pair in range(pairs):
        took = {}
        for work in works if pair % 2 else works[::-1]:
            time.sleep(0.02)  # so that no team of threads spins beside the other
            took[work] = seconds(work)
        ratios.append(took[traffic.run] / took[step])
        times.append(took[traffic.run])
    low, middle, high = np.quantile(ratios, [0.1, 0.5, 0.9])
    print(f"{name:<34} {middle:.2f} ({low:.2f}-{high:.2f}) of its traffic, "
          f"{traffic.bytes / statistics.median(times) * 1e-9:.1f} GB/s", flush=True)
