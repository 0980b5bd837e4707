"""The peers in JAX: float64, on the CPU, compiled as a whole, data as arguments.

Data as arguments, because XLA would otherwise spend its time on folding them
into constants. Every call waits until the result is there.
"""

import os

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp
import numpy as np

from .problems import direction

jax.config.update("jax_enable_x64", True)

CHUNK = 32  # columns of the Hessian at a time
GATES = {
    "esp": lambda h, beta: h * jax.nn.sigmoid(beta * h),
    "relu": lambda h, beta: jnp.maximum(h, 0.0),
    "scale": lambda h, beta: beta * h,
}
LOSSES = {
    "bernoulli": lambda o, y: jnp.mean(jnp.logaddexp(0.0, o) - y * o),
    "categorical": lambda o, y: jnp.mean(jax.nn.logsumexp(o, axis=1) - (y * o).sum(axis=1)),
}


def loss_of(net):
    """Return loss(theta, X, Y): the network's formula, over the same flat theta."""
    gates = [GATES[gate.activation.name] for _, gate in net.layers]
    value = LOSSES[net.loss_function.name]

    def loss(theta, X, Y):
        p = {name: theta[at].reshape(net.shapes[name]) for name, at in net.slices.items()}
        a = X
        for l, gate in enumerate(gates, 1):
            a = gate(a @ p[f"W{l}"] + p[f"b{l}"], p.get(f"beta{l}", net.betas[l - 1]))
        return value(a, Y)

    return loss


def train(net, X, Y):
    """The whole loop is one compiled `fori_loop`."""
    step = _adam(net, lambda t: 0.01 * 0.9 ** (t / 500))

    @jax.jit
    def loop(epochs, state, X, Y):
        return jax.lax.fori_loop(0, epochs, lambda t, state: step(state, X, Y), state)

    state, X, Y = _start(net), jnp.asarray(X), jnp.asarray(Y)
    return lambda epochs: loop(epochs, state, X, Y)[0].block_until_ready()


def train_batches(net, X, Y, size=128):
    """The whole training is one compiled scan over epochs, and in it one over batches."""
    step, full = _adam(net, lambda t: 0.001), len(X) - len(X) % size

    @jax.jit
    def loop(state, X, Y, orders):
        def batch(state, rows):
            return step(state, X[rows], Y[rows]), None

        def epoch(state, order):
            state, _ = jax.lax.scan(batch, state, order[:full].reshape(-1, size))
            return (state if full == len(X) else batch(state, order[full:])[0]), None

        return jax.lax.scan(epoch, state, orders)[0]

    state, X, Y = _start(net), jnp.asarray(X), jnp.asarray(Y)

    def run(epochs):
        rng = np.random.default_rng(0)
        orders = np.array([rng.permutation(len(X)) for _ in range(epochs)])
        return loop(state, X, Y, orders)[0].block_until_ready()

    return run


def hessian(net, X, Y):
    """jit(jax.hessian): all P columns at once."""
    return _compile(jax.hessian(loss_of(net)), net.theta, X, Y)


def hessian_in_chunks(net, X, Y):
    """Hessian-vector products for the unit vectors, 32 at a time: little memory."""

    def columns(theta, X, Y):
        return jax.lax.map(
            lambda v: _product(net, theta, v, X, Y), jnp.eye(len(theta)), batch_size=CHUNK
        )

    return _compile(columns, net.theta, X, Y)


def product(net, X, Y):
    """The derivative of the gradient along v, compiled: jvp of grad."""

    def along(theta, v, X, Y):
        return _product(net, theta, v, X, Y)

    return _compile(along, net.theta, direction(net), X, Y)


product_kept = product


def product_again(net, X, Y):
    """The gradient linearised once, and what that needs at theta kept: jax.linearize."""
    gradient, X, Y = jax.grad(loss_of(net)), jnp.asarray(X), jnp.asarray(Y)
    _, along = jax.jit(lambda theta: jax.linearize(lambda t: gradient(t, X, Y), theta))(net.theta)
    call, v = jax.jit(lambda along, v: along(v)), jnp.asarray(direction(net))
    return lambda: call(along, v).block_until_ready()


def _product(net, theta, v, X, Y):
    gradient = jax.grad(loss_of(net))
    return jax.jvp(lambda theta: gradient(theta, X, Y), (theta,), (v,))[1]


def _start(net):
    """theta, both means of Adam, and the number of steps."""
    return jnp.asarray(net.theta), *jnp.zeros((2, net.n_parameters)), 0


def _adam(net, rate):
    """Return step((theta, m, v, t), X, Y): the Adam of `minifnn.Adam`."""
    gradient = jax.grad(loss_of(net))

    def step(state, X, Y):
        theta, m, v, t = state
        g = gradient(theta, X, Y)
        m = m + 0.1 * (g - m)
        v = v + 0.001 * (g * g - v)
        r = rate(t) * jnp.sqrt(1 - 0.999 ** (t + 1)) / (1 - 0.9 ** (t + 1))
        return theta - r * m / (jnp.sqrt(v) + 1e-8), m, v, t + 1

    return step


def _compile(function, *arrays):
    """Compile for these arrays; return the call that runs on them."""
    arrays = [jnp.asarray(array) for array in arrays]
    compiled = jax.jit(function).lower(*arrays).compile()
    return lambda: compiled(*arrays).block_until_ready()
