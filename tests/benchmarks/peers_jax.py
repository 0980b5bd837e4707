"""The peers in JAX: float64, on the CPU, compiled as a whole, data as arguments.

Data as arguments, because XLA would otherwise spend its time on folding them
into constants. Each function compiles and returns a call that waits until the
result is there.
"""

import os

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)

CHUNK = 32  # columns of the Hessian at a time


def hessian(net, X, Y):
    """jit(jax.hessian): all P columns at once."""
    return _compile(jax.hessian(loss_of(net)), net.theta, X, Y)


def hessian_in_chunks(net, X, Y):
    """Hessian-vector products for the unit vectors, 32 at a time: little memory."""
    gradient = jax.grad(loss_of(net))

    def columns(theta, X, Y):
        def column(v):
            return jax.jvp(lambda theta: gradient(theta, X, Y), (theta,), (v,))[1]

        return jax.lax.map(column, jnp.eye(len(theta)), batch_size=CHUNK)

    return _compile(columns, net.theta, X, Y)


def train(net, X, Y):
    """Return run(epochs) -> theta: the whole loop is one compiled `fori_loop`."""
    step, start = _adam(net), (jnp.asarray(net.theta), *jnp.zeros((2, net.n_parameters)))

    @jax.jit
    def loop(epochs, state, X, Y):
        return jax.lax.fori_loop(0, epochs, lambda t, state: step(t, state, X, Y), state)

    X, Y = jnp.asarray(X), jnp.asarray(Y)
    return lambda epochs: loop(epochs, start, X, Y)[0].block_until_ready()


def train_step_by_step(net, X, Y):
    """Return run(epochs) -> theta: one compiled step, called in a Python loop."""
    step, start = jax.jit(_adam(net)), (jnp.asarray(net.theta), *jnp.zeros((2, net.n_parameters)))
    X, Y = jnp.asarray(X), jnp.asarray(Y)

    def run(epochs):
        state = start
        for t in range(epochs):
            state = step(t, state, X, Y)
        return state[0].block_until_ready()

    return run


def loss_of(net):
    """Return loss(theta, X, Y): the network's formula, over the same flat theta."""
    last = len(net.sizes) - 1

    def loss(theta, X, Y):
        p = {name: theta[at].reshape(net.shapes[name]) for name, at in net.slices.items()}
        a = X
        for l in range(1, last + 1):
            h = a @ p[f"W{l}"] + p[f"b{l}"]
            beta = p.get(f"beta{l}", net.betas[l - 1])
            a = beta * h if l == last else h * jax.nn.sigmoid(beta * h)
        return jnp.mean(jnp.logaddexp(0.0, a) - Y * a)

    return loss


def _adam(net):
    """Return step(t, (theta, m, v), X, Y): the Adam of `minifnn.Adam`."""
    gradient = jax.grad(loss_of(net))

    def step(t, state, X, Y):
        theta, m, v = state
        g = gradient(theta, X, Y)
        m = m + 0.1 * (g - m)
        v = v + 0.001 * (g * g - v)
        rate = 0.01 * 0.9 ** (t / 500) * jnp.sqrt(1 - 0.999 ** (t + 1)) / (1 - 0.9 ** (t + 1))
        return theta - rate * m / (jnp.sqrt(v) + 1e-8), m, v

    return step


def _compile(function, *arrays):
    """Compile for these arrays; return the call that runs on them."""
    arrays = [jnp.asarray(array) for array in arrays]
    compiled = jax.jit(function).lower(*arrays).compile()
    return lambda: compiled(*arrays).block_until_ready()
