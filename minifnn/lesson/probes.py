"""What is wrong with a wrong function, in the most specific words that fit all of its runs.

First the listed slips, alone and together. Then, for what is wrong first in the order of
computing, whatever needs no list: an argument that was changed or left out, any single slip in
the solution's lines, a factor, a sign, an axis. And always the input at which it fails.
"""

import copy
import inspect
import re
import time
from contextlib import suppress
from fractions import Fraction
from itertools import chain, combinations, combinations_with_replacement, permutations

import numpy as np

from .differences import as_plain, difference, kind_of_difference, of_one, worst
from .exercise import Exercise
from .slips import listed, unlisted

SECONDS = 2.0  # that a search in the solution's lines may take
CHANGED = {  # what an argument may have become
    "you left out {}: as if it were 1": np.ones_like,
    "you left out {}: as if it were 0": np.zeros_like,
    "the sign of {} were turned round": np.negative,
    "you took the absolute value of {}": np.abs,
    "{} were squared": np.square,
    "you took twice {}": lambda v: 2 * v,
    "you took half of {}": lambda v: v / 2,
    "you took 1/{}": lambda v: 1 / v,
    "you took 1 - {}": lambda v: 1 - v,
    "you took the root of {}": np.sqrt,
    "you took the mean of {}": np.mean,
    "{} were cut to whole numbers": np.trunc,
    "{} were in reverse order": lambda v: v[::-1],
}
BECAME = {  # what the right result may have become
    "It is all zero.": np.zeros_like,
    "Only the diagonal is there.": lambda v: v * np.eye(*v.shape[-2:]),
    "The diagonal is missing.": lambda v: v * (1 - np.eye(*v.shape[-2:])),
    "The sign is turned round.": np.negative,
    "It is 1 minus what is asked for.": lambda v: 1 - v,
    "It is the absolute value of what is asked for.": np.abs,
    "It is the square of what is asked for.": np.square,
    "It is the root of what is asked for.": np.sqrt,
    "It is 1 divided by what is asked for.": lambda v: 1 / v,
    "It is the exponential of what is asked for: take the logarithm.": np.exp,
    "It is the logarithm of what is asked for.": np.log,
    "It is transposed.": np.transpose,
    "It is in reverse order.": np.flip,
    "It is sorted; keep the order.": np.sort,
    "It adds up along the way: start anew for each entry.": np.add.accumulate,
    "You took the sum over everything.": np.sum,
    "You took the mean over everything.": np.mean,
    "It is the diagonal alone.": np.diag,
    "The numbers are right, in another shape: all in one row.": np.ravel,
}
BECAME |= {f"You took the sum over axis {k}: keep it.": lambda v, k=k: v.sum(k) for k in range(3)}
BECAME |= {f"You took the mean over axis {k}: keep it.": lambda v, k=k: v.mean(k) for k in range(3)}
BECAME |= {f"Axis {k} is in reverse order.": lambda v, k=k: np.flip(v, k) for k in range(3)}
LACKS = {  # what would make the result right
    "The ratios are right. Divide by the sum of all.": lambda v: v / v.sum() if v.ndim else v,
    "The sum over everything is missing.": np.sum,
    "The mean over everything is missing.": np.mean,
    "An axis of length 1 is too many (keepdims, or a new axis).": np.squeeze,
}
LACKS |= {f"The sum over axis {k} is missing.": lambda v, k=k: v.sum(k) for k in range(3)}
PRODUCTS = {"{} @ {}": lambda a, b: a @ b, "{}.T @ {}": lambda a, b: a.T @ b}
PRODUCTS |= {"{} @ {}.T": lambda a, b: a @ b.T}
SIGNS = [("The sizes are right, some signs are not.", lambda _, size: size)]
POWERS = {
    1: "{} times too large",
    -1: "{} times too small",
    0.5: "the root of {} times too large",
    -0.5: "the root of {} times too small",
    2: "{} squared times too large",
    -2: "{} squared times too small",
}
LACKS |= {f"The mean over axis {k} is missing.": lambda v, k=k: v.mean(k) for k in range(3)}


def diagnosis(exercise: Exercise, runs: list) -> str:
    """Say what is wrong with the results of a function, at least one of which is wrong."""
    for together in (1, 2, 3):
        for message, mutant in listed(exercise, together):
            if all(_gives(exercise, mutant, run) for run in runs):
                return message
    for run in runs:
        if problem := kind_of_difference(exercise, run.got):
            return problem
    return _in_order(exercise, runs) if exercise.returns else _about(exercise, None, runs)


