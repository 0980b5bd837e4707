"""The exercises of lesson 9, making it fast."""

import math
import sys

import numpy as np

from minifnn import lesson
from minifnn.lesson import Exercise


def esp_loop(h, beta, exp):
    """f, f_h, f_beta, each (N,), of one ESP unit with fields h (N,), beta.

    Use exp(x), once for each sample, and for x <= 0 only.
    """
    f, f_h, f_beta = np.zeros((3, len(h)))
    for n in range(len(h)):
        ### BEGIN SOLUTION
        u = beta * h[n]
        e = exp(-abs(u))
        p = (1.0 if u >= 0 else e) / (1.0 + e)
        w = e / (1.0 + e) ** 2
        f[n] = h[n] * p
        f_h[n] = p + u * w
        f_beta[n] = h[n] * h[n] * w
        ### END SOLUTION
    return f, f_h, f_beta


def exp_by_halves(x, degree):
    """exp of x (N,), (N,); the rest by its series, to r^degree/degree!"""
    ### BEGIN SOLUTION
    k = np.rint(x / np.log(2))
    r = x - k * np.log(2)
    series = np.ones_like(r)
    for n in range(degree, 0, -1):
        series = 1 + r * series / n
    return 2.0**k * series
    ### END SOLUTION


def the_series_alone(x, degree):
    series = np.ones_like(x)
    for n in range(degree, 0, -1):
        series = 1 + x * series / n
    return series


def only_the_last_term(x, degree):
    k = np.rint(x / np.log(2))
    r = x - k * np.log(2)
    return 2.0**k * (1 + r**degree / math.factorial(degree))


def columns_backward(dh, a, W):
    """dW (D, H), db (H,), da (D, N), from dh (H, N), a (D, N), W (D, H)."""
    ### BEGIN SOLUTION
    dW = a @ dh.T
    db = dh.sum(axis=1)
    da = W @ dh
    ### END SOLUTION
    return dW, db, da


def in_blocks(share, N, B):
    """The gradient (P,) of a mean over N samples, with at most B at a time.

    share(first, last): the same (P,) for samples first to last - 1 alone.
    """
    ### BEGIN SOLUTION
    total = 0.0
    for first in range(0, N, B):
        last = min(first + B, N)
        total = total + (last - first) / N * share(first, last)
    return total
    ### END SOLUTION


def first_block_only(share, N, B):
    last = min(B, N)
    return last / N * share(0, last)


def one_unit(rng):
    """Fields (N,), some of them far out, a beta of either sign, and an exp that has a limit.

    It keeps seven digits only, so that NumPy's own in its place is seen.
    """
    last = None

    def exp(x):
        nonlocal last
        if np.ndim(x) > 0:
            raise ValueError("exp takes one number: go through the samples one by one")
        if x > 0:
            raise ValueError(f"exp({x:.3g}): x must not be above 0, it may overflow")
        if last == (now := (sys._getframe(1), x)):
            raise ValueError(f"exp({x:.3g}) twice for one sample: keep what it gives")
        last = now
        return float(np.float32(np.exp(x)))

    h = rng.permutation([*rng.normal(size=5), 0.0, 20.0, -22.0, 800.0, -750.0])
    return np.append(h, rng.normal()), rng.uniform(2.1, 2.9) * rng.choice([-1, 1]), exp


def one_layer(rng):
    """dh (H, N), a (D, N), W (D, H)."""
    N, D, H = lesson.sizes(rng, 3)
    return rng.normal(size=(H, N)), rng.normal(size=(D, N)), rng.normal(size=(D, H))


def blocks(rng):
    """A share (P,) that refuses what is no block, N samples and B, of which N is no multiple."""
    B = int(rng.integers(4, 7))
    N = 3 * B + int(rng.integers(1, B - 1))
    of_each = rng.normal(1.0, 1.0, size=(N, 4))

    def share(first, last):
        if not 0 <= first < last:
            raise ValueError(f"share({first}, {last}): that is not a block")
        if last - first > B:
            raise ValueError(f"share({first}, {last}): more than B = {B} samples at a time")
        if first >= N:
            raise ValueError(f"share({first}, {last}): there are only {N} samples")
        return of_each[first:last].mean(axis=0)

    return share, N, B


