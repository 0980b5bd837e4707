"""What lesson 4 says, computed."""

import re
from math import comb
from pathlib import Path

import numpy as np
import pytest

import minifnn as mf
from minifnn import lesson

SOURCE = Path(__file__).parents[2] / "lessons" / "source" / "04_loss.py"
SURPRISE, LOSS, GRADIENT, CURVATURE, SHIFT = (
    lesson.exercise(number).solution for number in ("4.1", "4.3", "4.4", "4.5", "4.6")
)


def textbook(o, y):
    with np.errstate(all="ignore"):
        p = 1 / (1 + np.exp(-o))
        return np.mean(-y * np.log(p) - (1 - y) * np.log(1 - p))


def test_the_table_at_the_top_is_what_the_textbooks_formula_gives():
    rows = re.findall(r"^# \| \d,000 \| (\d+) \| [\d.]+ \| (\S+) \|", SOURCE.read_text(), re.M)
    assert [f"{textbook(float(o), 1.0):.2g}" for o, _ in rows] == [loss for _, loss in rows]
    assert rows[-1][1] == "nan" and len(rows) == 3
    assert np.isinf(textbook(40.0, 0.0))  # the dog of 4.2, and its cat
    assert -np.log(1 / (1 + np.exp(40.0))) == pytest.approx(40, rel=1e-15)


def test_the_numbers_of_one_gate():
    o = np.array([[2.0]])
    assert SURPRISE(o, 1.0).item() == pytest.approx(0.13, abs=0.005)
    assert SURPRISE(o, 0.0).item() == pytest.approx(2.13, abs=0.005)
    assert GRADIENT(o, np.zeros((1, 1))).item() == pytest.approx(0.88, abs=0.005)


def test_the_losses_are_minus_the_logarithm_of_what_is_probable():
    rng = np.random.default_rng(4)
    o, y = rng.normal(size=(5, 3)), (rng.random((5, 3)) < 0.5).astype(float)
    p = 1 / (1 + np.exp(-o))
    assert np.exp(-15 * LOSS(o, y)) == pytest.approx(np.prod(np.where(y == 1, p, 1 - p)))
    assert np.exp(-15 * SURPRISE(o, y).mean()) == pytest.approx(np.exp(-15 * LOSS(o, y)))
    one = np.eye(3)[[0, 2, 1, 1, 0]]
    odds = np.exp(o) / np.exp(o).sum(axis=1, keepdims=True)
    assert np.exp(-5 * mf.losses.categorical.value(o, one)) == pytest.approx(
        np.prod((odds * one).sum(axis=1))
    )


def test_the_readers_functions_are_the_librarys():
    rng = np.random.default_rng(0)
    o, y = rng.normal(size=(5, 3)), (rng.random((5, 3)) < 0.5).astype(float)
    o[0, 0], o[1, 1] = 800.0, -800.0
    bernoulli, categorical = mf.losses.bernoulli, mf.losses.categorical
    assert LOSS(o, y) == pytest.approx(bernoulli.value(o, y), rel=1e-14)
    assert np.allclose(GRADIENT(o, y), bernoulli.gradient(o, y), rtol=0, atol=1e-16)
    assert np.allclose(CURVATURE(o), categorical.curvature(o, y), rtol=0, atol=1e-16)
    assert np.allclose(CURVATURE(o) @ np.ones(3), 0, atol=1e-16)
    assert np.linalg.eigvalsh(CURVATURE(o)).min() > -1e-16


def test_a_gate_learns_and_only_the_textbooks_loss_is_lost():
    data = mf.datasets.linear()
    x, y = data.X_train - data.X_train.mean(axis=0), data.Y_train
    W, b = np.zeros((2, 1)), np.zeros(1)
    yours, by_p = [], []
    for _ in range(1000):
        o = x @ W + b
        yours.append(LOSS(o, y))
        by_p.append(textbook(o, y))
        do = GRADIENT(o, y)
        W, b = W - 50 * x.T @ do, b - 50 * do.sum(axis=0)
    assert np.all(np.diff(yours) < 0) and np.all((o > 0) == y)
    lost = np.flatnonzero(np.isnan(by_p))
    assert 100 < lost[0] < 900 and len(lost) == 1000 - lost[0]
    by_p, score, V, c = [], [], np.zeros((2, 1)), np.zeros(1)
    with np.errstate(all="ignore"):
        for _ in range(1000):
            o = x @ V + c
            p = 1 / (1 + np.exp(-o))
            do = (-y / p + (1 - y) / (1 - p)) * p * (1 - p) / y.size
            V, c = V - 50 * x.T @ do, c - 50 * do.sum(axis=0)
            by_p.append(textbook(o, y))
            score.append(np.mean((o > 0) == y))
            assert np.isnan(V).all() == np.isnan(c).all() == np.isnan(by_p[-1])
    first = np.flatnonzero(np.isnan(by_p))[0]
    assert first == lost[0] and score[first] == 1 and set(score[first + 1 :]) == {np.mean(y == 0)}
    assert round(np.mean(y == 0), 2) == 0.55


