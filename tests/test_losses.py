"""Losses on logits: against sixty digits and the complex step, also where a network is sure."""

import copy
from dataclasses import FrozenInstanceError, replace

import mpmath as mp
import numpy as np
import pytest
from trust import losses as trust
from trust.losses import EXTREMES, LOSSES, exact, extreme, hard_targets, soft_targets

from minifnn.losses import bernoulli, categorical, score, squared_error

EVERY = pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
EPS, ULP = 1e-30, 2.0**-52
LEAST = 2.0**-1022

TARGETS = pytest.mark.parametrize("targets", [hard_targets, soft_targets])
SHAPES = pytest.mark.parametrize("shape", [(7, 3), (5, 1), (1, 4), (1, 1), (4, 2)])


def example(loss, targets, shape, spread=3.0):
    rng = np.random.default_rng(0)
    return spread * rng.normal(size=shape), targets(rng, loss, *shape)


def ulps(got, true):
    """Return the largest relative error in ulps, where the truth is a normal number; else 0.

    Below that, got has to be as small as the truth is.
    """
    assert np.all(np.isfinite(got))
    worst = 0.0
    with mp.workdps(60):
        for g, t in zip(np.ravel(got), np.array(true, dtype=object).ravel()):
            if abs(t) >= LEAST:
                worst = max(worst, float(abs(mp.mpf(float(g)) / t - 1)) / ULP)
            else:
                assert abs(g) <= LEAST
    return worst


def bound(loss, o):
    """The ulps allowed: 8, and what exp makes of a rounding of its argument, up to |argument|."""
    if loss is squared_error:
        return 4
    return 8 + min(750, np.abs(o).max() if loss is bernoulli else np.ptp(o))


# ------------------------------------------- value, gradient, curvature, in ulp

N = 20  # rows of logits of each kind and width
QUESTIONS = pytest.mark.parametrize("question", trust.QUESTIONS)


EVERY_ENGINE = [(loss, engine) for engine in trust.ENGINES for loss in LOSSES]


def in_bounds(errors):
    return errors.share.max() <= 1 and errors.steps.max() <= 2 and not errors.vanished.any()


@EVERY
def test_value_is_right_to_four_plus_u_ulps(loss):
    for o, y in trust.samples(loss, hard_targets, N):
        assert in_bounds(trust.value_errors(loss, o, y))


@pytest.mark.parametrize(("loss", "engine"), EVERY_ENGINE)
@QUESTIONS
def test_derivatives_are_right_to_four_plus_u_ulps(loss, engine, question):
    """Never NaN, and 0 only where the truth is below the smallest subnormal number."""
    for o, y in trust.samples(loss, hard_targets, N):
        assert in_bounds(trust.errors(question, loss, o, y)[engine])


@EVERY
@QUESTIONS
def test_both_engines_are_right_where_no_odds_vanish(loss, question):
    for o, y in trust.samples(loss, hard_targets, N):
        u = o.max(axis=1, keepdims=True) - o if loss is categorical else np.abs(o)
        tame = ((u < 700) | (u > trust.GONE)).all(axis=1)
        for errors in trust.errors(question, loss, o[tame], y[tame]).values():
            assert in_bounds(errors)


@pytest.mark.parametrize("engine", trust.ENGINES)
@pytest.mark.parametrize("loss", [bernoulli, categorical], ids=lambda loss: loss.name)
def test_gradient_at_soft_targets_is_right_to_the_size_of_what_cancels(loss, engine):
    for o, y in trust.samples(loss, soft_targets, N):
        assert trust.soft_shares(engine, loss, o, y).max() <= 1


# ------------------------------------------------------------------------ the value


@EVERY
@TARGETS
@SHAPES
def test_value_is_the_mean_over_samples_of_the_exact_loss(loss, targets, shape):
    o, y = example(loss, targets, shape)
    true = exact(trust.exact_value, loss, o, y)
    assert ulps(loss.value(o, y), sum(true) / len(true)) <= 8


@EVERY
@pytest.mark.parametrize("size", [1e6, 1e100])
def test_value_of_a_sure_and_right_network_is_zero_and_of_a_wrong_one_its_logit(loss, size):
    o = np.array([[size, -size]])
    right, wrong = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    if loss is squared_error:
        assert loss.value(o, o) == 0
    else:
        assert loss.value(o, right) == 0
        assert loss.value(o, wrong) == (size if loss is bernoulli else 2 * size)


