"""Values and derivatives of the activations, in ulp, against sixty digits.

At fields and betas over the
whole range of floats, each of the six functions of each activation may be off by

    4 + |u| ulp,    u = beta h

wherever the true result is a normal number, and by 4 beyond |u| = 3000, from
where on nothing depends on u any more. Smaller results may be off by two steps
of the subnormal numbers more; larger ones must be infinite, of the right sign.

The truth comes from mpmath and formulas of its own, in `EXACT`.
"""

from functools import cache

import mpmath as mp
import numpy as np

from minifnn._util.threads import twins
from minifnn.activations import ACTIVATIONS, Derivatives

from .table import Row, within
from .ulp import BOUND, DIGITS, joined, shown, truth

SHUT = 3000  # from this |u| on a gate is open or shut
SAMPLES, QUICK = 2000, 200  # random points of each kind


def engines():
    """The reference and, where Numba is there, its compiled twins: tables by name."""
    kernels = twins("numba")
    return {"numpy": ACTIVATIONS} | ({"numba": kernels.TWINS} if kernels else {})


def derivatives(engine, name, h, beta):
    """All six functions at points h (n,) and beta (n,), an array (6, n).

    To the compiled twins each point is a unit of its own.
    """
    return np.array(engines()[engine][name].derivatives(h[None, :], beta))[:, 0]


# ------------------------------------------------------------------- sixty digits


def exact_sigmoid(h, beta, u):
    e = mp.exp(-u)
    s = 1 / (1 + e)
    w, k = s * s * e, -mp.tanh(u / 2)  # k = 1 - 2s
    return s, beta * w, h * w, beta**2 * w * k, w * (1 + u * k), h**2 * w * k


def exact_tanh(h, beta, u):
    t, e = mp.tanh(u), mp.exp(2 * u)
    q = 4 * e / (1 + e) ** 2
    return t, beta * q, h * q, -2 * beta**2 * t * q, q * (1 - 2 * u * t), -2 * h**2 * t * q


def exact_esp(h, beta, u):
    e = mp.exp(-u)
    s = 1 / (1 + e)
    w, k = s * s * e, -mp.tanh(u / 2)
    turn = w * (2 + u * k)
    return h * s, s + u * w, h**2 * w, beta * turn, h * turn, h**3 * w * k


def exact_relu(h, beta, u):
    return max(h, mp.mpf(0)), mp.mpf(h > 0), *[mp.mpf(0)] * 4


def exact_scale(h, beta, u):
    return u, beta, h, mp.mpf(0), mp.mpf(1), mp.mpf(0)


def exact_identity(h, beta, u):
    return h, mp.mpf(1), *[mp.mpf(0)] * 4


EXACT = {
    "sigmoid": exact_sigmoid,
    "tanh": exact_tanh,
    "esp": exact_esp,
    "relu": exact_relu,
    "scale": exact_scale,
    "identity": exact_identity,
}


# ------------------------------------------------------------------------- points

# roots of the factors that change sign: 1 + u + exp(u), and c + u(1-2s) at u and at 2u
ROOTS = (1.2784645427610737, 1.5434046384182085, 2.3993572805154675, 0.77170231920910425)


def signs(rng, n):
    return rng.choice([-1.0, 1.0], n)


def of_normal_size(rng, n):
    return 3 * rng.normal(size=n), 2 * rng.normal(size=n)


def of_every_size(rng, n):
    return signs(rng, n) * 10 ** rng.uniform(-300, 300, n), signs(rng, n) * 10 ** rng.uniform(
        -300, 6, n
    )


def of_any_bits(rng, n):
    """Any two floats that are finite: half of all products beta h are too large or too small."""
    bits = rng.integers(-(2**63), 2**63, size=(2, 3 * n))
    floats = bits.view(np.float64)
    return floats[:, np.isfinite(floats).all(axis=0)][:, :n]


def with_moderate_u_at_every_size(rng, n):
    """|u| below 50, where nothing has died out, and h from 1e-250 to 1e250."""
    h = signs(rng, n) * 10 ** rng.uniform(-250, 250, n)
    return h, rng.uniform(-50, 50, n) / h


def with_u_to_2900_at_huge_fields(rng, n):
    h = signs(rng, n) * 10 ** rng.uniform(0, 300, n)
    return h, rng.uniform(-2900, 2900, n) / h


def with_results_that_almost_vanish(rng, n):
    """|u| from 690 to 760, where exp(-|u|) leaves the normal numbers."""
    h = signs(rng, n) * np.exp(3 * rng.normal(size=n))
    return h, signs(rng, n) * rng.uniform(690, 760, n) / h


def crowded_at(root):
    def sample(rng, n):
        beta = signs(rng, n) * np.exp(2 * rng.normal(size=n))
        u = root * (1 + signs(rng, n) * 10 ** rng.uniform(-16, -1, n))
        return signs(rng, n) * u / beta, beta

    return sample


