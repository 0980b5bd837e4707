"""Gradients and Hessians of whole networks, and of ill-conditioned ones, against many digits.

The truth knows neither a backward pass nor a second derivative: the loss of each
sample is computed forward in mpmath, and its derivatives are central differences
of that, whose own error is far below what is asked: steps of 1e-30 in 150 digits
or, where derivatives are smaller than 1e-60, of 1e-60 in 600.

The parameters of a network come in blocks, W1, b1, beta1, W2, ..., and so do the
entries of its gradient and, in pairs, those of its Hessian. With S the largest
entry that a sample's own derivative has in a block, as a mean over the samples,
L the layers and U the largest argument of an exponential in any unit, at most
750, each entry of the block may be off by

    gradient    eps (4 + U) L S
    Hessian     2 eps (4 + U) L S

or by the smallest normal number, 2.2e-308. So the small derivatives of a
saturated layer have to be right beside the large ones of another, but samples
that cancel are not held against their sum. ReLU is asked off its kink.
"""

import itertools
from dataclasses import dataclass
from functools import cache, partial

import mpmath as mp
import numpy as np

import minifnn as mf
from minifnn.network import HIDDEN, OUTPUTS

from . import ENGINES
from .losses import exact_value
from .table import Row, within

EPS = 2.0**-52
WAYS = ((150, mp.mpf(10) ** -30), (600, mp.mpf(10) ** -60))  # digits and steps
TINY = 1e-60  # derivatives for which the first way has too few digits
LEAST = mp.mpf(2) ** -1022
FARTHEST = 750  # |u| up to which a unit depends on it
BOUND = "eps (4 + U) L S; twice that"
METHODS = ("blocks", "columns")


@dataclass(frozen=True, eq=False)
class Case:
    """A network and its data."""

    name: str
    net: mf.Network
    X: np.ndarray
    Y: np.ndarray


def case(
    name, sizes, hidden="esp", output="sigmoid", N=4, seed=0, spread=0.5, beta=0.8, betas=True
):
    """A random network, away from its start, with data that fit it."""
    rng = np.random.default_rng(seed)
    net = mf.mlp(sizes, hidden, output, trainable_beta=betas, beta=beta, seed=seed)
    net.theta += spread * rng.normal(size=net.n_parameters)
    X, K = rng.normal(size=(N, sizes[0])), sizes[-1]
    if output == "softmax":
        Y = np.eye(K)[rng.integers(0, K, N)]
    elif output == "sigmoid":
        Y = rng.integers(0, 2, (N, K)).astype(float)
    else:
        Y = rng.normal(size=(N, K))
    return Case(name, net, X, Y)


# ------------------------------------------------------------ five hundred digits

GATES = {
    "sigmoid": lambda h, beta: 1 / (1 + mp.exp(-beta * h)),
    "tanh": lambda h, beta: mp.tanh(beta * h),
    "relu": lambda h, beta: h if h > 0 else mp.mpf(0),
    "esp": lambda h, beta: h / (1 + mp.exp(-beta * h)),
    "softplus": lambda h, beta: mp.log(1 + mp.exp(beta * h)) / beta,
    "scale": lambda h, beta: beta * h,
    "identity": lambda h, beta: h,
}


def numbers(array):
    """A float array as nested lists of mpf."""
    return np.vectorize(mp.mpf, otypes=[object])(array).tolist()


def losses(net, theta, X, Y):
    """The loss of each sample, forward: theta, X and Y hold mpf."""
    at = np.array(theta, dtype=object)
    result = []
    for x, y in zip(X, Y):
        for l, (gate, fixed) in enumerate(zip(net.gate_names, net.betas), start=1):
            W, b = at[net.slices[f"W{l}"]].reshape(net.shapes[f"W{l}"]), at[net.slices[f"b{l}"]]
            trained = f"beta{l}" in net.slices
            beta = at[net.slices[f"beta{l}"]] if trained else numbers(fixed)
            h = [mp.fdot(x, W[:, i]) + b[i] for i in range(len(b))]
            x = [GATES[gate](*pair) for pair in zip(h, beta)]
        result.append(exact_value(net.loss_function, x, y))
    return result


