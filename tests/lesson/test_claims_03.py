"""What lesson 3 says, computed."""

import numpy as np
import pytest

import minifnn as mf
from minifnn import lesson

ALIVE = lesson.exercise("3.4").solution
NAMES = ("sigmoid", "tanh", "relu", "esp")


def last_layer(name, rule, beta=1.0, depth=40, width=100, seed=0):
    """Size and spread of the fields at the last of many layers, as the lesson measures them."""
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(50, width))
    for _ in range(depth):
        if rule == "yours":
            W = ALIVE(rng.normal(size=(width, width)), a)
        else:
            W = mf.initialise.INITIALISERS[rule](rng, width, width)
        h = a @ W
        a = mf.activations.ACTIVATIONS[name](h, beta)
    return np.sqrt(np.mean(h**2)), np.sqrt(np.mean(h.var(axis=0)))


def test_the_forty_layers_of_the_first_page_are_dead_and_without_gates_alive():
    x = np.random.default_rng(2).normal(size=(4, 10))
    deep = mf.mlp([10] + [100] * 40 + [1], hidden="esp", init="xavier", seed=1)
    assert np.abs(deep.logits(x)).max() < 1e-11
    size = [np.sqrt(np.mean(x**2))]
    for dense, _ in deep.layers[:40]:
        x = x @ dense.W
        size.append(np.sqrt(np.mean(x**2)))
    assert size[1] / size[0] == pytest.approx(np.sqrt(20 / 110), abs=0.03)  # 0.43
    assert round(size[-1], 2) == 0.23


@pytest.mark.parametrize("seed", range(3))
def test_what_is_left_at_layer_forty(seed):
    size, spread = {}, {}
    for rule in ("xavier", "he", "yours"):
        for name in NAMES:
            size[rule, name], spread[rule, name] = last_layer(name, rule, seed=seed)
    assert size["xavier", "esp"] < 1e-10 and size["he", "esp"] < 1e-3
    assert size["xavier", "relu"] < 1e-4 and size["he", "relu"] > 0.1
    assert 0.7 < spread["yours", "esp"] and 0.1 < spread["yours", "relu"] < 0.5
    for rule in ("xavier", "he", "yours"):
        first = {"he": np.sqrt(2)}.get(rule, 1)
        assert size[rule, "sigmoid"] > 0.45 * first and spread[rule, "sigmoid"] < 1e-12
        assert spread[rule, "sigmoid"] == min(spread[rule, name] for name in NAMES)
    assert 0.05 < size["xavier", "tanh"] < 0.15 and size["yours", "tanh"] > 0.7
    assert 0.7 < size["he", "tanh"] < 1 and 0.1 < spread["he", "relu"] / size["he", "relu"] < 0.5
    assert all(0.7 < size["yours", name] < 1.3 for name in NAMES)
    assert size["xavier", "sigmoid"] == pytest.approx(0.5, abs=0.1)
    assert size["he", "sigmoid"] == pytest.approx(0.7, abs=0.1)
    assert 0.35 < np.log(size["he", "esp"]) / np.log(size["xavier", "esp"]) < 0.55
    share = (size["he", "esp"] / np.sqrt(2)) ** (2 / 39) / 2  # per layer; He doubles the power
    assert 0.25 < share < 0.33
    esp, relu = (spread["yours", name] / size["yours", name] for name in ("esp", "relu"))
    assert esp > 2 * relu > 0 and spread["yours", "sigmoid"] < relu


def test_the_power_that_passes_and_the_variance_that_makes_up_for_it():
    half = np.abs(np.random.default_rng(6).normal(size=5_000))
    h = np.concatenate([half, -half])
    for beta, expected in ((0.01, 4.0), (1.0, 2.81), (100.0, 2.0)):
        esp = mf.activations.esp.derivatives(h, beta)
        assert np.mean(esp.f**2) == pytest.approx(np.mean(h**2) / 2 - esp.beta.mean(), rel=1e-12)
        assert np.mean(h**2) / np.mean(esp.f**2) == pytest.approx(expected, abs=0.01)


