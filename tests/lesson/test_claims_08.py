"""What lesson 8, and the end of lesson 7, say of their own results, computed."""

import numpy as np
import pytest

import minifnn as mf
from minifnn import lesson

DATA = mf.datasets.nonlinear()
X, Y = DATA.X_train, DATA.Y_train
HIDDEN = ("W1", "b1", "beta1", "W2")


def six_slips(net):
    """The gradient by name, right and with each of the slips of exercise 8.7."""
    values = net.parameters
    net.forward(X)
    p = net.predict(X)
    do = (p - Y) / Y.size
    found = {
        "no 1/NK": net.split(net.backward(do * Y.size)),
        "p(1-p) too much": net.split(net.backward(do * p * (1 - p))),
    }
    found["right"] = right = net.split(net.backward(do))
    gate, beta2 = net.layers[0].gate, values["beta2"]
    found["beta2 left out"] = {n: d if n == "beta2" else d / beta2 for n, d in right.items()}
    s = 1 / (1 + np.exp(-values["beta1"] * gate.h))
    dh1 = gate.da * (s + gate.h * s * (1 - s))
    found["h for u"] = right | {"W1": X.T @ dh1, "b1": dh1.sum(axis=0)}
    found["db1 a mean"] = right | {"b1": right["b1"] / len(X)}
    dbeta1 = (gate.da * gate.f_h * gate.f_beta).sum(axis=0)
    found["dbeta1 from dh1"] = right | {"beta1": dbeta1}
    return found


@pytest.mark.parametrize("seed", range(5))
def test_the_gauge_sees_the_inside_of_the_hidden_layer_and_nothing_else(seed):
    net = mf.mlp([2, 10, 1], "esp", trainable_beta=True)
    net.theta[:] = np.random.default_rng(seed).normal(size=52)
    values = net.parameters
    along = lesson.exercise("8.6").solution
    caught, by_the_output = set(), set()
    for name, slopes in six_slips(net).items():
        total = along(*(values[n] for n in HIDDEN), *(slopes[n] for n in HIDDEN))
        if np.abs(total).max() > 1e-10 * np.abs(values["W2"] * slopes["W2"]).max():
            caught.add(name)
        of_output = (values["W2"] * slopes["W2"]).sum() + values["b2"] * slopes["b2"]
        of_output -= values["beta2"] * slopes["beta2"]
        if np.abs(of_output) > 1e-10 * np.abs(values["W2"] * slopes["W2"]).sum():
            by_the_output.add(name)
    assert caught == {"h for u", "db1 a mean", "dbeta1 from dh1"}
    assert len(caught) == lesson.exercise("8.7").solution
    assert by_the_output == {"beta2 left out"}


def test_the_unit_with_the_larger_beta_is_the_less_sure_one():
    net = mf.mlp([2, 10, 1], "esp", beta=("normal", 0.004), seed=1)
    mf.train(net, X, Y, 2300, mf.Adam(0.01, decay=(0.9, 500)), record=[])
    W, b, beta, *_ = net.parameters.values()
    S = mf.energy.entropy(X @ W + b, beta).mean(axis=0)
    second, first = np.argsort(beta)[-2:]
    assert round(beta[first]) == 9 and round(beta[second]) == 5 and S[first] > S[second]
    assert lesson.exercise("8.12").solution == "5"


def ended(seeds, hidden, rate, **more):
    """The final loss and the largest parameter of published trainings, at a rate."""
    ends = []
    for seed in seeds:
        net = mf.mlp([2, 10, 1], hidden, seed=seed, **more)
        mf.train(net, X, Y, 2300, mf.Adam(rate, decay=(0.9, 500)), record=[])
        ends.append((net.loss(X, Y), np.abs(net.theta).max()))
    return np.transpose(ends)


def lost(*what, **more):
    return ended(*what, **more)[0]


def test_what_a_larger_rate_does_to_the_lead_of_esp_and_of_a_trained_beta():
    noise = {"beta": ("normal", 0.004)}
    wins, leads, last, shares = [], [], {}, []
    for rate in (0.01, 0.1):
        trained = lost(range(16), "esp", rate, **noise)
        fixed, largest = ended(range(16), "esp", rate, trainable_beta=False)
        last["fixed"] = fixed
        shares.append(largest / lesson.exercise("8.10").solution(rate, 0.9, 500, 2300))
        wins.append((trained < fixed).sum())
        for hidden in ("sigmoid", "tanh", "relu"):
            last[hidden] = np.median(lost(range(8), hidden, rate))
        leads.append(last["sigmoid"] / np.median(trained[:8]))
    assert wins[0] == lesson.exercise("8.9").solution
    assert abs(wins[1] - lesson.exercise("8.11").solution) <= 2
    assert np.median(shares[0]) > 0.75 and np.median(shares[1]) < 0.33 and max(shares[1]) < 0.5
    assert leads[0] > 2 and 1 < leads[1] < 0.8 * leads[0]  # 7.12: it shrinks
    assert np.median(last["fixed"][:8]) > max(last["sigmoid"], last["tanh"])
    assert last["relu"] > 0.9 * np.median(lost(range(8), "relu", 0.01))  # it gains little