def _gives(exercise, mutant, run):
    """Whether a mutant, which may fail or give what cannot be compared, gives what came back."""
    value = _value(mutant, run)
    with suppress(Exception):
        return not kind_of_difference(exercise, value) and not difference(exercise, run.got, value)
    return False


def _value(function, run, **changed):
    """What a function gives for a copy of the arguments, some of them changed; None if it fails."""
    try:
        arguments = run.arguments | {a: change(run.arguments) for a, change in changed.items()}
        return function(*copy.deepcopy(arguments).values())
    except Exception:
        return None


def _same(got, expected, tolerance=1e-9):
    """Whether two arrays agree, as a share of the largest entry."""
    got, expected = as_plain(got), as_plain(expected)
    if got is None or expected is None or got.shape != expected.shape:
        return False
    if {got.dtype.kind, expected.dtype.kind} - set("fiubc"):
        return False
    scale = np.abs(expected[np.isfinite(expected)]).max(initial=0.0) or 1.0
    return worst(got / scale, expected / scale, tolerance) is None


# ------------------------------------------------------------------- several things returned


def _pairs(exercise, name, runs):
    """What was got and what was expected under a name, returned or on the way; or nothing."""
    if name in exercise.returns:
        n = exercise.returns.index(name)
        return [(run.got[n], run.expected[n]) for run in runs]
    pairs = [(run.names.get(name), run.steps.get(name)) for run in runs]
    return [] if any(one is None or two is None for one, two in pairs) else pairs


def _wrong(exercise, name, runs):
    """Whether what goes by a name is wrong in any run."""
    pairs = _pairs(exercise, name, runs)
    return any(of_one(name, got, expected, exercise.tolerance) for got, expected in pairs)


def _in_order(exercise, runs):
    """What is right, what is wrong, and about what is wrong first in the order of computing."""
    order = exercise.order or exercise.returns
    seen = [name for name in order if _pairs(exercise, name, runs)]
    wrong = [name for name in seen if _wrong(exercise, name, runs)]
    before = order[: order.index(wrong[0])]
    right = [name for name in before if name in seen]
    first = next(name for name in wrong if name in exercise.returns)
    look = wrong[0] if set(before[-1:]) <= set(seen) else before[-1]  # which the learner names not
    told = f"{', '.join(right)} right; " if right else ""
    told += f"{', '.join(wrong)} wrong: look at {look} first. "
    for n, other in enumerate(exercise.returns):
        pairs = [(run.expected[n], *pair) for run, pair in zip(runs, _pairs(exercise, first, runs))]
        if other != first and all(_same(got, one) for one, got, _ in pairs):
            return f"{told}In the place of {first} you return {other}."
        alike = all(np.shape(one) == np.shape(right) for one, _, right in pairs)
        if other != first and alike and all(_same(got, one + right) for one, got, right in pairs):
            return f"{told}To {first} you added {other}."
    return told + _about(exercise, first, runs)


# ----------------------------------------------------------------------------- one thing


def _about(exercise, name, runs):
    """What can be said without a list about one thing that is wrong, and at which input."""
    pairs = [(r.got, r.expected) for r in runs] if name is None else _pairs(exercise, name, runs)
    label = name or exercise.label
    problems = [of_one(label, got, expected, exercise.tolerance) for got, expected in pairs]
    k = next(k for k, problem in enumerate(problems) if problem)
    pairs = [(as_plain(got), as_plain(expected)) for got, expected in pairs]
    if any(got is None or got.dtype.kind not in "fiubc" for got, _ in pairs):
        return problems[k]
    cases = [(run, *pair) for run, pair in zip(runs, pairs)]
    searches = chain(
        _made_by_slips(exercise, name, runs, "form"),
        () if _whole(cases) else _made_of_arguments(exercise, name, runs),
        _with_arguments(cases),
    )
    said = _numbers_at_fault(cases) or _simple(exercise, cases) or _first(cases, searches)
    shaped = all(got.shape == expected.shape for _, got, expected in cases)
    for kind in ("other", "two") if shaped and not _whole(cases) else ():
        said = said or _first(cases, _made_by_slips(exercise, name, runs, kind))
    said = said or (_only_where(exercise, cases) if shaped else "")
    said = said or _first([(r, np.abs(g), np.abs(e)) for r, g, e in cases], SIGNS)
    if not said and all(_same(g, e, 0.02) for _, g, e in cases):
        said = "It comes close, but is not exact. Is something approximated?"
    return " ".join(filter(None, (said, problems[k], _at_input(exercise, *cases[k]))))


