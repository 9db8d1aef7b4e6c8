#!/usr/bin/env python3
"""PyTorch's steps against their traffic: pytorch.py [--threads 2] [--size 100000000] [--pairs 9]

Needs torch and numpy from PyPI, and a C compiler.
"""
import traffic

options = traffic.options()
import torch  # noqa: E402

torch.set_num_threads(options.threads)
print(f"PyTorch {torch.__version__}, {options.threads} threads, {options.size} elements of float32")


def stepping(make):
    p = torch.full((options.size,), 0.5, requires_grad=True)
    p.grad = torch.linspace(-0.1, 0.1, options.size)
    optimizer = make([p])
    optimizer.step()
    return optimizer.step


def compiled(make):
    step = stepping(make)
    return torch.compile(lambda: step(), fullgraph=False)


RMSPROP, ADAM = torch.optim.RMSprop, torch.optim.Adam
CASES = [
    ("RMSprop", 1, lambda: stepping(lambda p: RMSPROP(p, lr=1e-3))),
    ("RMSprop, foreach", 1, lambda: stepping(lambda p: RMSPROP(p, lr=1e-3, foreach=True))),
    ("RMSprop, compiled", 1, lambda: compiled(lambda p: RMSPROP(p, lr=1e-3))),
    ("Adam", 2, lambda: stepping(lambda p: ADAM(p, lr=1e-3))),
    ("Adam, fused", 2, lambda: stepping(lambda p: ADAM(p, lr=1e-3, fused=True))),
]
for name, slots, make in CASES:
    reference = traffic.Traffic(options.size, slots)
    traffic.report(name, make(), reference, options.pairs)