def test_bernoulli_is_the_plain_cross_entropy():
    o, y = example(bernoulli, soft_targets, (7, 3))
    p = 1 / (1 + np.exp(-o))
    plain = -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()
    assert bernoulli.value(o, y) == pytest.approx(plain, rel=1e-13)
    assert bernoulli.value(o, y) == pytest.approx((np.logaddexp(0, o) - y * o).mean(), rel=1e-13)


def test_categorical_is_the_plain_cross_entropy():
    o, y = example(categorical, soft_targets, (7, 3))
    p = np.exp(o) / np.exp(o).sum(axis=1, keepdims=True)
    plain = -(y * np.log(p)).sum(axis=1).mean()
    assert categorical.value(o, y) == pytest.approx(plain, rel=1e-13)


def test_squared_error_is_half_the_squared_length_averaged_over_samples():
    o, y = np.array([[1.0, 2.0], [0.0, -1.0]]), np.array([[0.0, 4.0], [0.0, 2.0]])
    assert squared_error.value(o, y) == (1 + 4 + 0 + 9) / 2 / 2


def test_two_classes_are_one_gate_on_the_difference_of_logits():
    o, y = example(categorical, hard_targets, (7, 2))
    gate = bernoulli.value(o[:, :1] - o[:, 1:], y[:, :1])
    assert categorical.value(o, y) == pytest.approx(gate, rel=1e-13)


@EVERY
def test_value_of_complex_logits_has_the_same_real_part(loss):
    o, y = example(loss, soft_targets, (7, 3))
    assert np.real(loss.value(o + 1j * EPS, y)) == pytest.approx(loss.value(o, y), rel=1e-14)


# ---------------------------------------------------------------------- the gradient


def complex_steps(f, o):
    """Return d f/d o, the entries of o in front: (N, K, ...)."""
    steps = []
    for place in np.ndindex(o.shape):
        z = o.astype(complex)
        z[place] += 1j * EPS
        steps.append(np.imag(f(z)) / EPS)
    return np.array(steps).reshape(*o.shape, *np.shape(steps[0]))


@EVERY
@TARGETS
@SHAPES
def test_gradient_is_the_complex_step_of_the_value(loss, targets, shape):
    o, y = example(loss, targets, shape)
    slope = complex_steps(lambda z: loss.value(z, y), o)
    assert loss.gradient(o, y).shape == o.shape
    assert np.allclose(loss.gradient(o, y), slope, rtol=1e-13, atol=1e-15)


@EVERY
@TARGETS
@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_gradient_is_the_complex_step_at_tied_and_at_zero_logits(loss, targets, zero):
    o = np.array([[zero, zero, zero], [zero, 2.0, 2.0], [-1.0, -1.0, zero]])
    y = targets(np.random.default_rng(0), loss, 3, 3)
    slope = complex_steps(lambda z: loss.value(z, y), o)
    assert np.allclose(loss.gradient(o, y), slope, rtol=1e-13, atol=1e-15)


@EVERY
@TARGETS
@SHAPES
def test_gradient_is_the_central_difference_of_the_value(loss, targets, shape):
    o, y = example(loss, targets, shape)
    step = 1e-5
    for place in np.ndindex(shape):
        up, down = o.copy(), o.copy()
        up[place] += step
        down[place] -= step
        difference = (loss.value(up, y) - loss.value(down, y)) / (2 * step)
        assert loss.gradient(o, y)[place] == pytest.approx(difference, rel=1e-7, abs=1e-9)


def test_a_sure_and_right_network_still_has_a_gradient():
    """sigma(40) - 1 and p_y - 1 are minus what is left, not 0."""
    left = np.exp(-40.0)
    gate = bernoulli.gradient(np.array([[40.0]]), np.array([[1.0]]))
    assert gate == pytest.approx(np.array([[-left]]), rel=1e-14)
    classes = categorical.gradient(np.array([[40.0, 0.0, 0.0]]), np.array([[1.0, 0.0, 0.0]]))
    assert classes == pytest.approx(np.array([[-2 * left, left, left]]), rel=1e-14)


@EVERY
@TARGETS
def test_gradient_is_prediction_minus_truth(loss, targets):
    o, y = example(loss, targets, (7, 3))
    size = o.size if loss is bernoulli else len(o)
    p, u = loss.predict(o), 0 if loss is squared_error else np.ptp(o, axis=1, keepdims=True)
    bound = ULP * (8 + 2 * (np.abs(o) + u)) * (np.abs(p) + np.abs(y))
    assert np.all(np.abs(size * loss.gradient(o, y) - (p - y)) <= bound)


