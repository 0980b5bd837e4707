"""Where training starts: the spread of the draws, what each rule keeps, and the seeds."""

import numpy as np
import pytest

from minifnn.initialise import (
    INITIALISERS,
    conserving,
    constant_beta,
    he,
    normal_beta,
    orthogonal,
    xavier,
)

EVERY = pytest.mark.parametrize("rule", INITIALISERS.values(), ids=INITIALISERS)
SHAPES = pytest.mark.parametrize("shape", [(300, 100), (100, 300), (200, 200)])


def draw(rule, *shape, seed=0):
    return rule(np.random.default_rng(seed), *shape)


@EVERY
@pytest.mark.parametrize("shape", [(5, 2), (2, 5), (3, 3), (1, 4), (4, 1), (1, 1)])
def test_weights_are_fan_in_by_fan_out(rule, shape):
    W = draw(rule, *shape)
    assert W.shape == shape
    assert W.dtype == np.float64
    assert np.all(np.isfinite(W))


@EVERY
def test_the_same_seed_gives_the_same_weights_and_another_seed_others(rule):
    assert np.array_equal(draw(rule, 5, 3), draw(rule, 5, 3))
    assert not np.any(draw(rule, 5, 3) == draw(rule, 5, 3, seed=1))


@EVERY
def test_a_second_draw_from_one_generator_differs(rule):
    rng = np.random.default_rng(0)
    assert not np.any(rule(rng, 5, 3) == rule(rng, 5, 3))


@EVERY
def test_global_random_state_is_not_used(rule):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    draw(rule, 5, 3)
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@SHAPES
def test_xavier_fills_its_limits_and_no_more(shape):
    W, limit = draw(xavier, *shape), np.sqrt(6 / sum(shape))
    assert np.abs(W).max() <= limit
    assert W.max() > 0.999 * limit
    assert W.min() < -0.999 * limit


@SHAPES
def test_xavier_has_variance_two_over_both_fans(shape):
    """30,000 draws or more: one standard error of a uniform variance is 0.5 per cent."""
    W = draw(xavier, *shape)
    assert W.var() == pytest.approx(2 / sum(shape), rel=0.02)
    assert abs(W.mean()) < 5 * np.sqrt(2 / sum(shape) / W.size)


@SHAPES
def test_he_has_variance_two_over_fan_in(shape):
    """One standard error of a normal variance is 0.8 per cent."""
    W = draw(he, *shape)
    assert W.var() == pytest.approx(2 / shape[0], rel=0.03)
    assert abs(W.mean()) < 5 * np.sqrt(2 / shape[0] / W.size)


def test_he_is_normal():
    W = draw(he, 300, 300) / np.sqrt(2 / 300)
    assert np.mean(np.abs(W) < 1) == pytest.approx(0.6827, abs=0.01)
    assert np.mean(W**4) == pytest.approx(3, rel=0.05)


@pytest.mark.parametrize("shape", [(7, 3), (4, 4), (1, 1), (5, 1)])
def test_orthogonal_has_orthonormal_columns_where_it_narrows(shape):
    W = draw(orthogonal, *shape)
    assert np.allclose(W.T @ W, np.eye(shape[1]), rtol=0, atol=1e-14)


@pytest.mark.parametrize("shape", [(3, 7), (4, 4), (1, 5)])
def test_orthogonal_has_orthonormal_rows_where_it_widens(shape):
    W = draw(orthogonal, *shape)
    assert np.allclose(W @ W.T, np.eye(shape[0]), rtol=0, atol=1e-14)


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4)])
def test_orthogonal_draws_are_uniform_over_rotations(shape):
    """Each entry has mean 0 and variance 1/max(fan_in, fan_out); a bare QR has biased signs."""
    rng, n = np.random.default_rng(0), 2000
    W = np.array([orthogonal(rng, *shape) for _ in range(n)])
    assert np.all(np.abs(W.mean(axis=0)) < 5 / np.sqrt(n * max(shape)))
    assert np.allclose(W.var(axis=0), 1 / max(shape), rtol=0.15)


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4), (6, 1)])
def test_conserving_shares_out_each_input_whole(shape):
    W = draw(conserving, *shape)
    assert np.all(W > 0)
    assert np.allclose(W.sum(axis=1), 1, rtol=0, atol=1e-15 * shape[1])


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4)])
def test_conserving_leaves_the_columns_as_they_fall(shape):
    assert np.all(np.abs(draw(conserving, *shape).sum(axis=0) - 1) > 1e-3)


def test_conserving_keeps_the_total_signal():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4, 5))
    assert np.allclose((x @ conserving(rng, 5, 3)).sum(axis=1), x.sum(axis=1), rtol=1e-14)


def test_conserving_shares_are_uniform_over_all_shares():
    """A flat Dirichlet: mean 1/k, variance (k - 1)/(k^2 (k + 1))."""
    W, k = draw(conserving, 40_000, 4), 4
    assert np.allclose(W.mean(axis=0), 1 / k, rtol=0.02)
    assert np.allclose(W.var(axis=0), (k - 1) / (k**2 * (k + 1)), rtol=0.03)


def test_constant_beta_is_the_same_for_every_unit():
    beta = constant_beta(np.random.default_rng(0), 4, 2)
    assert np.array_equal(beta, [2, 2, 2, 2])
    assert beta.dtype == np.float64


def test_normal_beta_has_the_given_spread_and_mean_zero():
    beta = draw(normal_beta, 40_000, 0.004)
    assert beta.shape == (40_000,)
    assert beta.std() == pytest.approx(0.004, rel=0.02)
    assert abs(beta.mean()) < 5 * 0.004 / 200
    assert np.mean(np.abs(beta) < 0.004) == pytest.approx(0.6827, abs=0.01)


def test_normal_beta_follows_the_seed():
    assert np.array_equal(draw(normal_beta, 5, 0.1), draw(normal_beta, 5, 0.1))
    assert not np.any(draw(normal_beta, 5, 0.1) == draw(normal_beta, 5, 0.1, seed=1))
