"""What a wrong answer is told."""

import re
from collections import namedtuple
from dataclasses import replace

import numpy as np
import pytest

from minifnn import lesson
from minifnn.lesson import Exercise
from minifnn.lesson.differences import of_one
from minifnn.lesson.grading import grade
from minifnn.lesson.slips import edited

FUNCTIONS = [one for one in lesson.exercises().values() if one.inputs is not None]


def doubled(x):
    return 2 * x


TWICE = Exercise(
    "0.1", doubled, {}, ("Twice.",), inputs=lambda rng: (rng.normal(size=(3, 2)),), name="twice"
)
WARM = Exercise("0.2", "warm", {"Colder.": "hot", "Warmer.": "cold"}, ("?",), name="weather")
COUNT = Exercise("0.3", 6, {"That is one too many.": 7}, ("Count.",), name="count")


def stopped(*arguments):
    raise KeyError("beta")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (3.0, "expected a function"),
        (stopped, "stopped with KeyError: 'beta' at "),
        (lambda *x: None, "Did you forget to return it|expected"),
        (lambda *x: "a word", "expected|not it"),
        (lambda *x: np.zeros((7, 3, 2, 5)), "expected|not it"),
        (lambda: 0.0, "stopped with TypeError|expected|not it|is"),
    ],
    ids=["no function", "stops", "nothing", "a word", "a shape", "no arguments"],
)
def test_what_is_no_answer_is_told_so_in_every_exercise(answer, says):
    for one in FUNCTIONS:
        outcome = grade(one, answer)
        assert outcome.verdict == "not yet", one.number
        assert re.search(says, outcome.message), outcome


def test_nan_is_told_in_every_exercise():
    for one in FUNCTIONS:
        right = one.solution(*one.inputs(np.random.default_rng(0)))
        parts = right if one.returns else (right,)
        if not any(isinstance(part, str | bool) for part in parts):
            nan = tuple(np.full(np.shape(part), np.nan) for part in parts)
            outcome = grade(one, lambda *x, nan=nan, one=one: nan if one.returns else nan[0])
            assert outcome.verdict == "not yet", one.number
            assert "not a finite number" in outcome.message or outcome.message in one.mutants


def in_place(x):
    x *= 2
    return x


def product(x):
    return np.ones((2, 3)) @ np.ones((2, 3))


def off(x):
    return 2 * x + np.array([[0, 0], [0, 3], [0, 0]])


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (in_place, "changes its argument x in place"),
        (product, "In A @ B, A has as many columns as B has rows."),
        (np.transpose, r"twice has shape \(2, 3\), expected \(3, 2\)\."),
        (off, r"The shape is right, but twice\[1, 1\] is .*, expected "),
        (lambda x: 2 * x + 1j, "expected real numbers"),
    ],
    ids=["in place", "product", "shape", "value", "complex"],
)
def test_a_function_is_told_where_it_differs(answer, says):
    assert re.search(says, grade(TWICE, answer).message)
    assert grade(TWICE, doubled)


# ----------------------------------------------------------------------- without a list


def gate(g, h, beta):
    """dh (N, H) and dbeta (H,), from g and h (N, H) and beta (H,)."""
    s = 1 / (1 + np.exp(-beta * h))
    ### BEGIN SOLUTION
    w = s * (1 - s)
    dh = g * beta * w
    dbeta = (g * h * w).sum(axis=0)
    ### END SOLUTION
    return dh, dbeta


def gate_inputs(rng):
    N, H = lesson.sizes(rng, 2)
    return (*rng.normal(size=(2, N, H)), rng.uniform(1.2, 3.0, size=H))


GATE = Exercise(
    "0.4",
    gate,
    {
        "dh lacks beta.": ("g * beta * w", "g * w"),
        "Sum, no mean.": (".sum(axis=0)", ".mean(axis=0)"),
        "w is s(1 - s).": ("s * (1 - s)", "s * s"),
    },
    inputs=gate_inputs,
    returns=("dh", "dbeta"),
    order=("w", "dh", "dbeta"),
)


