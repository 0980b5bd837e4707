"""Losses on logits, in ulp, against sixty digits.

Value, gradient and curvature of each loss at one sample of K logits, of any size
to 1e6, may be off by

    4 + |u| ulp,    u = what exp is taken of

(the curvature, a product of two probabilities, by twice as much) wherever the
true result is a normal number. u is the logit for independent gates, the
distance between the largest logit and the smallest for softmax, in both cases
at most 750, and 0 for squared error. Smaller results may be off by two subnormal
steps more. A gradient is never NaN, and 0 only where the truth is below the
smallest subnormal number.

All that is for targets of which each is 0 or 1. Between, prediction minus truth
may cancel, and 4 + |u| ulp of these two terms is the bound. The compiled kernels
are asked through a network of one layer whose biases are the logits.
"""

from functools import cache

import mpmath as mp
import numpy as np

import minifnn as mf
from minifnn.losses import bernoulli, categorical, squared_error

from . import ENGINES
from .table import Row, within
from .ulp import BOUND, DIGITS, joined, shown, truth

LOSSES = (bernoulli, categorical, squared_error)
OUTPUTS = {"bernoulli": "sigmoid", "categorical": "softmax", "squared error": "linear"}
GONE = 750  # |u| up to which exp(-|u|) matters
SAMPLES, QUICK = 60, 20  # rows of logits of each kind and width
WIDTHS = (1, 2, 3, 10)


# ------------------------------------------------------------------- sixty digits


def exact_probabilities(loss, o):
    """What the loss predicts for one sample, and one minus it."""
    if loss is squared_error:
        return o, [1 - x for x in o]
    if loss is bernoulli:
        return [1 / (1 + mp.exp(-x)) for x in o], [1 / (1 + mp.exp(x)) for x in o]
    odds = [mp.exp(x - max(o)) for x in o]
    p = [e / sum(odds) for e in odds]
    return p, [sum(p[:k]) + sum(p[k + 1 :]) for k in range(len(p))]


def exact_value(loss, o, y):
    """The loss of one sample, as the theory writes it, in enough digits for any logit here."""
    if loss is squared_error:
        return sum((a - b) ** 2 for a, b in zip(o, y)) / 2
    if loss is bernoulli:
        terms = []
        for a, b in zip(o, y):
            open_, shut = mp.log1p(mp.exp(-abs(a))), abs(a)
            terms.append(open_ + ((shut if a > 0 else 0) - a * b))
        return sum(terms) / len(o)
    top = max(o)
    others = sum(mp.exp(a - top) for i, a in enumerate(o) if i != o.index(top))
    return mp.log1p(others) + sum(b * (top - a) for a, b in zip(o, y))


def exact_gradient(loss, o, y):
    """Prediction minus truth: p - y, where p - 1 is -(1 - p)."""
    p, rest = exact_probabilities(loss, o)
    K = len(o) if loss is bernoulli else 1
    return [(-r if b == 1 else a - b) / K for a, r, b in zip(p, rest, y)]


def exact_curvature(loss, o, y=None):
    p, rest = exact_probabilities(loss, o)
    if loss is squared_error:
        return [[mp.mpf(i == k) for k in range(len(o))] for i in range(len(o))]
    if loss is bernoulli:
        return [[(i == k) * p[k] * rest[k] / len(o) for k in range(len(o))] for i in range(len(o))]
    return [
        [p[k] * rest[k] if i == k else -p[i] * p[k] for k in range(len(o))] for i in range(len(o))
    ]


def exact(function, loss, *rows):
    """Apply to each sample, in sixty digits."""
    with mp.workdps(DIGITS):
        return [function(loss, *([mp.mpf(float(x)) for x in row] for row in n)) for n in zip(*rows)]


# ------------------------------------------------------------------ logits, targets

