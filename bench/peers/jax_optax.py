#!/usr/bin/env python3
"""JAX with Optax, jitted with donated buffers: jax_optax.py [--threads 2] [--size 100000000] [--pairs 9]

Needs jax, optax and numpy from PyPI, and a C compiler.
"""
import traffic

options = traffic.options()
import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import optax  # noqa: E402

print(f"JAX {jax.__version__}, Optax {optax.__version__}, {options.threads} threads, "
      f"{options.size} elements of float32")


class Stepping:
    def __init__(self, optimizer):
        self.p = jnp.full(options.size, 0.5)
        self.g = jnp.linspace(-0.1, 0.1, options.size)
        self.state = optimizer.init(self.p)

        def step(p, state, g):
            updates, state = optimizer.update(g, state, p)
            return optax.apply_updates(p, updates), state

        self.step = jax.jit(step, donate_argnums=(0, 1))

    def __call__(self):
        self.p, self.state = self.step(self.p, self.state, self.g)
        jax.block_until_ready((self.p, self.state))


for name, slots, optimizer in [("rmsprop", 1, optax.rmsprop(1e-3)), ("adam", 2, optax.adam(1e-3))]:
    reference = traffic.Traffic(options.size, slots)
    traffic.report(name, Stepping(optimizer), reference, options.pairs)