EXERCISES = (
    Exercise(
        number="9.1",
        name="times_as_fast",
        solution=1 / (0.4 + 0.6 / 10),
        tolerance=0.01,
        hints=(
            "Let the whole take 1. How long does the rest take that you do not touch?",
            "The rest takes 0.4 as before, the part now takes 0.6/10.",
            "The whole now takes 0.46. How many times does that fit into 1?",
        ),
        because="And if the part took no time at all, it would be 1/0.4 = 2.5.",
        mutants={
            "That is the part alone. The other 40 % take as long as before.": 10.0,
            "That is the limit, if the part took no time at all. It still takes 0.6/10.": 2.5,
            "That is the time that is left. How many times as fast is the whole?": 0.46,
            "Times do not average like this. Add up what each part takes now.": 6.4,
            "That multiplies the share by the gain. Add up the times that are left.": 6.0,
            "That is the part that you made fast. Now add the 0.4 of the rest.": 0.06,
            "That is the time that you save. What is left of 1, and how often does it fit?": 0.54,
            "You divided by the time that is saved. Divide by the time that is left.": 1 / 0.54,
            "You divided by the new part alone. The rest, 0.4, takes its time, too.": 1 / 0.06,
            "The shares are exchanged: the part that you make fast has 60 %.": 1 / (0.6 + 0.4 / 10),
        },
    ),
    Exercise(
        number="9.2",
        solution=esp_loop,
        inputs=one_unit,
        points=2,
        hints=(
            "e = exp(-abs(u)) with u = beta * h[n] is between 0 and 1, whatever u is.",
            "For u >= 0 it is exp(-u), so p = 1/(1 + e). For u < 0 it is exp(u): multiply 1 and"
            " 1 + exp(-u) by exp(u).",
            "So p = e/(1 + e) for u < 0. In both cases 1 - p is the other one: w is their product.",
            "w = e/(1 + e)**2. And f = h p, f_h = p + u w, f_beta = h h w.",
        ),
        returns=("f", "f_h", "f_beta"),
        order=("u", "e", "p", "w", "f", "f_h", "f_beta"),
        tails=True,
        because="p is 1/(1 + e) or e/(1 + e), and w = e/(1 + e)^2 for both signs of u.",
        mutants={
            "Right for u >= 0 only. For u < 0, what is 1/(1 + exp(-u)) if e = exp(u)?": (
                "(1.0 if u >= 0 else e)",
                "1.0",
            ),
            "The two signs are exchanged: for u >= 0 it is p = 1/(1 + e).": (
                "(1.0 if u >= 0 else e)",
                "(e if u >= 0 else 1.0)",
            ),
            "For u < 0 it is e/(1 + e), with a plus: 1/(1 + 1/e), both parts times e.": (
                "(1.0 if u >= 0 else e) / (1.0 + e)",
                "1.0 / (1.0 + e) if u >= 0 else e / (1.0 - e)",
            ),
            "e / 1 + e is e + e. Brackets: e / (1 + e).": (
                "(1.0 if u >= 0 else e) / (1.0 + e)",
                "1.0 / (1.0 + e) if u >= 0 else e / 1.0 + e",
            ),
            "Which sign counts is that of u = beta h; here e was taken for both.": (
                "(1.0 if u >= 0 else e)",
                "e",
            ),
            "f is the gate's mean p. ESP is the signal: h times p.": ("h[n] * p", "p"),
            "f_h lacks its second term: p depends on h too, which gives u w.": ("p + u * w", "p"),
            "The second term of f_h is u w with u = beta h; you left out beta.": (
                "p + u * w",
                "p + h[n] * w",
            ),
            "In f_h the sign of u counts: u w, not |u| w.": ("p + u * w", "p + abs(u) * w"),
            "That f_h is the slope of the gate. The slope of h p has two terms: p + u w.": (
                "p + u * w",
                "beta * w",
            ),
            "f_beta: h stands in front of p, and the inner derivative in beta is another h.": (
                "h[n] * h[n] * w",
                "h[n] * w",
            ),
            "f_beta: both factors are h, not u = beta h.": ("h[n] * h[n] * w", "u * h[n] * w"),
            "w is not squared enough: p (1 - p) has (1 + e) twice below the line.": ("** 2", ""),
            "beta is missing in the exponent: u = beta * h[n].": ("beta * h[n]", "h[n]"),
            "In e, too, it is u = beta h, not h.": ("exp(-abs(u))", "exp(-abs(h[n]))"),
            "The sign of u = beta h decides, not that of h: beta may be negative.": (
                "if u >= 0",
                "if h[n] >= 0",
            ),
            "Use the exp that is handed in, not np.exp: there will be two.": (
                "exp(-abs(u))",
                "np.exp(-abs(u))",
            ),
            "Only the first sample is there: does return stand inside the loop?": (
                "h[n] * h[n] * w",
                "h[n] * h[n] * w\n        return f, f_h, f_beta",
            ),
            "The last sample is missing: range(len(h)) ends before len(h) by itself.": (
                "range(len(h))",
                "range(len(h) - 1)",
            ),
        },
    ),
    Exercise(
        number="9.3",
        solution="nothing",
        hints=("NumPy's loops are compiled, too. What does yours wait for?",),
        because="NumPy's loops are compiled, too; yours waits for one exponential after another.",
        mutants={
            "A compiler does not make the exponential faster, and that takes the time.": "a little",
            "That much is gained over plain Python. NumPy has no Python in its loops either.": (
                "much"
            ),
        },
    ),
    Exercise(
        number="9.4",
        solution=exp_by_halves,
        inputs=lambda rng: (rng.uniform(-4.0, 4.0, size=40), int(rng.integers(3, 7))),
        points=2,
        hints=(
            "x = k ln 2 + r. exp of a sum is a product: which power of 2 is exp(k ln 2)?",
            "k = np.rint(x / np.log(2)) is the nearest whole number; r is what is left of x.",
            "From the inside: series = np.ones_like(r), and for n = degree, ..., 2, 1"
            " series = 1 + r * series / n.",
            "Last, 2.0**k * series.",
        ),
        because="So exp(x) = 2^k exp(r), with |r| at most half of ln 2, about 0.35.",
        mutants={
            "k was rounded down. The nearest whole number leaves a smaller rest.": (
                "np.rint(x / np.log(2))",
                "np.floor(x / np.log(2))",
            ),
            "k was rounded up. The nearest whole number leaves a smaller rest.": (
                "np.rint(x / np.log(2))",
                "np.ceil(x / np.log(2))",
            ),
            "k was cut towards 0. The nearest whole number leaves a smaller rest.": (
                "np.rint(x / np.log(2))",
                "np.trunc(x / np.log(2))",
            ),
            "More exact than the series up to r^degree: is it np.exp? Use plus and times.": (
                lambda x, degree: np.exp(x)
            ),
            "That is the series of x itself, which needs many terms. Take out the doublings"
            " first.": the_series_alone,
            "That is 1 and the last term. All powers of r from 1 to degree belong in the sum.": (
                only_the_last_term
            ),
            "The loop goes the wrong way: from the inside out, the largest n comes first.": (
                "range(degree, 0, -1)",
                "range(1, degree + 1)",
            ),
            "The series stops one term early: r^degree/degree! is the last one that counts.": (
                "range(degree, 0, -1)",
                "range(degree - 1, 0, -1)",
            ),
            "The series goes one term too far: r^degree/degree! is the last one that counts.": (
                "range(degree, 0, -1)",
                "range(degree + 1, 0, -1)",
            ),
            "The loop stops before n = 1: range(degree, 0, -1) ends at 1.": (
                "range(degree, 0, -1)",
                "range(degree, 1, -1)",
            ),
            "The sign of k is turned round: it is small if x is very negative.": (
                "2.0**k",
                "2.0**-k",
            ),
            "That is exp(r). The doublings are missing: multiply by 2^k.": (
                "2.0**k * series",
                "series",
            ),
            "The innermost bracket is 1 + r/degree: start with 1, not with r.": (
                "np.ones_like(r)",
                "r",
            ),
            "exp(k ln 2) is 2^k, not k.": ("2.0**k", "k"),
            "The factor is 2 to the power k, not k squared.": ("2.0**k", "k**2"),
            "exp of a sum is a product: 2^k times the series, not plus.": (
                "2.0**k * series",
                "2.0**k + series",
            ),
            "The first term of the series, 1, is missing: r^0/0! is 1.": (
                "2.0**k * series",
                "2.0**k * (series - 1)",
            ),
            "k counts how many ln 2 are in x, so the factor is 2^k, not e^k.": (
                "2.0**k",
                "np.exp(k)",
            ),
            "k should count the ln 2 in x: divide by ln 2 before you round.": (
                "np.rint(x / np.log(2))",
                "np.rint(x)",
            ),
            "What is left is x - k ln 2, not x - k.": ("x - k * np.log(2)", "x - k"),
            "x % ln 2 is what is left after rounding down: it belongs to another k.": (
                "x - k * np.log(2)",
                "x % np.log(2)",
            ),
            "You left out the division by n: r^n has to be divided by n!.": (
                "r * series / n",
                "r * series",
            ),
            "The brackets divide by n once more in every turn: / n is enough, not / n!.": (
                "* series / n",
                "* series / math.factorial(n)",
            ),
        },
    ),
    Exercise(
        number="9.5",
        name="degree",
        solution=13,
        hints=(
            "The first term that is left out is r^(n+1)/(n+1)!, if the last one taken is r^n/n!.",
            "2^-53 is 1.1e-16. Let a loop try: 0.3466**n / math.factorial(n) for n = 10, 11, ...",
            "0.3466^13/13! is 1.7e-16 and must not be left out; 0.3466^14/14! is 4e-18 and may be.",
        ),
        because="Of r^13/13! one half of the last bit would still be felt, of r^14/14! nothing.",
        mutants={
            "Then r^13/13! is left out: at 0.35 it is 1.7e-16, a little more than 2^-53.": 12,
            "That is the first one that may be left out. The last one taken is asked for.": 14,
            "Then r^12/12! is left out: at 0.35 it is 6e-15, fifty times 2^-53.": 11,
            "That is for rests up to ln 2. The nearest k leaves half of that.": 16,
            "That is for rests up to 1. How large is r at most?": 18,
            "Enough it is, but not the lowest: r^14/14! and all after it may be left out.": 15,
            "Then r^11/11! is left out: at 0.35 it is 2e-13, far above 2^-53.": 10,
        },
    ),
    Exercise(
        number="9.6",
        solution=columns_backward,
        returns=("dW", "db", "da"),
        inputs=one_layer,
        hints=(
            "A gradient has the shape of what it belongs to. Sums over samples: axis 1 now.",
            "Transpose lesson 5's line for dW: (x^T dh) with x = a^T and with the transpose of dh.",
            "dW is (D, N) times (N, H); da is (D, H) times (H, N).",
        ),
        mutants={
            "dW is transposed: it should have the shape of W, inputs first, units second.": (
                "a @ dh.T",
                "dh @ a.T",
            ),
            "You divided dW by N. The 1/N is in the loss, and so in dh already.": (
                "a @ dh.T",
                "a @ dh.T / a.shape[1]",
            ),
            "db is summed over the units. The samples are the columns now: axis 1.": (
                "axis=1",
                "axis=0",
            ),
            "db is a mean over samples. The 1/N is in the loss, and so in dh already: sum.": (
                ".sum(",
                ".mean(",
            ),
            "dW and db are means over samples. The 1/N is in the loss, and so in dh: sums.": (
                ("a @ dh.T", "a @ dh.T / a.shape[1]"),
                (".sum(", ".mean("),
            ),
            "da is transposed: it should have the shape of a, inputs first, samples second.": (
                "W @ dh",
                "(W @ dh).T",
            ),
        },
    ),
    Exercise(
        number="9.7",
        solution=in_blocks,
        inputs=blocks,
        hints=(
            "A mean over all is a sum over all, divided by N. And a block's mean times its number"
            " of samples is the block's sum.",
            "So each share counts with the weight (number of its samples)/N.",
            "range(0, N, B) gives the start of every block, and it ends at min(first + B, N).",
            "total = total + (last - first) / N * share(first, last).",
        ),
        because="Each block counts by the number of its samples.",
        mutants={
            "The last block is smaller, so its mean counts less: weigh a block by its samples.": (
                "(last - first) / N",
                "1 / -(-N // B)",
            ),
            "You added up means. Each is a mean over its block: weigh it by samples/N.": (
                "(last - first) / N * share",
                "share",
            ),
            "That is the sum over all samples. A mean is asked for: divide by N.": (
                "(last - first) / N",
                "(last - first)",
            ),
            "Every block was weighed as if it had B samples. The last one has fewer.": (
                "(last - first) / N",
                "B / N",
            ),
            "The last samples are missing: N need not be a multiple of B.": (
                "range(0, N, B)",
                "range(0, N - B + 1, B)",
            ),
            "The last samples are missing, and the divisor is the number of whole blocks.": (
                ("range(0, N, B)", "range(0, N - B + 1, B)"),
                ("(last - first) / N", "1 / (N // B)"),
            ),
            "Only the last block is left: add to total instead of replacing it.": (
                "total = total +",
                "total =",
            ),
            "Only the first block is there: does return stand inside the loop?": first_block_only,
            "Each share was divided by B. Weigh it by (number of its samples)/N.": (
                "(last - first) / N",
                "1 / B",
            ),
            "The blocks overlap: from one start to the next it is B samples, not 1.": (
                "range(0, N, B)",
                "range(N)",
            ),
            "The first block is missing: start at sample 0.": ("range(0, N, B)", "range(B, N, B)"),
            "The last sample of each block is missing: share leaves out `last` itself.": (
                "* share(first, last)",
                "* share(first, max(last - 1, first + 1))",
            ),
        },
    ),
    Exercise(
        number="9.8",
        solution=0.0,
        hints=("A float64 has 53 binary digits, that is about 16 decimal ones.",),
        because="Between 2^53 = 9e15 and twice that, floats are 2 apart; 1e16 + 1 lies halfway"
        " between two of them and is rounded to the even one, 1e16.",
        mutants={
            "So it is on paper. But there is no float 10000000000000001.": 1.0,
            "The floats are indeed 2 apart there. But 1e16 + 1 is rounded down.": 2.0,
        },
    ),
    Exercise(
        number="9.9",
        solution="few",
        hints=("A draw from sixty: is it more likely near the end or in the middle?",),
        because="One start shows what can happen, sixty show what does.",
        mutants={
            "Seed 0 was not typical at all: nearly all others end higher.": "half",
            "Seed 0 was a lucky draw: nearly all others end higher.": "most",
        },
    ),
)
