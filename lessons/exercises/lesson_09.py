"""The exercises of lesson 9, making it fast."""

import numpy as np

from minifnn.lesson import Exercise


def esp_loop(h, beta):
    """ESP and its slope in h for fields h (N,) and one beta, in a loop: f and f_h, both (N,)."""
    f, f_h = np.empty_like(h), np.empty_like(h)
    ### BEGIN SOLUTION
    for n in range(len(h)):
        u = beta * h[n]
        e = np.exp(-abs(u))
        s = (1.0 if u >= 0 else e) / (1.0 + e)
        f[n] = h[n] * s
        f_h[n] = s + u * e / (1.0 + e) ** 2
    ### END SOLUTION
    return f, f_h


def _esp(h, beta):
    """The gate s and its variance w."""
    e = np.exp(-np.abs(beta * h))
    return np.where(h * beta >= 0, 1.0, e) / (1.0 + e), e / (1.0 + e) ** 2


def overflowing(h, beta):
    e = np.exp(-beta * h)
    s = 1.0 / (1.0 + e)
    return h * s, s + beta * h * e / (1.0 + e) ** 2


def gate_only(h, beta):
    s, w = _esp(h, beta)
    return s, s + beta * h * w


def slope_of_the_gate(h, beta):
    s, w = _esp(h, beta)
    return h * s, beta * w


def half_a_slope(h, beta):
    s, _ = _esp(h, beta)
    return h * s, s


def no_beta(h, beta):
    s, w = _esp(h, beta)
    return h * s, s + h * w


def right_half(h, beta):
    s, w = _esp(np.abs(h), abs(beta))
    return h * s, s + beta * h * w


def exp_by_halves(x):
    """exp(x) for x <= 0 (N,), from the series of exp(r) up to r^13/13! and a power of 2."""
    ln2 = 0.6931471805599453
    ### BEGIN SOLUTION
    k = np.rint(x / ln2)
    r = x - k * ln2
    series = np.ones_like(r)
    for n in range(13, 0, -1):
        series = 1.0 + r * series / n
    return 2.0**k * series
    ### END SOLUTION


def _exp(x, degree=13, unit=0.6931471805599453, step=0.6931471805599453, sign=1):
    k = np.rint(x / unit)
    r, series = x - k * step, np.ones_like(x)
    for n in range(degree, 0, -1):
        series = 1.0 + r * series / n
    return 2.0 ** (sign * k) * series


def gradient_in_blocks(a, delta, B):
    """a delta^T (D, H) from blocks of B samples: inputs a (D, N), delta (H, N)."""
    total = np.zeros((len(a), len(delta)))
    ### BEGIN SOLUTION
    for start in range(0, a.shape[1], B):
        block = slice(start, start + B)
        total += a[:, block] @ delta[:, block].T
    ### END SOLUTION
    return total


def whole_blocks_only(a, delta, B):
    N = a.shape[1] // B * B
    return a[:, :N] @ delta[:, :N].T


def last_block_only(a, delta, B):
    start = (a.shape[1] - 1) // B * B
    return a[:, start:] @ delta[:, start:].T


