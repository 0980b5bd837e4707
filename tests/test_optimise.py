"""Optimizers: each against its formula in plain scalars, its memory, and its errors."""

import copy
from math import sqrt

import numpy as np
import pytest

from minifnn import Adam, DampedNewton, GradientDescent, Momentum

GRADIENTS = (0.5, -2.0, 3.0)  # of three steps of one parameter
FIRST_ORDER = pytest.mark.parametrize("kind", [GradientDescent, Momentum, Adam])
EVERY = pytest.mark.parametrize("kind", [GradientDescent, Momentum, Adam, DampedNewton])


def path(optimizer, gradients=GRADIENTS, start=1.0):
    """Return theta after each step, from one parameter."""
    theta, places = np.array([start]), []
    for gradient in gradients:
        optimizer.step(theta, np.array([gradient]))
        places.append(theta[0])
    return places


def step(optimizer, theta, seed):
    """One step on a random gradient, with a random symmetric Hessian if it wants one."""
    rng = np.random.default_rng(seed)
    gradient, A = rng.normal(size=theta.shape), rng.normal(size=(theta.size, theta.size))
    optimizer.step(theta, gradient, *([A + A.T] if optimizer.needs_hessian else []))


# ------------------------------------------------------------------ the first steps


def test_gradient_descent_steps_against_the_gradient():
    assert path(GradientDescent(0.1)) == pytest.approx([0.95, 1.15, 0.85], rel=1e-15)


def test_momentum_keeps_a_share_of_its_velocity():
    theta, velocity, expected = 1.0, 0.0, []
    for g in GRADIENTS:
        velocity = 0.7 * velocity - 0.1 * g
        theta = theta + velocity
        expected.append(theta)
    assert path(Momentum(0.1, 0.7)) == pytest.approx(expected, rel=1e-14)


def test_momentum_zero_is_gradient_descent():
    assert path(Momentum(0.1, 0)) == path(GradientDescent(0.1))


def adam_by_hand(rate, b1, b2, eps):
    """The paper's second form: eps beside the uncorrected sqrt(v)."""
    theta, m, v, expected = 1.0, 0.0, 0.0, []
    for t, g in enumerate(GRADIENTS):
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        corrected = rate(t) * sqrt(1 - b2 ** (t + 1)) / (1 - b1 ** (t + 1))
        theta = theta - corrected * m / (sqrt(v) + eps)
        expected.append(theta)
    return expected


@pytest.mark.parametrize("eps", [1e-8, 0.3])
def test_adam_is_its_formula(eps):
    optimizer = Adam(0.02, betas=(0.6, 0.8), eps=eps)
    assert path(optimizer) == pytest.approx(adam_by_hand(lambda t: 0.02, 0.6, 0.8, eps), rel=1e-14)


def test_adam_with_decay_is_its_formula():
    expected = adam_by_hand(lambda t: 0.02 * 0.5 ** (t / 3), 0.9, 0.999, 1e-8)
    assert path(Adam(0.02, decay=(0.5, 3))) == pytest.approx(expected, rel=1e-13)


def test_adam_unless_told_otherwise_is_that_of_the_paper():
    expected = adam_by_hand(lambda t: 0.01, 0.9, 0.999, 1e-8)
    assert path(Adam()) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("gradient", [1e-3, -4.0, 1e5])
def test_adam_corrects_its_bias_so_that_a_constant_gradient_gives_the_rate(gradient):
    """m -> g(1 - b1^k) and v -> g^2(1 - b2^k): both corrections cancel, from the first step on."""
    steps = -np.diff([1.0, *path(Adam(0.01), [gradient] * 5)])
    assert np.allclose(steps, 0.01 * np.sign(gradient), rtol=1e-3)


def test_adam_stays_where_the_gradient_is_zero():
    assert path(Adam(), [0.0, 0.0]) == [1.0, 1.0]


@FIRST_ORDER
def test_each_parameter_steps_alone(kind):
    theta, optimizer = np.ones(2), kind(0.1)
    for gradient in GRADIENTS:
        optimizer.step(theta, np.array([gradient, -2 * gradient]))
    assert theta[0] == pytest.approx(path(kind(0.1))[-1], rel=1e-14)
    alone = path(kind(0.1), [-2 * g for g in GRADIENTS])
    assert theta[1] == pytest.approx(alone[-1], rel=1e-14)


@EVERY
def test_step_changes_theta_in_place_and_leaves_the_gradient(kind):
    theta, gradient = np.ones(3), np.array([1.0, -2.0, 3.0])
    view, optimizer = theta[:], kind(0.1)
    optimizer.step(theta, gradient, *([np.eye(3)] if optimizer.needs_hessian else []))
    assert np.all(view != 1)
    assert np.array_equal(gradient, [1, -2, 3])