@pytest.mark.parametrize(
    ("edits", "says"),
    [
        ([("g * beta * w", "g * w")], r"^dh lacks beta\.$"),
        (
            [(".sum(axis=0)", ".mean(axis=0)"), ("g * beta * w", "g * w")],
            r"^There are 2 slips\. \(1\) dh lacks beta\. \(2\) Sum, no mean\.$",
        ),
        (
            [("g * h * w", "-g * h * w")],
            r"^w, dh right; dbeta wrong: look at dbeta first\. The sign",
        ),
        ([("g * h * w", "g * h * s")], r"dbeta wrong.* s stood in the place of w\."),
        ([("g * h * w", "g * w")], r"as if h were missing in a product\."),
        ([("g * h * w", "g * h * w * beta")], r"There is a factor beta too many\."),
        ([("g * h * w", "g * h * w / len(h.T)")], r"Everything is H times too small\."),
        ([(".sum(axis=0)", "")], r"The sum over axis 0 is missing\."),
        ([("axis=0", "axis=1")], r"as if sum\(\) went over axis 1\. .* has shape \(\d,\)"),
        ([("g * beta * w", "(g * beta * w).T")], r"It is transposed\."),
        ([("return dh, dbeta", "return dbeta, dh")], r"In the place of dh you return dbeta\."),
        ([("g * beta * w", "g * beta * w + h")], r"There is a term h too many\."),
        ([("w = s * (1 - s)", "w = 3 * s * (1 - s)")], r"^w, dh, dbeta wrong: look at w first\."),
        ([("np.exp(-beta * h)", "np.exp(beta * h)"), ("g * h * w", "g * w")], "h were missing"),
        ([("w = s", "h *= 1.5; w = s")], "changes its argument h in place"),
        ([("w = s", "w = q")], "NameError.* Run the cells above first"),
        ([("(g * h * w)", "(g @ h)")], r"A has as many columns as B has rows"),
        ([("return dh, dbeta", "return dh")], "expected 2 things: dh, dbeta"),
        ([("return dh, dbeta", "return dh.astype(np.float32), dbeta")], "nearly right.*float64"),
    ],
    ids=lambda given: given[0][1] if isinstance(given, list) else "",
)
def test_a_slip_is_named_with_and_without_a_list(edits, says):
    for seed in (None, 1):
        outcome = grade(GATE, edited(gate, edits), seed=seed)
        assert re.search(says, outcome.message), outcome.message
        assert "wrong" not in outcome.message or len(outcome.inputs) == 3


@pytest.mark.parametrize(
    "form",
    [list, np.array, lambda pair: namedtuple("Both", "dh dbeta")(*pair), lambda pair: iter(pair)],
    ids=["list", "rows", "named", "iterator"],
)
def test_right_answers_come_in_many_forms(form):
    one = Exercise("0.5", lambda x, y: (x + y, x - y), inputs=lambda r: (*r.normal(size=(2, 3)),),
                   returns=("sum", "difference"), name="both")  # fmt: skip
    outcome = grade(one, lambda x, y: form((x + y, x - y)))
    assert bool(outcome) == ("iterator" not in outcome.message)
    total = Exercise("0.6", lambda x: x.sum(), inputs=lambda r: (r.integers(9, size=5),), name="n")
    for give in (sum, lambda x: float(x.sum()), lambda x: np.array(x.sum()), lambda x: int(sum(x))):
        assert grade(total, give)


def naive(u):
    return 1 / (1 + np.exp(-u))


def test_an_overflow_is_told_where_stability_is_the_point():
    one = lesson.exercise("1.4")
    assert grade(replace(one, stable=False), naive)
    outcome = grade(one, naive)
    assert "FloatingPointError: overflow" in outcome.message
    assert "inputs reach 800" in outcome.message and "return 1 /" in outcome.message
    assert grade(one, one.solution)


