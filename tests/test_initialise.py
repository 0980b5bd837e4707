"""Initial values: the spread of the draws, what each rule keeps, and the seeds."""

import numpy as np
import pytest

import minifnn as mf
from minifnn.initialise import INITIALISERS, conserving, he, orthogonal, xavier

EPS = np.finfo(float).eps
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
def test_the_same_seed_gives_the_same_weights_and_another_draw_others(rule):
    rng = np.random.default_rng(0)
    first, second = rule(rng, 5, 3), rule(rng, 5, 3)
    assert np.array_equal(first, draw(rule, 5, 3))
    assert not np.any(first == second) and not np.any(first == draw(rule, 5, 3, seed=1))


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


@pytest.mark.parametrize("shape", [(7, 3), (3, 7), (4, 4), (1, 1), (5, 1), (1, 5)])
def test_orthogonal_has_orthonormal_columns_or_rows(shape):
    W = draw(orthogonal, *shape)
    tall = W if shape[0] >= shape[1] else W.T
    # Householder's reflections round each of the products of so many terms
    bound = 4 * max(shape) * EPS
    assert np.allclose(tall.T @ tall, np.eye(min(shape)), rtol=0, atol=bound)


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4)])
def test_orthogonal_draws_are_uniform_over_rotations(shape):
    """Each entry has mean 0 and variance 1/max(fan_in, fan_out); a bare QR has biased signs."""
    rng, n = np.random.default_rng(0), 2000
    W = np.array([orthogonal(rng, *shape) for _ in range(n)])
    assert np.all(np.abs(W.mean(axis=0)) < 5 / np.sqrt(n * max(shape)))
    assert np.allclose(W.var(axis=0), 1 / max(shape), rtol=0.15)


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4), (6, 1)])
def test_conserving_shares_out_each_input(shape):
    W = draw(conserving, *shape)
    assert np.all(W > 0)
    assert np.allclose(W.sum(axis=1), 1, rtol=0, atol=2 * shape[1] * EPS)


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4)])
def test_conserving_leaves_the_columns_as_they_fall(shape):
    assert np.all(np.abs(draw(conserving, *shape).sum(axis=0) - 1) > 1e-3)


def test_conserving_keeps_the_total_signal():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4, 5))
    off = np.abs((x @ conserving(rng, 5, 3)).sum(axis=1) - x.sum(axis=1))
    assert np.all(off <= (5 + 3) * EPS * np.abs(x).sum(axis=1))


def test_conserving_shares_are_uniform_over_all_shares():
    """A flat Dirichlet: mean 1/k, variance (k - 1)/(k^2 (k + 1))."""
    W, k = draw(conserving, 40_000, 4), 4
    assert np.allclose(W.mean(axis=0), 1 / k, rtol=0.02)
    assert np.allclose(W.var(axis=0), (k - 1) / (k**2 * (k + 1)), rtol=0.03)


def test_beta_is_one_number_where_it_is_one():
    net = mf.mlp([2, 4, 1], beta=2)
    assert [beta.tolist() for beta in net.betas] == [[2.0] * 4, [2.0]]


def test_a_normal_beta_has_the_given_spread_and_mean_zero_and_follows_the_seed():
    def beta(seed=0):
        return mf.mlp([1, 40_000, 1], beta=("normal", 0.004), seed=seed).betas[0]

    assert beta().std() == pytest.approx(0.004, rel=0.02)
    assert abs(beta().mean()) < 5 * 0.004 / 200
    assert np.mean(np.abs(beta()) < 0.004) == pytest.approx(0.6827, abs=0.01)
    assert np.array_equal(beta(), beta()) and not np.any(beta() == beta(seed=1))