@EVERY
def test_every_step_is_counted(kind):
    optimizer, theta = kind(), np.ones(2)
    for t in range(3):
        assert optimizer.t == t
        step(optimizer, theta, t)
    assert optimizer.t == 3


# -------------------------------------------------------------------------- the rate


@EVERY
def test_decay_multiplies_the_rate_by_its_factor_once_a_period_and_continuously(kind):
    optimizer = kind(rate=0.01, decay=(0.9, 500))
    times = (0, 250, 500, 1000)
    expected = [0.01, 0.01 * sqrt(0.9), 0.009, 0.0081]
    assert [optimizer.rate(t) for t in times] == pytest.approx(expected, rel=1e-15)


@EVERY
def test_rate_may_be_a_function_of_the_step(kind):
    optimizer = kind(rate=lambda t: 0.1 / (1 + t))
    assert optimizer.rate(0) == 0.1
    assert optimizer.rate(4) == 0.02


@EVERY
def test_rate_is_constant_unless_told_otherwise(kind):
    optimizer = kind(rate=0.25)
    assert optimizer.rate(0) == optimizer.rate(10_000) == 0.25


def test_gradient_descent_steps_at_the_rate_of_its_step():
    assert path(GradientDescent(1.0, decay=(0.5, 1)), [1, 1, 1]) == [0.0, -0.5, -0.75]
    assert path(GradientDescent(lambda t: 1 + t), [1, 1, 1]) == [0.0, -2.0, -5.0]


def test_momentum_steps_at_the_rate_of_its_step():
    """Velocities -1, -0.5 - 0.5, -0.5 - 0.25."""
    assert path(Momentum(1.0, 0.5, decay=(0.5, 1)), [1, 1, 1]) == [0.0, -1.0, -1.75]


@pytest.mark.parametrize(
    ("kind", "rate"), [(GradientDescent, 0.1), (Momentum, 0.1), (Adam, 0.01), (DampedNewton, 1.0)]
)
def test_rate_unless_given_is_that_of_the_signature(kind, rate):
    assert kind().rate(0) == kind().rate(500) == rate


# ------------------------------------------------------------------------ the memory


@EVERY
def test_restored_optimizer_goes_on_as_the_first_would_have(kind):
    settings = {"rate": 0.05, "decay": (0.5, 3)}
    first, theta = kind(**settings), np.linspace(-1, 1, 4)
    for t in range(3):
        step(first, theta, t)
    second, twin = kind(**settings), theta.copy()
    second.restore(first.state())
    for t in range(3, 6):
        step(first, theta, t)
        step(second, twin, t)
        assert np.array_equal(theta, twin)
    assert second.t == 6


@EVERY
def test_an_optimizer_restored_to_its_start_starts_again(kind):
    optimizer = kind(rate=0.05, decay=(0.5, 3))
    start, first, second = optimizer.state(), np.ones(4), np.ones(4)
    for theta in (first, second):
        for t in range(3):
            step(optimizer, theta, t)
        optimizer.restore(start)
        assert optimizer.t == 0
    assert np.array_equal(first, second)


@EVERY
def test_state_is_not_changed_by_further_steps(kind):
    optimizer, theta = kind(), np.ones(3)
    step(optimizer, theta, 0)
    state = optimizer.state()
    before = copy.deepcopy(state)
    step(optimizer, theta, 1)
    other = kind()
    other.restore(state)
    step(other, theta, 2)
    assert state.keys() == before.keys()
    for name in state:
        assert np.array_equal(state[name], before[name])


@pytest.mark.parametrize(
    ("kind", "memory"),
    [
        (GradientDescent, set()),
        (Momentum, {"velocity"}),
        (Adam, {"m", "v"}),
        (DampedNewton, set()),
    ],
)
def test_state_holds_the_step_and_what_is_remembered(kind, memory):
    optimizer, theta = kind(), np.ones(3)
    assert optimizer.state() == {"t": 0}
    step(optimizer, theta, 0)
    state = optimizer.state()
    assert set(state) == {"t"} | memory
    assert state["t"] == 1
    assert all(state[name].shape == (3,) for name in memory)


def test_two_optimizers_share_no_memory():
    first, second = Adam(), Adam()
    path(first)
    assert path(second) == path(Adam())


# --------------------------------------------------------------------- damped Newton


