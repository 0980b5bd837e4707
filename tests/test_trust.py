"""What docs/trust.md shows: the same functions with fewer cases."""

import mpmath as mp
import numpy as np
import pytest
from trust import activations, child, determinism, network
from trust.table import Row, markdown, within
from trust.ulp import truth

# ------------------------------------------------------------------------- the ruler


def test_an_ulp_is_the_distance_to_the_next_float():
    x = np.array([1.0, 1.5, -2.0, 1e300, 2.0**-1022, 5e-324])
    off = np.nextafter(x, np.inf)
    assert np.array_equal(truth([mp.mpf(v) for v in x]).ulps(off), [1, 1, 0.5, 1, 1, 1])


def test_errors_below_the_last_digit_are_seen():
    with mp.workdps(60):
        third = mp.mpf(1) / 3
        wanted = float(abs(mp.mpf(1 / 3) - third) * 2**54)  # an ulp is 2^-54 there
    assert truth([third]).ulps(np.array([1 / 3]))[0] == pytest.approx(wanted, rel=1e-14)
    assert 0 < wanted < 0.5


def test_what_is_small_large_zero_or_nan_is_told_apart():
    with mp.workdps(60):
        true = truth([mp.mpf(10) ** -310, mp.mpf(10) ** 400, -(mp.mpf(10) ** 400), mp.mpf(0)])
    right = true.errors(np.array([1e-310, np.inf, -np.inf, 0.0]), np.zeros(4))
    assert right.share.max() == 0 and right.steps.max() < 1
    assert right.small.tolist() == [True, False, False, False]
    assert right.overflows.tolist() == [False, True, True, False]
    wrong = true.errors(np.array([0.0, -np.inf, 1e308, np.nan]), np.zeros(4))
    assert wrong.vanished.tolist() == [True, False, False, False]
    assert wrong.nan.tolist() == [False, False, False, True]
    assert np.all(np.isinf(wrong.share[1:3])) and wrong.steps[0] > 1e9 and wrong.steps[3] == np.inf


def test_the_table_says_what_does_not_hold():
    table = markdown([within("a", 1000, 0.123, 1), Row("b", 3, "much", "little", False)])
    assert "| a | 1,000 | 0.12 | 1 | yes |" in table
    assert "| b | 3 | much | little | **no** |" in table


# --------------------------------------------------------------------- activations


def test_a_wrong_digit_of_an_activation_is_seen(monkeypatch):
    right = activations.derivatives
    monkeypatch.setattr(activations, "derivatives", lambda *at: right(*at) * (1 + 3e-15))
    assert activations.errors_at("esp", "of_normal_size", 50)["share"].max() > 1


# ---------------------------------------------------------- gradients and Hessians

FEW = ("units saturated", "beta = 0", "sure and right", "one sample", "width 1")
CASES = [*list(network.every_kind())[::4]]
CASES += [case for name in FEW for case in network.ill_conditioned(name)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_gradient_and_hessian_are_right_to_many_digits(case):
    may = network.allowed(case)
    for way, error in network.errors(case).items():
        assert error <= may[way[0]], way


def test_a_wrong_digit_in_a_small_block_is_seen():
    case = next(network.ill_conditioned("units saturated"))
    gradients, _ = network.exact(case)
    g = case.net.gradient(case.X, case.Y)
    place = case.net.slices["W1"]
    g[place] *= 1 + 1e-11
    assert network.off(case.net, g, gradients) > network.allowed(case)["gradient"]


# --------------------------------------------------------------------- determinism


@pytest.mark.parametrize("engine", determinism.ENGINES)
def test_a_resumed_training_draws_the_same_batches(engine, tmp_path):
    """Also where the generator keeps half of its last 64 bits for the next draw."""
    job = determinism.SMALL | {"optimizer": "Adam", "batch_size": 32, "engine": engine}
    for N in range(200, 208):
        net, *data = child.problem(job["sizes"], job["output"], N)
        whole, stopped, resumed = net.copy(), net.copy(), net.copy()
        checkpoint = {"checkpoint": tmp_path / f"{N}.npz"}
        child.train(job, whole, *data)
        child.train(job | checkpoint | {"stop": 3}, stopped, *data)
        child.train(job | checkpoint, resumed, *data)
        assert np.array_equal(resumed.theta, whole.theta)


def test_the_same_seed_gives_the_same_bits():
    for row in determinism.rows(quick=True):
        assert row.held, row