def _first(cases, candidates):
    """The first message whose function of a run and the right result gives what was got.

    Where results are whole numbers, it must be the only one: too many slips give the same.
    """
    whole, found = _whole(cases), []
    for message, give in candidates:
        try:
            fits = all(_same(got, give(run, expected)) for run, got, expected in cases)
        except Exception:  # it does not fit these shapes
            continue
        if fits and message not in found:
            found.append(message)
            if not whole or len(found) > 1:
                break
    return found[0] if len(found) == 1 else ""


def _whole(cases):
    """Whether all right results are whole numbers."""
    return all(np.array_equal(expected, np.rint(expected)) for _, _, expected in cases)


def _made_of_arguments(exercise, name, runs):
    """The solution with an argument changed, or with two exchanged."""
    part = _part_of(exercise, name, runs)
    names = [a for a, v in runs[0].arguments.items() if _is_numbers(v)]

    def of(**changed):
        return lambda run, _: part(run, _value(exercise.solution, run, **changed))

    for a, b in combinations(names, 2):
        text = f"It looks as if {a} and {b} were exchanged."
        yield text, of(**{a: lambda v, b=b: v[b], b: lambda v, a=a: v[a]})
    for message, change in CHANGED.items():
        for a in names:
            text = f"It looks as if {message.format(a)}."
            yield text, of(**{a: lambda v, a=a, change=change: change(v[a])})


def _made_by_slips(exercise, name, runs, kind):
    """The solution with slips of a kind in its lines."""
    part = _part_of(exercise, name, runs)
    own = {*runs[0].names, *re.findall(r"\w+", exercise.code(solved=False))}
    values = runs[0].steps | runs[0].arguments
    known = {a: getattr(values[a], "shape", ()) for a in values if a in own}
    end = time.process_time() + SECONDS
    on_the_way = set(runs[0].names) - set(exercise.returns)
    right = {a for a in on_the_way & set(exercise.order) if not _wrong(exercise, a, runs)}
    for message, slip in unlisted(exercise, known, kind, right):
        yield f"It looks as if {message}.", lambda run, _, f=slip: part(run, _value(f, run))
        if time.process_time() > end:
            return


def _part_of(exercise, name, runs):
    """What takes one thing from all that is returned, if what the learner has right is right."""
    if name is None:
        return lambda run, value: value
    n, parts = exercise.returns.index(name), range(len(exercise.returns))
    right = [m for m in parts if not _wrong(exercise, exercise.returns[m], runs)]

    def part(run, value):
        return value[n] if all(_same(value[m], run.expected[m]) for m in right) else None

    return part


def _is_numbers(value):
    return isinstance(value, int | float | np.number | np.ndarray) and not isinstance(value, bool)


def _simple(exercise, cases):
    """What takes the right result to the wrong one: a function, a factor, a term, an axis."""
    turned = [(run, expected, got) for run, got, expected in cases]
    became = ((message, lambda _, e, f=f: f(e)) for message, f in BECAME.items())
    lacks = ((message, lambda _, g, f=f: f(g)) for message, f in LACKS.items())
    return _first(cases, became) or _first(turned, lacks) or _factor(exercise, cases)


def _numbers_at_fault(cases):
    """What is nearly right; what is nan or infinite where it should not be."""
    if all(_same(g, e, 1e-5) for _, g, e in cases):
        return "It is nearly right: digits are lost, or something is approximated."
    if any(np.isfinite(e).all() and not np.isfinite(g).all() for _, g, e in cases):
        return "It overflows (exp of a large number), divides by 0, or takes a log of 0 or less."
    return ""


def _only_where(exercise, cases):
    """Where a function of entries is wrong, if that hangs on the sign of an argument."""
    wrong = [np.abs(g - e) > exercise.tolerance * np.maximum(np.abs(e), 1) for _, g, e in cases]
    for sign, words in ((0, "is 0"), (-1, "is negative"), (1, "is positive")):
        for a in cases[0][0].arguments:
            with suppress(TypeError, ValueError):  # no number, or of another shape
                signs = [np.sign(r.arguments[a]) + 0 * w for (r, *_), w in zip(cases, wrong)]
                there = all(((s == sign) | ~w).all() for s, w in zip(signs, wrong))
                if there and np.ptp(signs[0]) > abs(sign) and signs[0].shape == wrong[0].shape:
                    return f"It is wrong only where {a} {words}."
    return ""