@cache
def exact(case):
    """Gradients (N, P) and Hessians (N, P, P) of the samples, arrays of mpf."""
    for digits, step in WAYS:
        with mp.workdps(digits):
            g, H = _differences(case, step)
            sizes = [S for _, S in (*in_blocks(case.net, g), *in_blocks(case.net, H))]
        if min(sizes) > TINY:
            break
    return g, H


def _differences(case, step):
    """First and second derivatives of each sample's loss, by central differences."""
    net, P = case.net, case.net.n_parameters
    theta, X, Y = numbers(net.theta), numbers(case.X), numbers(case.Y)

    def at(*steps):
        moved = theta.copy()
        for p, by in steps:
            moved[p] += by
        return np.array(losses(net, moved, X, Y), dtype=object)

    here, N = at(), len(X)
    g, H = np.empty((N, P), object), np.empty((N, P, P), object)
    for i in range(P):
        up, down = at((i, step)), at((i, -step))
        g[:, i], H[:, i, i] = (up - down) / (2 * step), (up + down - 2 * here) / step**2
    for i, j in itertools.combinations(range(P), 2):
        up, down = at((i, step), (j, step)), at((i, -step), (j, -step))
        both = (up + down - 2 * here) / step**2  # the second derivative along e_i + e_j
        H[:, i, j] = H[:, j, i] = (both - H[:, i, i] - H[:, j, j]) / 2
    return g, H


def in_blocks(net, samples):
    """Each block of a gradient (N, P) or Hessian (N, P, P), and its S."""
    for places in itertools.combinations_with_replacement(net.slices.values(), samples.ndim - 1):
        largest = [np.abs(sample[places]).max() for sample in samples]
        yield places, sum(largest) / len(largest)


def largest_u(case):
    """U: the largest argument of an exponential in a unit at any sample."""
    net, found = case.net.fresh(), []
    net.forward(case.X)
    with np.errstate(over="ignore", under="ignore"):
        for _, gate in net.layers:
            times = 2 if gate.activation.name == "tanh" else 1  # tanh u = 2 sigma(2u) - 1
            found.append(times * np.abs(gate.beta * gate.h).max())
    return min(max(found), FARTHEST)


# ------------------------------------------------------------------------- errors


def off(net, got, samples):
    """The largest error of got, as a share of eps S of its block."""
    found = []
    with mp.workdps(WAYS[-1][0]):
        error = np.abs(np.vectorize(mp.mpf, otypes=[object])(got) - sum(samples) / len(samples))
        for places, S in in_blocks(net, samples):
            worst = max(error[places].max() - LEAST, mp.mpf(0))
            found.append(float(worst / (EPS * S)) if worst else 0.0)
    return max(found)


def errors(case):
    """The errors of gradient and Hessian by the way they are asked for, as shares of eps S."""
    gradients, hessians = exact(case)
    net, data, found = case.net, (case.X, case.Y), {}
    for engine in ENGINES:
        found["gradient", engine] = off(net, net.gradient(*data, engine), gradients)
        for method in METHODS:
            H = mf.hessian(net, *data, method, engine)
            found["Hessian", f"{engine}, {method}"] = off(net, H, hessians)
    return found


def allowed(case):
    """What these errors may be."""
    size = (4 + largest_u(case)) * len(case.net.layers)
    return {"gradient": size, "Hessian": 2 * size}


# -------------------------------------------------------------------------- cases


def every_kind():
    """Every hidden activation with every output, betas trained or not."""
    for k, (hidden, output) in enumerate(itertools.product(HIDDEN, OUTPUTS)):
        betas = [k % 2 == 0 and hidden not in ("relu", "identity"), output != "relu"]
        yield case(f"{hidden}, {output}", [2, 2, 2], hidden, output, seed=k, betas=betas)


def put(case, **values):
    """The same case with some parameters, or X or Y, set to these values."""
    for name, value in values.items():
        if name.startswith("beta"):
            case.net.betas[int(name[4:]) - 1][:] = value
        else:
            {"X": case.X, "Y": case.Y, **case.net.parameters}[name][:] = value
    return case


