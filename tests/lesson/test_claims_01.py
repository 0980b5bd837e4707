"""What lessons 1 and 2 say in passing, computed."""

import math

import numpy as np
import pytest

from minifnn import activations, energy


def sent(h):
    return activations.esp(h, 1.0)


def test_logistic_noise_opens_a_gate_as_often_as_the_sigmoid_says():
    flips = 0.7 + np.random.default_rng(0).logistic(size=100_000) / 1.5 > 0
    p = activations.sigmoid(0.7, 1.5)
    assert abs(flips.mean() - p) < 4 * np.sqrt(p * (1 - p) / flips.size)


def test_two_gates_counted_together_are_not_a_gate_with_three_states():
    p = activations.sigmoid(0.8)
    three = energy.probabilities(0.8, 1.0, (0, 1, 2))
    assert 2 * p * (1 - p) / (1 - p) ** 2 == pytest.approx(2 * three[1] / three[0])


def test_the_slope_at_0_of_a_gate_that_may_rest_in_the_middle():
    mean = energy.enumerate_gate(np.array([-1e-5, 1e-5]), 1.0, (-1, 0, 1)).gate
    assert np.diff(mean) / 2e-5 == pytest.approx(2 / 3, rel=1e-9)


def test_fields_that_send_a_given_signal():
    h = np.linspace(-20, 20, 400_001)
    crossed = {s: h[1:][np.diff(np.sign(sent(h) - s)) != 0] for s in (0.2, -0.1, -0.5)}
    assert [len(fields) for fields in crossed.values()] == [1, 2, 0]
    assert crossed[0.2][0] == pytest.approx(0.34, abs=0.005)
    lowest = h[sent(h).argmin()]
    assert crossed[-0.1][0] < lowest < crossed[-0.1][1]
    assert sent(h).min() == pytest.approx(1 + lowest, abs=1e-4)


def test_a_negative_beta_sends_what_the_other_gate_keeps_back():
    h = np.linspace(-5, 5, 11)
    np.testing.assert_allclose(activations.esp(h, -1.3), h - activations.esp(h, 1.3), atol=1e-15)


def test_the_mean_signal_never_falls_as_the_gate_cools_and_its_slope_stays_below_1_1():
    h, beta = np.linspace(-6, 6, 241)[:, None], np.linspace(0, 20, 401)
    assert (np.diff(activations.esp(h, beta), axis=1) >= -1e-15).all()
    slope = np.gradient(sent(np.linspace(-10, 10, 20_001)), 1e-3)
    assert 1.09 < slope.max() < 1.1


def test_any_g_of_beta_h_over_beta_passes_from_volts_to_millivolts():
    h = np.linspace(-3, 3, 13)
    for g in (np.sin, np.tanh, lambda u: np.logaddexp(0, u), np.cosh):
        np.testing.assert_allclose(g(1.5e-3 * (1000 * h)) / 1.5e-3, 1000 * g(1.5 * h) / 1.5)


def test_the_surprises_of_independent_gates_add_up():
    p, q = 0.3, 0.9
    assert -np.log(p * q) == pytest.approx(-np.log(p) - np.log(q))
    assert -(0.1 * np.log(0.1) + 0.9 * np.log(0.9)) == pytest.approx(0.325, abs=5e-4)


def test_of_the_four_curves_only_the_sigmoid_has_odds_with_one_factor_per_unit_of_field():
    h = np.linspace(-3, 3, 25)
    bell = np.vectorize(math.erf)(h * math.sqrt(math.pi) / 4)
    curves = (
        (1 + np.tanh(h / 2)) / 2,
        (1 + bell) / 2,
        1 / 2 + np.arctan(math.pi * h / 4) / math.pi,
        (1 + (h / 2) / (1 + np.abs(h / 2))) / 2,
    )
    steps = [np.diff(np.log(p / (1 - p)), 2) for p in curves]
    assert [bool(np.abs(step).max() < 1e-12) for step in steps] == [True, False, False, False]