def mean_of_blocks(a, delta, B):
    return a @ delta.T / -(-a.shape[1] // B)


EXERCISES = (
    Exercise(
        number="9.1",
        solution=esp_loop,
        inputs=lambda rng: (
            np.concatenate([rng.normal(size=5), [0.0, 800.0, -800.0]]),
            rng.uniform(1.2, 2.0),
        ),
        hints=(
            "for n in range(len(h)): everything you need of one sample, then the next.",
            "u = beta * h[n] and e = np.exp(-abs(u)): the one exponential serves both results.",
            "The gate is s = 1/(1 + e) for u >= 0, else e/(1 + e); w = e/(1 + e)**2.",
            "f[n] = h[n] * s and f_h[n] = s + u * w.",
        ),
        mutants={
            "exp(800) is infinite. Take e = exp(-|u|) only, as in lesson 1.": overflowing,
            "f is the gate. ESP is the signal: h times the gate.": gate_only,
            "f_h is the slope of the gate. The slope of h s has two terms: s + u w.": (
                slope_of_the_gate
            ),
            "f_h lacks its second term: the gate s depends on h too, which gives u w.": (
                half_a_slope
            ),
            "You left out beta in f_h: the second term is u w with u = beta h.": no_beta,
            "Right for u >= 0 only. For u < 0 the gate is e/(1 + e).": right_half,
        },
        returns=("f", "f_h"),
    ),
    Exercise(
        number="9.2",
        solution=exp_by_halves,
        inputs=lambda rng: (np.concatenate([rng.uniform(-30, 0, 5), [-0.3, -1.9, 0.0, -700.0]]),),
        hints=(
            "Write x = k ln 2 + r with a whole number k. Then exp(x) = 2^k exp(r).",
            "k = np.rint(x / ln2) is the nearest whole number; r is what is left.",
            "Series from the inside: 1 + r (1 + r/2 (1 + r/3 (...))), a loop from n = 13 to 1.",
            "series = np.ones_like(r), then series = 1.0 + r * series / n; last 2.0**k * series.",
        ),
        mutants={
            "The sign of k is turned round: exp of a negative number is small.": (
                lambda x: _exp(x, sign=-1)
            ),
            "That is exp(r) only. Multiply by 2^k.": lambda x: _exp(x, sign=0),
            "The series stops too early: go on to r^13/13!.": lambda x: _exp(x, degree=5),
            "k should count the ln 2 in x: divide by ln 2 before you round.": (
                lambda x: _exp(x, unit=1.0)
            ),
            "What is left is x - k ln 2, not x - k.": lambda x: _exp(x, step=1.0),
        },
    ),
    Exercise(
        number="9.3",
        name="bytes_apart",
        solution=80,
        hints=(
            "Row-major: the ten units of sample 0 come first, then the ten of sample 1.",
            "From one sample to the next, of the same unit, you pass one whole row.",
            "A row has ten numbers, and a number has 8 bytes.",
        ),
        mutants={
            "That is from one *unit* to the next of the same sample.": 8,
            "That is right in numbers. Each has 8 bytes.": 10,
            "So it would be from unit to unit if the samples were the columns.": 5520,
            "That is the number of samples. Which numbers do you pass on the way?": 690,
        },
    ),
    Exercise(
        number="9.4",
        solution=gradient_in_blocks,
        inputs=lambda rng: (rng.normal(size=(4, 11)), rng.normal(size=(3, 11)), 3),
        hints=(
            "A sum over samples is a sum over blocks of sums over the samples of a block.",
            "range(0, N, B) gives the start of every block; N is a.shape[1].",
            "Add a[:, start : start + B] @ delta[:, start : start + B].T to total.",
        ),
        mutants={
            "The last samples are missing: N need not be a multiple of B.": whole_blocks_only,
            "Only the last block is left: add to total instead of replacing it.": last_block_only,
            "You took the mean over the blocks. It is a sum; 1/N is in delta already.": (
                mean_of_blocks
            ),
            "You divided by N. 1/N sits in the loss, and so in delta already.": (
                lambda a, delta, B: a @ delta.T / a.shape[1]
            ),
            "It is transposed: rows are inputs, columns are units.": lambda a, delta, B: (
                delta @ a.T
            ),
        },
    ),
    Exercise(
        number="9.5",
        name="what_is_left",
        solution=0.0,
        tolerance=0.0,
        hints=(
            "A float64 has 53 binary digits: about 16 decimal ones.",
            "Between 2^53 (about 9e15) and twice that, floats are 2 apart.",
            "1e16 + 1 lies halfway between two floats, and is rounded to the even one: 1e16.",
        ),
        mutants={
            "So it is on paper. But is there a float 10000000000000001?": 1.0,
            "The floats are indeed 2 apart there. But 1e16 + 1 is rounded down, to the even one.": (
                2.0
            ),
            "Look again: 1e16 is subtracted at the end.": 1e16,
        },
    ),
)