def test_the_fields_have_power_one_on_average_over_the_draws():
    rng = np.random.default_rng(0)
    a = rng.normal(size=(7, 5)) + 0.7
    power = [np.mean((a @ ALIVE(rng.normal(size=(5, 4)), a)) ** 2) for _ in range(20_000)]
    assert np.mean(power) == pytest.approx(1, abs=5 * np.std(power) / np.sqrt(len(power)))


def forty_layers(rule, seed=1, epochs=200, eps=1e-8):
    """The size of the logits at the start, and the score after training."""
    moons, init = mf.datasets.moons(), "he" if rule == "he" else "xavier"
    net = mf.mlp([2] + [20] * 40 + [1], hidden="esp", init=init, seed=seed)
    rng, a = np.random.default_rng(seed), moons.X_train
    for dense, gate in net.layers if rule == "yours" else ():
        dense.W[:] = ALIVE(rng.normal(size=dense.W.shape), a)
        a = gate.activation(a @ dense.W + dense.b, gate.beta)
    size = np.sqrt(np.mean(net.logits(moons.X_train) ** 2))
    adam = mf.optimise.Adam(1e-3, eps=eps)
    history = mf.train(net, moons.X_train, moons.Y_train, epochs=epochs, optimizer=adam)
    return size, history["train_score"][-1]


@pytest.mark.parametrize("seed", range(1, 6))
def test_forty_layers_learn_with_he_and_the_readers_weights_and_not_with_xaviers(seed):
    size, score = zip(*(forty_layers(rule, seed) for rule in ("xavier", "he", "yours")))
    assert size[0] < 1e-11 and 1e-8 < size[1] < 1e-5 and 0.1 < size[2] < 10
    assert score[0] < 0.6 and min(score[1:]) > 0.98


def test_xaviers_signal_is_lost_because_it_is_below_adams_epsilon():
    assert forty_layers("xavier", epochs=800)[1] < 0.6
    assert forty_layers("xavier", eps=1e-20)[1] > 0.8


def test_conserving_weights_keep_the_total_and_make_units_alike():
    rng = np.random.default_rng(4)
    x = rng.uniform(size=(3, 50))
    h = x @ lesson.exercise("3.6").solution(rng.uniform(size=(50, 50)))
    assert np.allclose(h.sum(axis=1), x.sum(axis=1), rtol=1e-13, atol=0)
    assert h.std(axis=1).mean() / h.mean() < 0.2 * x.std(axis=1).mean() / x.mean()


def in_another_way(x, layers):
    for k, (W, b, beta) in enumerate(layers, start=1):
        u = beta * (np.dot(x, W) + b)
        x = u if k == len(layers) else u / beta * (0.5 + 0.5 * np.tanh(u / 2))
    return x


def by_slices(theta, D, H, K):
    first, second = theta[: D * H + 2 * H], theta[D * H + 2 * H :]
    W1, b1, beta1 = first[: D * H].reshape(D, H), *first[D * H :].reshape(2, H)
    return W1, b1, beta1, second[: H * K].reshape(H, K), *second[H * K :].reshape(2, K)


RIGHT = [
    ("3.1", lambda x, W, b: np.einsum("ni,ij->nj", x, W) + b),
    ("3.1", lambda x, W, b: (W.T @ x.T + b[:, None]).T),
    ("3.2", in_another_way),
    ("3.4", lambda R, a: R / np.sqrt((a**2).sum() / len(a))),
    ("3.4", lambda R, a: R * np.sqrt(len(a)) / np.linalg.norm(a)),
    ("3.5", by_slices),
    ("3.6", lambda V: (V.T / V.sum(axis=1)).T),
    ("3.6", lambda V: np.array([row / sum(row) for row in V])),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_a_right_answer_in_another_form_is_right(number, answer):
    assert lesson.check(number, answer)