def test_the_input_at_which_it_fails_is_told():
    outcome = grade(lesson.exercise("1.4"), lambda u: np.where(abs(u) < 30, naive(u), 0.0))
    assert re.search(r"is 0, expected 1\. That is at u = (40|800)\.", outcome.message)


def test_whole_numbers_are_not_explained_by_chance():
    one = Exercise("0.7", lambda x: (x > 0).sum(), inputs=lambda r: (r.normal(size=6),), name="n")
    assert "as if" not in grade(one, lambda x: 3).message


def test_a_prediction_is_a_word_that_no_message_gives_away():
    assert "expected a word" in grade(WARM, 0.5).message
    message = grade(WARM, "mild").message
    assert message == "weather is 'mild'; expected one of the words cold, hot, warm."
    assert grade(WARM, " Hot").message == "Colder."
    assert grade(WARM, " Warm ")


def test_a_value_is_a_number_that_no_message_gives_away():
    for answer in ("6", [6], (6, 6)):
        assert "expected a number" in grade(COUNT, answer).message
    assert grade(COUNT, 5).message == "5 is not it."
    assert grade(COUNT, 7).message == "That is one too many."
    assert grade(COUNT, 6.0)


def test_numbers_that_look_alike_are_told_apart():
    problem = of_one("a", 1.9929501, 1.9929502, 1e-12)
    assert problem.count("1.99295") == 2
    got, expected = re.findall(r"\d\.\d+", problem)
    assert got != expected


def lost_in_the_tail(u):
    p = 1 / (1 + np.exp(-np.abs(u)))
    return np.where(u >= 0, p, 1 - p)


def hushed(u):
    with np.errstate(all="ignore"):
        return naive(u)


def test_small_values_keep_their_digits_and_an_overflow_is_not_hushed_where_that_is_the_point():
    one = lesson.exercise("1.4")
    assert "expected 4.25e-18" in grade(one, lost_in_the_tail).message
    assert grade(replace(one, tails=False), lost_in_the_tail)
    assert "FloatingPointError: overflow" in grade(one, hushed).message
    assert grade(replace(one, stable=False), hushed)


def test_an_answer_that_is_wrong_on_one_side_of_0_only_is_told_so():
    one = replace(lesson.exercise("1.4"), mutants={})
    for words, answer in (
        ("u is 0", lambda u: np.where(u == 0, 0.0, one.solution(u))),
        ("u is negative", lambda u: np.where(u < 0, 0.7 * np.abs(u) ** 0.1, one.solution(u))),
        ("u is positive", lambda u: np.where(u > 0, 0.7 * np.abs(u) ** 0.1, one.solution(u))),
    ):
        assert f"It is wrong only where {words}." in grade(one, answer).message


def test_where_it_goes_wrong_is_told_whatever_the_shapes_of_arguments_and_results():
    def both(x, W):
        h = np.exp(x @ W)
        r = h - x.sum(axis=1, keepdims=True)
        return r.T @ x, r

    def inputs(rng):
        return rng.uniform(1, 2, size=(5, 3)), rng.normal(size=(3, 4))

    one = Exercise(
        "0.9", both, {}, ("?",), inputs=inputs, returns=("A", "B"), order=("r", "B", "A")
    )

    def squared(x, W):
        r = np.exp(x @ W) - (x**3).sum(axis=1, keepdims=True) / 7
        return r.T @ x, r

    def of_another_shape(x, W):
        r = np.exp(x @ W) - x.sum(axis=1, keepdims=True)
        return r.T @ np.exp(r), r

    said = grade(one, squared).message
    assert "r, B, A wrong: look at r first." in said and "only where x is positive" not in said
    said = grade(one, of_another_shape).message
    assert "r, B right; A wrong: look at A first." in said and "has shape (4, 4)" in said