EXTREMES = np.array(
    [
        [0.0, 0.0, 0.0],
        [2.5, 2.5, 2.5],
        [1e6, 1e6, 1e6],
        [-1e6, -1e6, -1e6],
        [1e6, -1e6, 0.0],
        [1e6, 1e6, -1e6],
        [-1e6, -1e6, 1e6],
        [1e6, 1e6 - 1, 1e6 - 40],
        [700.0, -700.0, 30.0],
        [40.0, 0.0, 0.0],
        [-40.0, 0.0, -1e-9],
        [300.0, 299.0, -300.0],
        [0.0, -0.0, 5e-324],
        [0.0, -744.0, -745.2],
        [0.0, -745.5, -745.5],
    ]
)


def of_normal_size(rng, n, K):
    return 3 * rng.normal(size=(n, K))


def of_every_size(rng, n, K):
    return rng.choice([-1.0, 1.0], (n, K)) * 10 ** rng.uniform(-300, 6, (n, K))


def up_to_a_million(rng, n, K):
    return rng.uniform(-1e6, 1e6, (n, K))


def close_to_each_other(rng, n, K):
    """A common shift to a million, which softmax must not feel."""
    return rng.uniform(-1e6, 1e6, (n, 1)) + 10 * rng.normal(size=(n, K))


def that_almost_vanish(rng, n, K):
    """Odds from 1e-299 to below the smallest number."""
    return (
        rng.choice([-1.0, 1.0], (n, K))
        * rng.uniform(345, 380, (n, K))
        * rng.choice([1.0, 2.0], (n, 1))
    )


KINDS = (of_normal_size, of_every_size, up_to_a_million, close_to_each_other, that_almost_vanish)


def hard_targets(rng, loss, N, K):
    """Right or wrong, one class, or any value."""
    if loss is categorical:
        return np.eye(K)[rng.integers(0, K, N)]
    if loss is bernoulli:
        return rng.integers(0, 2, (N, K)).astype(float)
    return rng.normal(size=(N, K))


def soft_targets(rng, loss, N, K):
    """Probabilities between: a gate's, or rows that sum to one."""
    return rng.dirichlet(np.ones(K), N) if loss is categorical else rng.uniform(size=(N, K))


def extreme(loss):
    """Return each extreme row of logits with each hard target in turn: o, y of shape (rows, 3)."""
    if loss is categorical:
        y = np.eye(3)
    else:
        y = np.array(list(np.ndindex(2, 2, 2)), float)
    return np.repeat(EXTREMES, len(y), axis=0), np.tile(y, (len(EXTREMES), 1))


def samples(loss, targets, n):
    """Pairs o, y (rows, K): n rows of each kind and width, and the extremes."""
    rng = np.random.default_rng(0)
    for K in WIDTHS if loss is not categorical else WIDTHS[1:]:
        for kind in KINDS:
            yield kind(rng, n, K), targets(rng, loss, n, K)
    if targets is hard_targets:
        yield extreme(loss)


# ------------------------------------------------------------------------- results


@cache
def _network(loss, K):
    """One layer whose biases are the logits, on an input that is 0."""
    return mf.mlp([1, K], [], OUTPUTS[loss.name], trainable_beta=False)


def gradient(engine, loss, o, y):
    """d loss/d o of one sample, (K,)."""
    net = _network(loss, len(o))
    net.theta[:] = np.concatenate([np.zeros_like(o), o])
    return net.gradient([[0.0]], y[None], engine)[len(o) :]


def curvature(engine, loss, o, y):
    """d2 loss/do do of one sample, (K, K)."""
    net = _network(loss, len(o))
    net.theta[:] = np.concatenate([np.zeros_like(o), o])
    return mf.hessian(net, [[0.0]], y[None], engine=engine)[len(o) :, len(o) :]


QUESTIONS = {  # how to ask, the truth, and how many probabilities are multiplied
    "gradient": (gradient, exact_gradient, 1),
    "curvature": (curvature, exact_curvature, 2),
}


