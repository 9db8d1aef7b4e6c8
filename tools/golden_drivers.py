"""The frameworks at work: each drives an optimizer of its own over a run of make_golden.py.

A driver reads run.rule, run.words (the constructor's arguments), run.p0, run.g and run.lrs, and calls
run.record(name, p=..., slot=...) after each step, with the slots under Ravine's names and signs.
"""


def drive_torch(run, make):
    import torch

    def numpy(state, slot):
        return state[slot].numpy() if torch.is_tensor(state.get(slot)) else None

    params = {n: torch.tensor(p, requires_grad=True) for n, p in run.p0.items()}
    optimizer = make(list(params.values()))
    for t in range(run.steps):
        if run.lrs is not None:
            optimizer.param_groups[0]["lr"] = float(run.lrs[t])
        for n, p in params.items():
            p.grad = torch.tensor(run.g[n][t])
        optimizer.step()
        for n, p in params.items():
            s = optimizer.state[p]
            run.record(n, p=p.detach().numpy(), velocity=numpy(s, "momentum_buffer"),
                       **{slot: numpy(s, slot) for slot in
                          ("square_avg", "grad_avg", "sum", "exp_avg", "exp_avg_sq", "max_exp_avg_sq")})


def torch_framework(run):
    import torch
    classes = {"rmsprop": torch.optim.RMSprop, "sgd": torch.optim.SGD, "adagrad": torch.optim.Adagrad,
               "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
    drive_torch(run, lambda params: classes[run.rule](params, **run.words))


def timm_framework(run):
    from timm.optim import RMSpropTF
    drive_torch(run, lambda params: RMSpropTF(params, **run.words))


def drive_tensorflow(run, optimizer, apply, set_lr, slots):
    import tensorflow as tf
    variables = {n: tf.Variable(p) for n, p in run.p0.items()}
    for t in range(run.steps):
        if run.lrs is not None:
            set_lr(float(run.lrs[t]))
        apply([tf.constant(run.g[n][t]) for n in run.names], list(variables.values()))
        for i, (n, v) in enumerate(variables.items()):
            run.record(n, p=v.numpy(), **slots(i, v))


def keras3_framework(run):
    import keras
    assert keras.backend.backend() == "tensorflow"
    classes = {"rmsprop": keras.optimizers.RMSprop, "sgd": keras.optimizers.SGD,
               "adagrad": keras.optimizers.Adagrad, "adam": keras.optimizers.Adam,
               "adamw": keras.optimizers.AdamW}
    optimizer = classes[run.rule](**run.words)

    def slots(i, _):
        def of(attribute, sign=1):
            variables = getattr(optimizer, attribute, None)
            return sign * variables[i].numpy() if variables else None

        if run.rule == "rmsprop":
            return {"square_avg": of("_velocities"), "velocity": of("_momentums"),
                    "grad_avg": of("_average_gradients")}
        if run.rule == "sgd":
            return {"velocity": of("momentums", -1)}
        if run.rule == "adagrad":
            return {"sum": of("_accumulators")}
        return {"exp_avg": of("_momentums"), "exp_avg_sq": of("_velocities"),
                "max_exp_avg_sq": of("_velocity_hats")}

    def apply(grads, variables):  # a Keras variable casts to floatx; a plain one keeps its dtype
        optimizer.apply(grads, variables)

    drive_tensorflow(run, optimizer, apply, lambda lr: setattr(optimizer, "learning_rate", lr), slots)


# Slots as TensorFlow names them. Keras' velocity of SGD is what is added.
TF_SLOTS = {"rmsprop": {"rms": "square_avg", "momentum": "velocity", "mg": "grad_avg"},
            "sgd": {"momentum": "velocity"}, "adagrad": {"accumulator": "sum"},
            "adam": {"m": "exp_avg", "v": "exp_avg_sq", "vhat": "max_exp_avg_sq"}}


def tensorflow_slots(run, optimizer, sign, get_slot):
    def slots(_, v):
        names = optimizer.get_slot_names()
        result = {}
        for name, ours in TF_SLOTS[run.rule].items():
            unused = name == "momentum" and not run.words.get("momentum")
            if name in names and not unused:  # tf1 always has the slot `momentum`
                result[ours] = (sign if name == "momentum" else 1) * get_slot(v, name).numpy()
        return result
    return slots


def keras2_framework(run):
    import tf_keras
    legacy = tf_keras.optimizers.legacy
    classes = {"rmsprop": legacy.RMSprop, "sgd": legacy.SGD, "adagrad": legacy.Adagrad, "adam": legacy.Adam}
    optimizer = classes[run.rule](**run.words)
    drive_tensorflow(run, optimizer, lambda g, v: optimizer.apply_gradients(zip(g, v)),
                     lambda lr: setattr(optimizer, "learning_rate", lr),
                     tensorflow_slots(run, optimizer, -1 if run.rule == "sgd" else 1, optimizer.get_slot))


def tf1_framework(run):
    import tensorflow as tf
    train = tf.compat.v1.train
    words, now = dict(run.words), {}
    if run.lrs is not None:
        words["learning_rate"] = lambda: now["lr"]
    sgd = train.MomentumOptimizer if "momentum" in words else train.GradientDescentOptimizer
    classes = {"rmsprop": train.RMSPropOptimizer, "sgd": sgd, "adagrad": train.AdagradOptimizer,
               "adam": train.AdamOptimizer}
    optimizer = classes[run.rule](**words)
    drive_tensorflow(run, optimizer, lambda g, v: optimizer.apply_gradients(zip(g, v)),
                     lambda lr: now.update(lr=lr), tensorflow_slots(run, optimizer, 1, optimizer.get_slot))


def optax_framework(run):
    import jax
    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp
    import optax
    words = dict(run.words)
    if run.lrs is not None:
        words["learning_rate"] = lambda count: jnp.asarray(run.lrs)[count].astype(run.dtype)
    optimizer = optax.rmsprop(**words)
    params = {n: jnp.asarray(p) for n, p in run.p0.items()}
    state = optimizer.init(params)
    for t in range(run.steps):
        grads = {n: jnp.asarray(run.g[n][t]) for n in run.names}
        updates, state = optimizer.update(grads, state, params)
        params = optax.apply_updates(params, updates)
        for n in run.names:
            moving = run.words.get("momentum") is not None
            run.record(n, p=params[n], square_avg=state[0].nu[n],
                       grad_avg=state[0].mu[n] if run.words.get("centered") else None,
                       velocity=-state[2].trace[n] if moving else None)


def mlx_framework(run):
    import mlx.core as mx
    import mlx.optimizers
    mx.set_default_device(mx.cpu)
    dtype = getattr(mx, run.dtype)
    optimizer = mlx.optimizers.RMSprop(**run.words)
    params = {n: mx.array(p, dtype) for n, p in run.p0.items()}
    for t in range(run.steps):
        if run.lrs is not None:
            optimizer.learning_rate = float(run.lrs[t])
        grads = {n: mx.array(run.g[n][t], dtype) for n in run.names}
        params = optimizer.apply_gradients(grads, params)
        for n in run.names:
            run.record(n, p=params[n], square_avg=optimizer.state[n]["v"])


def mxnet_framework(run):
    import mxnet as mx
    optimizer = mx.optimizer.RMSProp(**run.words)
    params = {n: mx.nd.array(p, dtype=run.dtype) for n, p in run.p0.items()}
    # create_state() makes float32 slots, which float64 parameters refuse.
    count = 3 if run.words.get("centered") else 1
    states = {n: tuple(mx.nd.zeros(p.shape, dtype=run.dtype) for _ in range(count))
              for n, p in params.items()}
    for t in range(run.steps):
        if run.lrs is not None:
            optimizer.set_learning_rate(float(run.lrs[t]))
        for i, n in enumerate(run.names):
            optimizer.update(i, params[n], mx.nd.array(run.g[n][t], dtype=run.dtype), states[n])
            slots = [s.asnumpy() for s in states[n]]
            centered = run.words.get("centered")
            run.record(n, p=params[n].asnumpy(), square_avg=slots[0],
                       grad_avg=slots[1] if centered else None,
                       velocity=-slots[2] if centered and run.words.get("gamma2", 0.9) else None)


FRAMEWORKS = {  # driver, name, package
    "torch": (torch_framework, "PyTorch", "torch"),
    "timm": (timm_framework, "timm", "timm"),
    "keras3": (keras3_framework, "Keras on TensorFlow", "keras"),
    "keras2": (keras2_framework, "tf-keras, legacy optimizers", "tf-keras"),
    "tf1": (tf1_framework, "TensorFlow, compat.v1.train", "tensorflow-cpu"),
    "optax": (optax_framework, "Optax", "optax"),
    "mlx": (mlx_framework, "MLX on the CPU", "mlx"),
    "mxnet": (mxnet_framework, "MXNet", "mxnet"),
}