def times(case, **factors):
    """The same case with some parameters, or X, multiplied."""
    for name, factor in factors.items():
        array = case.X if name == "X" else case.net.parameters[name]
        array *= factor
    return case


def doubled(case, opposite=False):
    """Every sample twice; its copy with the other label, if so wished."""
    Y = 1 - case.Y if opposite else case.Y
    return Case(case.name, case.net, np.tile(case.X, (2, 1)), np.concatenate([case.Y, Y]))


def sure(case, right):
    """Logits in the hundreds, and targets that agree with them, or none that does."""
    times(case, W2=300.0, b2=300.0)
    says = case.net.predict(case.X) > 0.5
    return put(case, Y=says if right else ~says)


ILL = {  # name: a function of what makes the case
    "units saturated": lambda make: times(make(), W1=30.0, b1=30.0),
    "units far beyond saturation": lambda make: times(make(), W1=1e4),
    "units hardly in their range": lambda make: times(make(), W1=1e-9, b1=1e-9),
    "dead and shut units": lambda make: put(make(), b1=-60.0),
    "units dead beyond the last float": lambda make: put(make(), b1=-2000.0),
    "beta = 0": lambda make: put(make(), beta1=0.0),
    "beta = 0 at the output": lambda make: put(make(), beta2=0.0),
    "beta = 1e-300": lambda make: put(make(), beta1=1e-300),
    "beta = -1e6": lambda make: put(make(), beta1=-1e6),
    "sure and right": lambda make: sure(make(), True),
    "sure and wrong": lambda make: sure(make(), False),
    "samples doubled": lambda make: doubled(make()),
    "samples doubled with the other label": lambda make: doubled(make(), opposite=True),
    "one sample": lambda make: make(N=1),
    "one class": lambda make: put(make(), Y=1.0),
    "constant inputs": lambda make: put(make(), X=1.0),
    "inputs 0": lambda make: put(make(), X=0.0),
    "inputs 1e6": lambda make: times(make(), X=1e6),
    "inputs 1e-200": lambda make: times(make(), X=1e-200),
    "last weights 0": lambda make: put(make(), W2=0.0),
    "width 1": lambda make: make([1, 1, 1]),
    "depth 10, width 1": lambda make: make([1] * 11, N=2),
    "depth 10, width 2": lambda make: make([2] * 10 + [1], N=2, betas=False),
}


def ill_conditioned(name):
    """One of these for each activation that bends."""
    for seed, hidden in enumerate(("esp", "sigmoid", "tanh", "relu")):

        def make(sizes=(2, 3, 1), hidden=hidden, seed=seed, **options):
            options = {"betas": [hidden != "relu"] * (len(sizes) - 2) + [True]} | options
            return case(f"{hidden}, {name}", list(sizes), hidden, seed=seed, **options)

        yield ILL[name](make)


GROUPS = {"every activation with every output": every_kind} | {
    name: partial(ill_conditioned, name) for name in ILL
}

# -------------------------------------------------------------------------- table


def rows(quick):
    """A row for each group of cases, and one for each way to ask."""
    table, ways = [], {}
    for name, group in list(GROUPS.items())[:: 6 if quick else 1]:
        found = [(errors(case), allowed(case)) for case in group()]
        table.append(_row(name, found))
        for by_way, may in found:
            for way, error in by_way.items():
                ways.setdefault(way, []).append(error / may[way[0]])
    for (what, way), shares in ways.items():
        table.append(within(f"all of these: {what}, {way}", len(shares), max(shares), 1))
    return table


def _row(name, found):
    """Of gradients and Hessians: the largest error in eps S, and the largest share."""
    texts, worst, cases = [], 0.0, 0
    for what in ("gradient", "Hessian"):
        mine = [(e, e / may[what]) for by, may in found for way, e in by.items() if way[0] == what]
        error, share = (max(column) for column in zip(*mine))
        texts.append(f"{what} {error:.2g} eps S, {share:.2f}")
        worst, cases = max(worst, share), cases + len(mine)
    return Row(name, cases, "; ".join(texts), BOUND, worst <= 1)