def quadratic(eigenvalues, seed=0):
    """Return H with these eigenvalues and a start theta; loss theta H theta/2, least at 0."""
    rng = np.random.default_rng(seed)
    Q, _ = np.linalg.qr(rng.normal(size=(len(eigenvalues), len(eigenvalues))))
    return Q @ np.diag(eigenvalues) @ Q.T, rng.normal(size=len(eigenvalues))


def test_damped_newton_solves_a_quadratic_in_one_step():
    H, theta = quadratic([0.1, 1.0, 5.0, 100.0])
    DampedNewton(damping=1e-12, radius=100.0).step(theta, H @ theta, H)
    assert np.abs(theta).max() < 1e-10


def test_damped_newton_is_its_formula_along_each_eigenvector():
    """Along an eigenvector v: rate * g/(|lambda| + damping)."""
    eigenvalues, gradient = np.array([-3.0, 0.0, 0.5]), np.array([0.2, -0.4, 0.6])
    Q, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))
    theta, H = np.zeros(3), Q @ np.diag(eigenvalues) @ Q.T
    DampedNewton(damping=0.25, radius=100.0, rate=0.5).step(theta, Q @ gradient, H)
    expected = [-0.5 * 0.2 / 3.25, 0.5 * 0.4 / 0.25, -0.5 * 0.6 / 0.75]
    assert Q.T @ theta == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_damped_newton_goes_downhill_where_the_hessian_is_indefinite(seed):
    H, theta = quadratic([-4.0, -0.1, 1e-9, 2.0, 7.0], seed)
    start, gradient = theta.copy(), H @ theta
    DampedNewton(radius=0.5).step(theta, gradient, H)
    assert (theta - start) @ gradient < 0
    assert theta @ H @ theta < start @ H @ start


def test_damped_newton_escapes_the_saddle_that_newton_climbs_to():
    H, theta = quadratic([-4.0, -0.1, 0.5, 2.0, 7.0])
    newton, optimizer = theta - np.linalg.solve(H, H @ theta), DampedNewton(radius=0.5)
    assert np.abs(newton).max() < 1e-12
    for _ in range(50):
        optimizer.step(theta, H @ theta, H)
    assert theta @ H @ theta < -100


def test_damped_newton_leaves_a_saddle_along_the_way_down():
    """At (1e-3, 1e-3) of (y^2 - x^2)/2: y falls to 0, x grows, twofold without damping."""
    theta, H = np.array([1e-3, 1e-3]), np.diag([-1.0, 1.0])
    DampedNewton(damping=1e-9).step(theta, H @ theta, H)
    assert theta == pytest.approx([2e-3, 0], abs=1e-10)


def test_damped_newton_takes_no_step_longer_than_its_radius():
    for size, length in ((1e-3, 1e-3), (0.5, 0.5), (2.0, 0.75), (1e9, 0.75)):
        theta, gradient = np.zeros(3), size * np.array([0.6, 0, -0.8])
        DampedNewton(damping=1e-12, radius=0.75).step(theta, gradient, np.eye(3))
        assert np.linalg.norm(theta) == pytest.approx(length, rel=1e-9)
        assert theta / np.linalg.norm(theta) == pytest.approx([-0.6, 0, 0.8], abs=1e-12)


def test_damped_newton_steps_by_gradient_over_damping_where_all_is_flat():
    theta = np.zeros(2)
    DampedNewton(damping=0.5, radius=100.0).step(theta, np.array([1.0, -2.0]), np.zeros((2, 2)))
    assert theta == pytest.approx([-2, 4], rel=1e-15)


def test_damped_newton_stays_where_the_gradient_is_zero():
    theta = np.ones(2)
    DampedNewton().step(theta, np.zeros(2), -np.eye(2))
    assert np.array_equal(theta, [1, 1])


def test_damped_newton_steps_at_the_rate_of_its_step():
    theta, optimizer = np.array([1.0]), DampedNewton(damping=1e-12, radius=9.0, decay=(0.5, 1))
    places = []
    for _ in range(3):
        optimizer.step(theta, np.array([1.0]), np.eye(1))
        places.append(theta[0])
    assert places == pytest.approx([0, -0.5, -0.75], abs=1e-11)


def test_only_damped_newton_needs_the_hessian():
    assert [kind.needs_hessian for kind in (GradientDescent, Momentum, Adam, DampedNewton)] == [
        False,
        False,
        False,
        True,
    ]


# ------------------------------------------------------------------- words and errors


def test_repr_says_the_settings():
    assert repr(GradientDescent(0.5)) == "GradientDescent(rate=0.5, decay=None)"
    assert repr(Momentum(0.5, 0.8)) == "Momentum(rate=0.5, decay=None, momentum=0.8)"
    assert repr(Adam(decay=(0.9, 500))) == (
        "Adam(rate=0.01, decay=(0.9, 500), betas=(0.9, 0.999), eps=1e-08)"
    )
    assert repr(DampedNewton()) == "DampedNewton(rate=1.0, decay=None, damping=0.01, radius=1.0)"
    assert "rate=a function of t" in repr(Adam(lambda t: 0.1))