def arguments(loss, o):
    """|u| for each logit, (rows, K): what exp is taken of, as far as it matters."""
    if loss is squared_error:
        return np.zeros_like(o)
    u = np.abs(o) if loss is bernoulli else np.ptp(o, axis=1, keepdims=True) + np.zeros_like(o)
    return np.minimum(u, GONE)


def value_errors(loss, o, y):
    """The Errors of the value at each row."""
    got = np.array([loss.value(a[None], b[None]) for a, b in zip(o, y)])
    return truth(exact(exact_value, loss, o, y)).errors(got, arguments(loss, o).max(axis=1))


def errors(question, loss, o, y):
    """The Errors of gradients (rows, K) or curvatures (rows, K, K), by engine."""
    ask, exactly, times = QUESTIONS[question]
    true, u = truth(exact(exactly, loss, o, y)), arguments(loss, o)
    if question == "curvature":
        u = np.broadcast_to(np.maximum(u[:, :, None], u[:, None, :]), true.high.shape)
    got = {engine: [ask(engine, loss, *row) for row in zip(o, y)] for engine in ENGINES}
    return {engine: true.errors(np.array(results), u, times) for engine, results in got.items()}


def soft_shares(engine, loss, o, y):
    """For soft targets: errors of the gradient over (4 + |u|) ulp of what cancels, (rows, K)."""
    got = np.array([gradient(engine, loss, a, b) for a, b in zip(o, y)])
    true = truth(exact(exact_gradient, loss, o, y))
    p = loss.predict(o)
    terms = (1 - y) * p + y * (1 - p)  # p - y is the difference of these two
    terms /= o.shape[1] if loss is bernoulli else 1
    return np.ldexp(true.ulps(got), true.unit) / ((4 + arguments(loss, o)) * 2.0**-52 * terms)


# -------------------------------------------------------------------------- table


def rows(quick):
    """A row for value, gradient and curvature of each loss, and what holds of all of them."""
    n = QUICK if quick else SAMPLES
    table, every = [], {engine: [] for engine in ENGINES}
    for loss in LOSSES:
        logits = list(samples(loss, hard_targets, n))
        value = joined(value_errors(loss, o, y) for o, y in logits)
        table.append(_row(f"{loss.name}, value", {"numpy": value}, BOUND))
        for question, (_, _, times) in QUESTIONS.items():
            parts = [errors(question, loss, o, y) for o, y in logits]
            found = {name: joined(part[name].flat() for part in parts) for name in ENGINES}
            bound = BOUND if times == 1 else f"{times} ({BOUND})"
            table.append(_row(f"{loss.name}, {question}", found, bound))
            for name, e in found.items():
                every[name].append(e)
    table += [_soft_row(loss, n) for loss in (bernoulli, categorical)]
    for name, found in every.items():
        table += _rows_of_all(name, joined(found))
    return table


def _row(what, found, bound):
    cases = sum(e.share.size for e in found.values())
    return Row(what, cases, shown(found), bound, all(e.share.max() <= 1 for e in found.values()))


def _soft_row(loss, n):
    """What is left where prediction and truth cancel."""
    parts = samples(loss, soft_targets, n)
    shares = [soft_shares(engine, loss, o, y).ravel() for o, y in parts for engine in ENGINES]
    shares = np.concatenate(shares)
    what = f"{loss.name}, gradient at soft targets: share of {BOUND} of its two terms"
    return within(what, len(shares), shares.max(), 1)


def _rows_of_all(engine, e):
    """What is too small for a normal number, what vanished, and NaN."""
    small, vanished = np.count_nonzero(e.small), np.count_nonzero(e.vanished)
    return [
        within(f"{engine}: small results, steps beyond the bound", small, e.steps.max(), 2),
        within(f"{engine}: exact 0 where the truth is 5e-324 or more", e.nan.size, vanished, 0),
        within(f"{engine}: NaN", e.nan.size, np.count_nonzero(e.nan), 0),
    ]
