"""Values and derivatives of the activations against sixty digits, in ulp.

The plain formulas promise, for any finite h and beta:

- a finite result wherever the true one is a float, and never NaN;
- f and its slopes f_h, f_beta within

      4 + |u| ulp of the largest summand of the formula

  and the curvatures, products of more factors, within twice that, where no
  intermediate result is subnormal; u is what exp is taken of: beta h, and
  2 beta h for tanh. A sum such as s + u w of ESP may cancel, and then has fewer
  digits of its own than its summands have.

Everything is measured in three regions: at typical points; next to the roots,
where a derivative changes its sign and its summands cancel; and at extremes,
fields and betas over the whole range of floats.

The truth comes from mpmath: `TERMS` has the summands of each formula, each as the
factors that the code multiplies, from left to right.
"""

from functools import cache
from itertools import accumulate, chain
from operator import mul

import mpmath as mp
import numpy as np

from minifnn.activations import ACTIVATIONS, Derivatives

from .table import Row, within
from .ulp import DIGITS, NORMAL, USUAL, truth

SHUT = 3000  # from this |u| on a gate is open or shut
SAMPLES, QUICK = 2000, 200  # random points of each kind
BOUND = "4 + \\|u\\| ulp of the largest summand"
FUNCTIONS = tuple("f" if field == "f" else f"f_{field}" for field in Derivatives._fields)
TIMES = np.array([1, 1, 1, 2, 2, 2])  # so many times the bound
BENT = ("sigmoid", "tanh", "esp")  # whose functions are shown one by one


# ------------------------------------------------------------------- sixty digits


def gate(u):
    """s = sigma(u), w = s(1-s) and w(1-2s)."""
    e = mp.exp(-u)
    s = 1 / (1 + e)
    return s, s * s * e, -s * s * e * mp.tanh(u / 2)


def of_sigmoid(h, beta):
    u = beta * h
    s, w, bend = gate(u)
    curvatures = [(bend, beta, beta)], [(w,), (bend, u)], [(bend, h, h)]
    return [(s,)], [(w, beta)], [(w, h)], *curvatures


def of_tanh(h, beta):
    u = 2 * beta * h
    _, w, bend = gate(u)
    curvatures = [(bend, 8, beta, beta)], [(w, 4), (bend, u, 4)], [(bend, 8, h, h)]
    return [(mp.tanh(u / 2),)], [(w, 4, beta)], [(w, 4, h)], *curvatures


def of_esp(h, beta):
    u = beta * h
    s, w, bend = gate(u)
    curvatures = [[(w, 2, x), (bend, u, x)] for x in (beta, h)]
    return [(s, h)], [(s,), (w, u)], [(w, h, h)], *curvatures, [(bend, h, h, h)]


def of_relu(h, beta):
    return [(max(h, mp.mpf(0)),)], [(mp.mpf(h > 0),)], [], [], [], []


def of_scale(h, beta):
    return [(beta, h)], [(beta,)], [(h,)], [], [(mp.mpf(1),)], []


def of_identity(h, beta):
    return [(h,)], [(mp.mpf(1),)], [], [], [], []