def test_what_comes_close_or_has_the_right_ratios_is_told_so():
    one = lesson.exercise("1.1")
    off = grade(one, lambda h, beta, states: one.solution(h, beta, 1.001 * states**1))
    assert "It comes close, but is not exact." in off.message
    first = grade(one, lambda h, beta, states: np.exp(beta * h * (states - states[0])))
    assert "The ratios are right. Divide by the sum of all." in first.message
    share = lesson.exercise("9.1")
    assert grade(share, 2.2).message == "2.2 comes close: give more digits."
    assert "not it" in grade(share, 2.3).message and "not it" in grade(COUNT, 6.1).message


def test_a_term_that_is_a_product_of_matrices_or_another_result_is_told():
    one = replace(lesson.exercise("10.1"), mutants={})
    whole = grade(one, lambda x, W, xd, Wd, bd: (x + xd) @ (W + Wd) - x @ W + bd)
    assert "There is a term x_dot @ W_dot too many." in whole.message
    parts = lesson.exercise("10.7")
    whole = grade(parts, lambda *args: (sum(parts.solution(*args)), parts.solution(*args)[1]))
    assert "To the term with C you added the term with g." in whole.message


def one_exp_and_a_minus(h, beta, exp):
    rows = np.zeros((3, len(h)))
    for n in range(len(h)):
        p = 1 / (1 + exp(-abs(beta * h[n])))
        w, p = p * (1 - p), p if beta * h[n] >= 0 else 1 - p
        rows[:, n] = h[n] * p, p + beta * h[n] * w, h[n] ** 2 * w
    return rows


def one_exp_for_each_use(h, beta, exp):
    f, f_h, f_beta = lesson.exercise("9.2").solution(h, beta, exp)
    return f, f_h, f_beta + 0 * (exp(-abs(h[0])) + exp(-abs(h[0])))


def test_the_loop_that_is_to_be_compiled_keeps_its_digits_and_uses_its_exp_once():
    one = lesson.exercise("9.2")
    assert "its digits are lost" in grade(one, one_exp_and_a_minus).message
    assert "twice for one sample" in grade(one, one_exp_for_each_use).message


def test_a_line_that_computes_what_is_right_is_not_blamed():
    two = replace(lesson.exercise("2.4"), mutants={})

    def second_form(h, beta):
        u = beta * h
        p = naive(u)
        w = p * (1 - p)
        return w * (1 + u + np.exp(-u)), h**2 * w

    told = grade(two, second_form).message
    assert told.startswith("u, p, w right; f_h wrong") and "minus before u" not in told


def test_a_term_that_slipped_out_of_a_fraction_or_a_logarithm():
    def no_brackets(h, beta):
        r = np.exp(-np.abs(beta * h))
        return np.log(1 + r) + np.abs(beta * h) * r / 1 + r

    one = replace(lesson.exercise("2.5"), mutants={})
    assert "brackets around a sum were missing" in grade(one, no_brackets).message
    one = replace(lesson.exercise("1.5"), mutants={})
    outside = grade(one, lambda h, beta: np.sum(1 + np.log(np.exp(beta * h))))
    assert "one term stood outside np.log()" in outside.message


def test_a_mutant_that_gives_nothing_or_fails_hides_no_message():
    """In some draws only, so that no test of the list finds it."""

    def parts(x):
        return x.sum(), x.max()

    mutants = {
        "Nothing.": lambda x: None,
        "One thing.": lambda x: x.sum() if x[0, 0] > 0 else None,
        "It fails.": lambda x: x[9],
        "Ragged.": lambda x: ([1.0, [2.0]], x.max()),
        "The mean.": lambda x: (x.mean(), x.max()),
    }
    one = replace(TWICE, solution=parts, mutants=mutants, returns=("total", "top"))
    assert grade(one, lambda x: (x.mean(), x.max())).message == "The mean."
    assert "top" in grade(one, lambda x: (x.sum(), x.min())).message