def rounded_onto_the_roots(rng, n):
    """The float u is a root or next to one; the rounding error of beta*h says how far off."""
    root, beta = np.tile(ROOTS, n), np.exp(rng.normal(size=4 * n))
    h = root / beta
    onto = np.abs(h * beta - root) <= np.spacing(root)
    h, beta = h[onto][:n], beta[onto][:n]
    return signs(rng, len(h)) * h, signs(rng, len(h)) * beta


def with_subnormal_fields(rng, n):
    h = signs(rng, n) * 5e-324 * rng.integers(1, 10**9, n)
    return h, signs(rng, n) * 10 ** rng.uniform(0, 308, n)


def with_subnormal_betas(rng, n):
    beta, h = with_subnormal_fields(rng, n)
    return h, beta


def of_extremes(rng, n):
    """No sample but a product: zeros, subnormals, powers, roots, edges of exp, the largest."""
    beta = [0, 5e-324, 1e-320, 2.3e-308, 1e-300, 1e-200, 1e-100, 1e-20, 1e-10, 1e-5, 0.1, 0.5]
    beta += [1, ROOTS[0], 2.5, 7, 30, 700, 709, 745, 1e3, 2.9e3, 3.1e3, 1e6]
    h = [*beta, 1e10, 1e50, 1e100, 1e154, 1e200, 1e300, 1.7e308]
    h, beta = np.meshgrid(np.array(h), np.array([*beta, *np.negative(beta)]))
    return np.concatenate([h.ravel(), -h.ravel()]), np.tile(beta.ravel(), 2)


POINTS = {
    function.__name__: function
    for function in (
        of_normal_size,
        of_every_size,
        of_any_bits,
        with_moderate_u_at_every_size,
        with_u_to_2900_at_huge_fields,
        with_results_that_almost_vanish,
        rounded_onto_the_roots,
        with_subnormal_fields,
        with_subnormal_betas,
        of_extremes,
    )
} | {f"crowded_at_{root:.3f}": crowded_at(root) for root in ROOTS}


@cache
def points_of(name, n):
    """Return fields and betas, floats that are finite: a sample of n of this kind."""
    return POINTS[name](np.random.default_rng(list(name.encode())), n)


# ------------------------------------------------------------------------- errors


def exact(name, h, beta):
    """The Truth of the six functions at each point, and |u| as far as anything depends on it."""
    with mp.workdps(DIGITS):
        pairs = [(mp.mpf(float(a)), mp.mpf(float(b))) for a, b in zip(h, beta)]
        u = [a * b for a, b in pairs]
        true = truth(list(zip(*(EXACT[name](*pair, v) for pair, v in zip(pairs, u)))))
    return true, np.array([abs(v) if abs(v) < SHUT else 0 for v in u], float)


def errors_at(name, kind, n):
    """The Errors of an activation at points of a kind, arrays (6, n), by engine."""
    h, beta = points_of(kind, n)
    true, u = exact(name, h, beta)
    results = {engine: derivatives(engine, name, h, beta) for engine in engines()}
    return {engine: true.errors(got, u) for engine, got in results.items()}


# -------------------------------------------------------------------------- table


def rows(quick):
    """A row for each function of each activation, and what holds of all of them."""
    n = QUICK if quick else SAMPLES
    table, every = [], []
    for name in ACTIVATIONS:
        found = [errors_at(name, kind, n) for kind in POINTS]
        together = {engine: joined([f[engine] for f in found]) for engine in found[0]}
        table += _rows_of(name, together)
        every += together.values()
    return [*table, *_rows_of_all(joined(every)), _quiet(n)]


def _rows_of(name, found):
    """The six rows of an activation."""
    table = []
    for k, field in enumerate(Derivatives._fields):
        mine = {engine: e.part(k) for engine, e in found.items()}
        cases = sum(e.share.size for e in mine.values())
        held = all(e.share.max() <= 1 for e in mine.values())
        what = f"{name} {'f' if field == 'f' else f'f_{field}'}"
        table.append(Row(what, cases, shown(mine), BOUND, held))
    return table


def _rows_of_all(e):
    """What leaves the normal numbers, below and above."""
    small, large = np.count_nonzero(e.small), np.count_nonzero(e.overflows)
    wrong = np.count_nonzero(e.share[e.overflows])
    return [
        within(f"results below the normal numbers: steps beyond {BOUND}", small, e.steps.max(), 2),
        within("results too large for a float that are not the right infinity", large, wrong, 0),
    ]


def _quiet(n):
    """NaN and floating-point warnings, at all points."""
    cases = bad = 0
    for name in ACTIVATIONS:
        for kind in POINTS:
            for engine in engines():
                cases += 6 * len(points_of(kind, n)[0])
                bad += nan_or_warning(engine, name, *points_of(kind, n))
    return within('NaN, or a warning under np.errstate(all="raise")', cases, bad, 0)


def nan_or_warning(engine, name, h, beta):
    """How many results are NaN; all of them, if there is a warning."""
    try:
        with np.errstate(all="raise"):
            return np.count_nonzero(np.isnan(derivatives(engine, name, h, beta)))
    except FloatingPointError:
        return 6 * len(h)