TERMS = {
    "sigmoid": of_sigmoid,
    "tanh": of_tanh,
    "esp": of_esp,
    "relu": of_relu,
    "scale": of_scale,
    "identity": of_identity,
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


REGIONS = {
    "typical": ("of_normal_size",),
    "roots": ("rounded_onto_the_roots", *(f"crowded_at_{root:.3f}" for root in ROOTS)),
}
REGIONS["extremes"] = tuple(k for k in POINTS if k not in sum(REGIONS.values(), ()))


@cache
def points_of(kind, n):
    """Return fields and betas (2, points), floats that are finite: about n of this kind."""
    h, beta = POINTS[kind](np.random.default_rng(list(kind.encode())), n)
    every = max(1, len(h) // n)  # of the grid of extremes
    return np.array([h[::every], beta[::every]])


# ------------------------------------------------------------------------- errors


def exact(name, h, beta):
    """Return the Truth of the six functions at each point, arrays (6, n), and of their summands.

    The second Truth is that of each largest summand; the third array says where
    all products on the way to a result are 0 or normal numbers.
    """
    with mp.workdps(DIGITS):
        pairs = [(mp.mpf(float(a)), mp.mpf(float(b))) for a, b in zip(h, beta)]
        formulas = list(zip(*(TERMS[name](*pair) for pair in pairs)))
        products = [[[list(accumulate(term, mul)) for term in f] for f in row] for row in formulas]
        sums = [[mp.fsum(term[-1] for term in f) for f in row] for row in products]
        largest = [[max([abs(term[-1]) for term in f], default=0) for f in row] for row in products]
        normal = [[all(map(_is_normal, chain(*f))) for f in row] for row in products]
    return truth(sums), truth(largest), np.array(normal)


def _is_normal(number):
    return number == 0 or mp.frexp(number)[1] >= NORMAL


def argument(name, h, beta):
    """|u|, what exp is taken of, as far as anything depends on it."""
    with np.errstate(over="ignore", under="ignore"):
        u = np.abs(beta * h) * (2 if name == "tanh" else 1)
    return np.where(u < SHUT, u, 0.0)


def derivatives(name, h, beta):
    """All six functions at points h (n,) and beta (n,), an array (6, n)."""
    return np.array(ACTIVATIONS[name].derivatives(h, beta))


def errors_at(name, kind, n):
    """What is off at points of a kind, a dict of arrays (6, n).

    "share": the error over the one that is allowed; "ulps": the error in ulp of
    the result, where |u| <= 10; both are 0 where no promise is made.
    "promised": whether one is; "infinite", "lost": is the result not finite, or
    0, and the truth a normal number?
    """
    h, beta = points_of(kind, n)
    true, summand, normal = exact(name, h, beta)
    got, u = derivatives(name, h, beta), argument(name, h, beta)
    with np.errstate(over="ignore", invalid="ignore"):
        ulps = np.where(np.isfinite(got), true.ulps(got), np.inf)
        share = np.ldexp(ulps, true.unit - summand.unit) / (4 + u) / TIMES[:, None]
    wrong = true.overflows & (got != np.copysign(np.inf, true.high))
    share = np.where(true.overflows, np.where(wrong, np.inf, 0.0), share)
    return {
        "share": np.where(normal, share, 0.0),
        "ulps": np.where(normal & ~true.overflows & (u <= USUAL), ulps, 0.0),
        "promised": normal,
        "infinite": ~np.isfinite(got) & ~true.overflows | np.isnan(got),
        "lost": (got == 0) & true.normal,
    }


# -------------------------------------------------------------------------- table


def rows(quick):
    """A row for each function of each activation, and what holds of all of them."""
    n = QUICK if quick else SAMPLES
    table, every = [], []
    for name in TERMS:
        by_region = {
            region: _joined([errors_at(name, kind, n) for kind in kinds])
            for region, kinds in REGIONS.items()
        }
        if name in BENT:
            table += [_row(f"{name} {FUNCTIONS[k]}", by_region, k, TIMES[k]) for k in range(6)]
        else:
            table.append(_row(f"{name}, all six", by_region))
        every += by_region.values()
    return [*table, *_rows_of_all(_joined(every)), _quiet(n)]


def _joined(found):
    """Those of several kinds side by side."""
    return {what: np.concatenate([one[what] for one in found], axis=1) for what in found[0]}


def _row(what, by_region, k=..., times=1):
    """By region, the largest error in ulp of the result, and the largest share of the bound."""
    texts, shares, cases = [], [], 0
    for region, found in by_region.items():
        ulps, share = found["ulps"][k].max(), found["share"][k].max()
        texts.append(f"{region} {ulps:.2g} ulp, {share:.2f}")
        shares.append(share)
        cases += np.count_nonzero(found["promised"][k])
    bound = BOUND if times == 1 else f"{times} ({BOUND})"
    return Row(what, cases, "; ".join(texts), bound, max(shares) <= 1)


def _rows_of_all(found):
    """What holds of any two floats, and what is given up."""
    cases, outside = found["lost"].size, np.count_nonzero(~found["promised"])
    lost = f"{np.count_nonzero(found['lost']):,}"
    return [
        within("not finite, though the truth is a float", cases, found["infinite"].sum(), 0),
        Row("an intermediate result is subnormal: no promise", cases, f"{outside:,}", "-", True),
        Row("... and the result is 0, the truth a normal number", outside, lost, "-", True),
    ]


def _quiet(n):
    """Floating-point warnings, at all points."""
    cases = bad = 0
    for name in TERMS:
        for kind in POINTS:
            h, beta = points_of(kind, n)
            cases += 6 * len(h)
            try:
                with np.errstate(all="raise"):
                    derivatives(name, h, beta)
            except FloatingPointError:
                bad += 6 * len(h)
    return within('a warning under np.errstate(all="raise")', cases, bad, 0)