def test_gradient_of_softmax_sums_to_zero_over_the_classes():
    o, y = example(categorical, soft_targets, (7, 4))
    gradient = categorical.gradient(o, y)
    assert np.all(np.abs(gradient.sum(axis=1)) <= 8 * ULP * np.abs(gradient).sum(axis=1))


@EVERY
def test_loss_is_least_where_the_constant_prediction_is_the_truth(loss):
    """sigma(o) = y, softmax(o) = y, o = y: gradient 0, and any step goes up."""
    y = soft_targets(np.random.default_rng(1), loss, 1, 3)
    o = {bernoulli: np.log(y / (1 - y)), categorical: np.log(y), squared_error: y}[loss]
    assert np.abs(loss.gradient(o, y)).max() <= 2 * ULP
    for step in (1e-3, 0.1, 3.0):
        for direction in (np.array([1, 0, 0]), np.array([0, -1, 0]), np.array([1, 0, -1])):
            assert loss.value(o + step * direction, y) > loss.value(o, y)


@pytest.mark.parametrize("loss", [bernoulli, categorical], ids=lambda loss: loss.name)
def test_a_constant_prediction_is_best_at_the_mean_of_the_targets(loss):
    y = hard_targets(np.random.default_rng(2), loss, 40, 3)
    mean = y.mean(axis=0)
    logit = np.log(mean / (1 - mean)) if loss is bernoulli else np.log(mean)
    gradient = loss.gradient(np.tile(logit, (40, 1)), y)
    assert np.all(np.abs(gradient.sum(axis=0)) <= 8 * ULP * np.abs(gradient).sum(axis=0))
    assert np.all(np.abs(gradient) > 1e-4)  # each sample still pulls


# --------------------------------------------------------------------- the curvature


@EVERY
@TARGETS
@SHAPES
def test_curvature_is_the_complex_step_of_the_gradient(loss, targets, shape):
    o, y = example(loss, targets, shape)
    slope = complex_steps(lambda z: loss.gradient(z, y), o)  # (N, K, N, K)
    expected = np.zeros_like(slope)
    for n, block in enumerate(loss.curvature(o, y)):
        expected[n, :, n, :] = block
    assert np.allclose(expected, slope, rtol=1e-13, atol=1e-15)


@EVERY
@SHAPES
def test_curvature_is_symmetric_to_the_bit(loss, shape):
    C = loss.curvature(*example(loss, soft_targets, shape))
    assert C.shape == (*shape, shape[1])
    assert np.array_equal(C, C.transpose(0, 2, 1))


@EVERY
def test_curvature_is_never_negative(loss):
    for o, y in (example(loss, soft_targets, (50, 4)), extreme(loss)):
        C = loss.curvature(o, y)
        eigenvalues = np.linalg.eigvalsh(C)
        assert np.all(eigenvalues >= -8 * ULP * np.abs(C).max())
        assert eigenvalues.max() > 0


@EVERY
def test_curvature_does_not_depend_on_the_targets(loss):
    o, y = example(loss, soft_targets, (7, 3))
    assert np.array_equal(loss.curvature(o, y), loss.curvature(o, np.roll(y, 1, axis=0)))


def test_curvature_of_softmax_leaves_the_common_shift_flat():
    C = categorical.curvature(*example(categorical, soft_targets, (7, 4)))
    assert np.all(np.abs(C.sum(axis=2)) <= 8 * ULP * np.abs(C).sum(axis=2))


# -------------------------------------------------------------- what all have in common


@EVERY
def test_prediction_is_exact_and_a_probability_where_it_should_be(loss):
    for o, true in zip(
        EXTREMES, exact(lambda *a: trust.exact_probabilities(*a)[0], loss, EXTREMES)
    ):
        p = loss.predict(o[None])
        assert ulps(p, true) <= bound(loss, o)
        if loss is not squared_error:
            assert np.all((p >= 0) & (p <= 1))
        if loss is categorical:
            assert p.sum() == pytest.approx(1, rel=4 * ULP)