def test_what_pytorch_calls_them():
    torch = pytest.importorskip("torch")
    o, y = torch.tensor([[200.0]]).double(), torch.zeros(1, 1).double()
    functional = torch.nn.functional
    assert functional.binary_cross_entropy_with_logits(o, y) == 200 == LOSS(o.numpy(), y.numpy())
    assert torch.nn.BCELoss()(torch.sigmoid(o), y) == 100
    o, y = torch.tensor([[1.0, 2.0, -1.0]]).double(), torch.tensor([1])
    softmax = functional.cross_entropy(o, y).item()
    truth = np.array([[0.0, 1.0, 0.0]])
    assert softmax == pytest.approx(mf.losses.categorical.value(o.numpy(), truth))


def test_the_saddle_point_and_every_path_give_what_is_counted():
    o, y = -1.0, 0.6

    def counted(N):
        k, p = round(N * y), 1 / (1 + np.exp(-o))
        return comb(N, k) * p**k * (1 - p) ** (N - k)

    def g(t):
        return np.log((1 + np.exp(o + t)) / (1 + np.exp(o))) - t * y

    phi = np.linspace(-np.pi, np.pi, 2000, endpoint=False)
    for c in (0.0, 0.7, 1.41):
        assert np.mean(np.exp(20 * g(c + 1j * phi))) == pytest.approx(counted(20), rel=1e-9)
    t = SHIFT(o, y)
    off = [np.exp(N * g(t)) / np.sqrt(2 * np.pi * N * 0.24) / counted(N) - 1 for N in (5, 80, 320)]
    assert off[0] > off[1] > off[2] > 0 and off[2] < 1e-3
    entropy = -y * np.log(y) - (1 - y) * np.log(1 - y)
    assert -g(t) == pytest.approx(np.log1p(np.exp(o)) - y * o - entropy, rel=1e-13)


def test_the_answers_to_think_about():
    o = np.log(1.5)
    loss = LOSS(np.full((5, 1), o), np.array([[1.0], [1], [1], [0], [0]]))
    assert (round(o, 3), round(loss, 3), round(-np.log(1e-15), 1)) == (0.405, 0.673, 34.5)


def softmax(o):
    odds = np.exp(o - o.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


RIGHT = [
    ("4.1", lambda o, y: -np.log(np.where(y == 1, 1, np.exp(-o)) / (1 + np.exp(-o)))),
    ("4.1", lambda o, y: np.log1p(np.exp((1 - 2 * y) * o))),
    ("4.3", lambda o, y: np.mean(np.logaddexp(0, o) - y * o)),
    ("4.3", lambda o, y: np.mean((o + abs(o)) / 2 + np.log(1 + np.exp(-abs(o))) - y * o)),
    ("4.4", lambda o, y: (0.5 * (1 + np.tanh(o / 2)) - y) / o.size),
    ("4.4", lambda o, y: (np.exp(-np.logaddexp(0, -o)) - y) / y.size),
    ("4.5", lambda o: np.array([np.diag(p) - np.outer(p, p) for p in softmax(o)]) / len(o)),
    ("4.5", lambda o: softmax(o)[:, :, None] * (np.eye(len(o[0])) - softmax(o)[:, None]) / len(o)),
    ("4.6", lambda o, y: -np.log(1 / y - 1) - o),
    ("4.6", lambda o, y: 2 * np.arctanh(2 * y - 1) - o),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_a_right_answer_in_another_form_is_right(number, answer):
    assert lesson.check(number, answer)


OVERFLOWING = [
    ("4.3", lambda o, y: np.mean(np.log(1 + np.exp(o)) - y * o)),
    ("4.3", lambda o, y: np.mean(np.where(o > 0, o, 0) + np.log(1 + np.exp(-o)) - y * o)),
    ("4.4", lambda o, y: (1 / (1 + np.exp(-o)) - y) / o.size),
    ("4.4", lambda o, y: (np.exp(o) / (1 + np.exp(o)) - y) / o.size),
    ("4.5", lambda o: CURVATURE(np.log(np.exp(o) / np.exp(o).sum(axis=1, keepdims=True)))),
]


@pytest.mark.parametrize(("number", "answer"), OVERFLOWING)
def test_an_overflow_is_no_answer(number, answer):
    assert not lesson.check(number, answer)
