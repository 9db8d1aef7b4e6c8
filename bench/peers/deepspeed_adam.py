#!/usr/bin/env python3
"""DeepSpeed's CPUAdam against its traffic: deepspeed_adam.py [--threads 2] [--size 100000000] [--pairs 9]

Needs torch, deepspeed, ninja and numpy from PyPI, and a C++ compiler, which builds the kernel at the
first run.
"""
import os

import traffic

options = traffic.options()
os.environ.setdefault("DS_ACCELERATOR", "cpu")
import torch  # noqa: E402
import deepspeed  # noqa: E402
from deepspeed.ops.adam import DeepSpeedCPUAdam  # noqa: E402

torch.set_num_threads(options.threads)
print(f"DeepSpeed {deepspeed.__version__}, {options.threads} threads, {options.size} elements of float32")
p = torch.full((options.size,), 0.5, requires_grad=True)
p.grad = torch.linspace(-0.1, 0.1, options.size)
optimizer = DeepSpeedCPUAdam([p], lr=1e-3, adamw_mode=False)
optimizer.step()
traffic.report("CPUAdam", optimizer.step, traffic.Traffic(options.size, 2), options.pairs)