@EVERY
@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"rate": 0}, ValueError, r"rate: expected .*above 0.*, got 0"),
        ({"rate": -0.1}, ValueError, r"rate: expected .*above 0.*, got -0.1"),
        ({"rate": np.nan}, ValueError, r"rate: expected .*above 0.*, got nan"),
        ({"rate": np.inf}, ValueError, r"rate: expected .*a finite number.*, got inf"),
        ({"rate": 10**400}, ValueError, "rate: expected a finite number above 0, got inf"),
        ({"rate": "0.1"}, TypeError, r"rate: expected .*a number.*, got '0.1'"),
        ({"rate": True}, TypeError, r"rate: expected .*a number.*, got True"),
        ({"rate": None}, TypeError, r"rate: expected .*a number.*, got None"),
        ({"rate": 0, "decay": (0.9, 5)}, ValueError, r"rate: expected .*above 0.*, got 0"),
        ({"decay": 0.9}, ValueError, r"decay: expected .*\(factor, period\).*, got 0.9"),
        ({"decay": (0.9,)}, ValueError, r"decay: expected .*\(factor, period\).*, got \(0.9,\)"),
        (
            {"decay": (1, 2, 3)},
            ValueError,
            r"decay: expected .*\(factor, period\).*, got \(1, 2, 3\)",
        ),
        ({"decay": (0, 500)}, ValueError, r"decay\[0\]: expected .*above 0.*, got 0"),
        ({"decay": ("a", 500)}, TypeError, r"decay\[0\]: expected .*a number.*, got 'a'"),
        ({"decay": (0.9, 0)}, ValueError, r"decay\[1\]: expected .*above 0.*, got 0"),
        ({"decay": (0.9, None)}, TypeError, r"decay\[1\]: expected .*a number.*, got None"),
        (
            {"rate": lambda t: 0.1, "decay": (0.9, 500)},
            ValueError,
            r"decay: expected None beside a rate that is a function of t, got \(0.9, 500\)",
        ),
    ],
)
def test_bad_rate_or_decay_is_refused(kind, settings, error, message):
    with pytest.raises(error, match=f"^{message}$"):
        kind(**settings)


@pytest.mark.parametrize(
    ("kind", "settings", "error", "message"),
    [
        (Momentum, {"momentum": 1}, ValueError, r"momentum: expected .*below 1.*, got 1"),
        (Momentum, {"momentum": -0.1}, ValueError, r"momentum: expected .*at least 0.*, got -0.1"),
        (Momentum, {"momentum": None}, TypeError, r"momentum: expected .*a number.*, got None"),
        (Adam, {"betas": 0.9}, ValueError, r"betas: expected .*\(b1, b2\).*, got 0.9"),
        (Adam, {"betas": (0.9,)}, ValueError, r"betas: expected .*\(b1, b2\).*, got \(0.9,\)"),
        (Adam, {"betas": (1, 0.9)}, ValueError, r"betas\[0\]: expected .*below 1.*, got 1"),
        (Adam, {"betas": (-1, 0.9)}, ValueError, r"betas\[0\]: expected .*at least 0.*, got -1"),
        (Adam, {"betas": (0.9, 1.0)}, ValueError, r"betas\[1\]: expected .*below 1.*, got 1.0"),
        (Adam, {"betas": (0.9, "b")}, TypeError, r"betas\[1\]: expected .*a number.*, got 'b'"),
        (Adam, {"eps": 0}, ValueError, r"eps: expected .*above 0.*, got 0"),
        (Adam, {"eps": None}, TypeError, r"eps: expected .*a number.*, got None"),
        (DampedNewton, {"damping": 0}, ValueError, r"damping: expected .*above 0.*, got 0"),
        (DampedNewton, {"damping": "a"}, TypeError, r"damping: expected .*a number.*, got 'a'"),
        (DampedNewton, {"radius": 0}, ValueError, r"radius: expected .*above 0.*, got 0"),
        (
            DampedNewton,
            {"radius": np.inf},
            ValueError,
            r"radius: expected .*a finite number.*, got inf",
        ),
        (DampedNewton, {"radius": None}, TypeError, r"radius: expected .*a number.*, got None"),
    ],
)
def test_bad_setting_is_refused(kind, settings, error, message):
    with pytest.raises(error, match=f"^{message}$"):
        kind(**settings)