def _factor(exercise, cases):
    """One factor for everything, by its name if it has one."""
    factors, named = [], []
    for run, got, expected in cases:
        if got.shape != expected.shape:
            return ""
        square = np.vdot(expected, expected).real
        factors.append(np.vdot(expected, got).real / square if square else 0.0)
        if not factors[-1] or not _same(got, factors[-1] * expected):
            return ""
        sizes = letters(exercise, run.arguments)
        names = sizes | {f"{a} {b}": sizes[a] * sizes[b] for a, b in combinations(sizes, 2)}
        names |= {a: v for a, v in run.arguments.items() if _is_numbers(v) and np.ndim(v) == 0}
        arrays = {a: v for a, v in run.arguments.items() if isinstance(v, np.ndarray)}
        names |= {f"{a}.size": v.size for a, v in arrays.items() if v.ndim > 1}
        named.append(names | {"2": 2, "4": 4, "log 2": np.log(2), "pi": np.pi, "2 pi": 2 * np.pi})
    it = "Everything" if cases[0][1].ndim else "It"
    sign = "" if factors[0] > 0 else ", and has the wrong sign"
    for power, words in POWERS.items():
        values = {a: np.abs([float(names[a]) for names in named]) ** power for a in named[0]}
        fits = [a for a, v in values.items() if np.allclose(np.abs(factors), v, 1e-9, 0)]
        if fits:
            return f"{it} is {words.format(' or '.join(fits[:2]))}{sign}."
    if np.ptp(factors) <= 1e-9 * abs(factors[0]) and not _whole(cases):
        share = Fraction(factors[0]).limit_denominator(99)
        exact = abs(share - factors[0]) <= 1e-9 * abs(factors[0])
        return f"{it} is multiplied by {share if exact else format(factors[0], '.6g')}."
    one = f"Everything is multiplied by one number, here {max(factors, key=abs):.4g}."
    return one if not _whole(cases) and all(got.size > 1 for _, got, _ in cases) else ""


def letters(exercise: Exercise, arguments: dict) -> dict[str, int]:
    """The sizes of the arguments by their letters in the docstring, such as {"N": 7, "H": 4}."""
    found: dict[str, set[int]] = {}
    text = inspect.getdoc(exercise.solution) or ""
    for name, value in arguments.items():
        shape = re.search(rf"\b{name} \(([^)]*)\)", text)
        shape = shape or re.search(rf"\b{name}(?:,| and) [\w, ]*?\(([^)]*)\)", text)
        own = re.findall(r"\w+", shape[1]) if shape else []
        if _is_numbers(value) and len(own) == np.ndim(value):
            for letter, size in zip(own, np.shape(value)):
                found.setdefault(letter, set()).add(size)
    return {letter: min(n) for letter, n in found.items() if len(n) == 1 and letter.isalpha()}


def _with_arguments(cases):
    """A factor or a term more or less, which is an argument, the product or a ratio of two."""
    names = [a for a, v in cases[0][0].arguments.items() if _is_numbers(v)]
    groups = [(a, None) for a in names] + list(combinations_with_replacement(names, 2))
    for a, b in groups:
        told = a if b is None else f"{a} times {b}"

        def term(run, a=a, b=b):
            return run.arguments[a] * (1 if b is None else run.arguments[b])

        yield f"{told} is what you return.", lambda r, e, t=term: t(r)
        yield f"There is a factor {told} too many.", lambda r, e, t=term: e * t(r)
        yield f"A factor {told} is missing.", lambda r, e, t=term: e / t(r)
        yield f"There is a term {told} too many.", lambda r, e, t=term: e + t(r)
        yield f"A term {told} is missing.", lambda r, e, t=term: e - t(r)
    for a, b in permutations(names, 2):
        for told, f in PRODUCTS.items():
            text = f"There is a term {told.format(a, b)} too many."
            yield text, lambda r, e, a=a, b=b, f=f: e + f(r.arguments[a], r.arguments[b])
        text = f"There is a factor {a} where {b} should be."
        yield text, lambda r, e, a=a, b=b: e * r.arguments[a] / r.arguments[b]


def _at_input(exercise, run, got, expected):
    """The arguments at the place where a function of entries is most wrong."""
    if got.shape != expected.shape or not all(map(_is_numbers, run.arguments.values())):
        return ""
    place = worst(got, expected, exercise.tolerance) or (0,) * got.ndim
    try:
        values = {a: np.broadcast_to(v, expected.shape)[place] for a, v in run.arguments.items()}
    except ValueError:
        return ""
    return f"That is at {', '.join(f'{a} = {v:.4g}' for a, v in values.items())}."