def test_softmax_is_unchanged_by_a_common_shift():
    o, y = example(categorical, soft_targets, (7, 3))
    o = np.round(o * 2**20) / 2**20  # so that the shift itself does not round
    for part in (categorical.value, categorical.gradient, categorical.curvature):
        assert np.allclose(part(o + 1024, y), part(o, y), rtol=1e-15, atol=0)


def test_softmax_of_one_class_has_nothing_to_learn():
    o, y = np.array([[3.0], [-1e6]]), np.ones((2, 1))
    assert categorical.value(o, y) == 0
    assert np.array_equal(categorical.predict(o), y)
    assert np.array_equal(categorical.gradient(o, y), np.zeros((2, 1)))
    assert np.array_equal(categorical.curvature(o, y), np.zeros((2, 1, 1)))


@EVERY
def test_a_sample_given_twice_weighs_as_once(loss):
    o, y = example(loss, soft_targets, (5, 3))
    twice_o, twice_y = np.tile(o, (2, 1)), np.tile(y, (2, 1))
    assert loss.value(twice_o, twice_y) == pytest.approx(loss.value(o, y), rel=1e-14)
    assert np.allclose(loss.gradient(twice_o, twice_y)[:5], loss.gradient(o, y) / 2, rtol=1e-14)
    assert np.allclose(loss.curvature(twice_o, twice_y)[:5], loss.curvature(o, y) / 2, rtol=1e-14)


@EVERY
def test_arguments_are_not_changed(loss):
    o, y = example(loss, soft_targets, (5, 3))
    o_before, y_before = o.copy(), y.copy()
    for part in (loss.value, loss.gradient, loss.curvature):
        part(o, y)
    loss.predict(o)
    assert np.array_equal(o, o_before) and np.array_equal(y, y_before)


@EVERY
def test_a_loss_cannot_be_changed(loss):
    with pytest.raises(FrozenInstanceError):
        loss.name = "another"


@EVERY
def test_a_loss_is_equal_only_to_itself(loss):
    """So that the kernels serve no other of the same functions."""
    assert replace(loss) != loss == copy.deepcopy(loss)


# ------------------------------------------------------------------------- the score


@pytest.mark.parametrize(
    ("output", "o", "y", "score_"),
    [
        ("sigmoid", [[np.nan], [1.0]], [[1], [1]], np.nan),  # one broken output is enough
        ("sigmoid", [[0.0], [-1.0]], [[0], [0.5]], 1.0),  # on the edge it says no, as the target
        ("sigmoid", [[1.0, 2.0], [1.0, 2.0]], [[0, 1], [0, 1]], 0.5),  # each output for itself,
        ("sigmoid", [[1.0, 1.0], [1.0, 1.0]], [[1, 1], [1, 0]], 0.75),  # whatever the rows
        ("softmax", [[1.0, 2.0], [1.0, 2.0]], [[0, 1], [1, 0]], 0.5),  # the largest counts
        ("linear", [[0.0], [0.1]], [[0.0], [0.1]], 1.0),
        ("tanh", [[1.0], [3.0]], [[2.0], [2.0]], np.nan),  # nothing to explain
    ],
)
def test_score_where_it_is_easily_wrong(output, o, y, score_):
    assert score(output, np.array(o), np.array(y, float)) == pytest.approx(score_, nan_ok=True)


@pytest.mark.parametrize("scale", [1.0, 1e-200, 1e200, 1e-3])
@pytest.mark.parametrize("shift", [0.0, 0.1, 1e6])
def test_r_squared_where_it_is_easily_wrong(scale, shift):
    rng = np.random.default_rng(0)
    y = scale * (rng.normal(size=(50, 3)) + shift)
    o = y + 0.5 * scale * rng.normal(size=(50, 3))
    unit = (o / scale - y / scale, y / scale - (y / scale).mean(axis=0))
    expected = 1 - (unit[0] ** 2).sum() / (unit[1] ** 2).sum()
    assert score("linear", o, y) == pytest.approx(expected, rel=1e-8)
    assert score("linear", y, y) == 1.0
    assert abs(score("linear", np.broadcast_to(y.mean(axis=0), y.shape), y)) < 1e-8
    constant = np.full((50, 3), 0.1 * scale + scale * shift)
    assert all(np.isnan(score("linear", p, constant)) for p in (o, constant))
    mixed = np.column_stack([y[:, 0], constant[:, 0]])  # one target that changes, one that does not
    assert score("linear", mixed, mixed) == 1.0
    assert np.isnan(score("linear", y[:1], y[:1]))  # one sample
