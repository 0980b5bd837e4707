"""The learner's checks: they find what is wrong, and name it."""

from dataclasses import replace

import numpy as np
import pytest
from helpers import problem

import minifnn as mf
from minifnn.layers import Dense, Gate


def test_complex_step_is_exact_where_differences_are_not():
    x = np.array([0.7, 1.3])
    exact = np.cos(x[0]) * x[1], np.sin(x[0])

    def f(z):
        return np.sin(z[0]) * z[1]

    eps, step = np.finfo(float).eps, 1e-5
    assert mf.check.complex_step(f, x) == pytest.approx(exact, rel=4 * eps)
    central = mf.check.central_differences(f, x, step)
    assert central == pytest.approx(exact, rel=step**2 + 10 * eps / step)
    assert np.abs(central - exact).max() > 10 * eps


@pytest.mark.parametrize("method", ["complex", "central"])
def test_right_derivatives_are_ok(method):
    net, X, Y = problem([2, 4, 2], "esp", "softmax")
    assert mf.check.gradient(net, X, Y, method=method).ok
    assert mf.check.hessian(net, X, Y, method=method).ok
    assert mf.check.hessian(net, X, Y, method=method, by="columns").ok


def test_gradient_near_a_minimum_is_ok_too():
    """There the samples' shares cancel, and the tolerance says by how much."""
    net, X, _ = problem([2, 8, 1], "esp", "sigmoid", N=200)
    Y = (X[:, :1] > np.sin(X[:, 1:])).astype(float)
    mf.train(net, X, Y, epochs=100, optimizer=mf.DampedNewton(), record=[])
    table = mf.check.gradient(net, X, Y)
    assert table.ok and table.tolerance > 1e-14


def wrong_sign(self, dh):
    self.dh, self.dW, self.db = dh, self.x.T @ dh, -dh.sum(axis=0)
    return dh @ self.W.T


def not_passed_on(self, dh):
    self.dh, self.dW, self.db = dh, self.x.T @ dh, dh.sum(axis=0)
    return dh @ np.abs(self.W.T)


def without_beta(self, da):
    self.da = da
    self.f_h, self.f_beta = self.activation.slopes(self.h, self.beta)
    self.dbeta = (da * self.f_beta).sum(axis=0)
    return da * self.f_h / self.beta


@pytest.mark.parametrize(
    ("layer", "backward", "guilty"),
    [(Dense, wrong_sign, "b1"), (Dense, not_passed_on, "W1"), (Gate, without_beta, "W2")],
)
def test_a_wrong_backward_pass_is_found_and_named(monkeypatch, layer, backward, guilty):
    net, X, Y = problem([3, 4, 2], "esp", "sigmoid")
    monkeypatch.setattr(layer, "backward", backward)
    table = mf.check.gradient(net, X, Y)
    assert not table.ok and table.max_error > 1e-3
    row = next(line for line in str(table).splitlines() if line.startswith(guilty + "["))
    assert float(row.split()[-1]) > 1e-3
    assert "gradient: NOT ok" in str(table)


def test_a_wrong_hessian_is_found(monkeypatch):
    flat = replace(mf.activations.esp, curvatures=lambda h, beta: (0.0, 0.0, 0.0))
    monkeypatch.setitem(mf.activations.ACTIVATIONS, "esp", flat)
    net, X, Y = problem([3, 4, 2], "esp", "sigmoid")
    for by in ("blocks", "columns"):
        assert not mf.check.hessian(net, X, Y, by=by).ok


def test_the_table_has_a_row_for_every_array():
    net, X, Y = problem([3, 4, 2], "esp", "sigmoid")
    lines = str(mf.check.gradient(net, X, Y)).splitlines()
    assert lines[0].startswith("gradient: ok, largest error ")
    assert [line.split("[")[0] for line in lines[2:]] == ["W1", "b1", "beta1", "W2", "b2", "beta2"]
    assert len(str(mf.check.hessian(net, X, Y)).splitlines()) == 2 + 36


def test_nan_is_never_ok():
    table = mf.check.Comparison("x", ["a[0]"], np.array([np.nan]), np.array([1.0]), 1e-3)
    assert not table.ok


def test_check_names_the_argument():
    net, X, Y = problem([2, 3, 1], "esp", "sigmoid")
    for check, option in (
        (mf.check.gradient, {"method": "auto"}),
        (mf.check.gradient, {"tolerance": 0}),
        (mf.check.hessian, {"by": "rows"}),
    ):
        (name,) = option
        with pytest.raises(ValueError, match=rf"^{name}\b"):
            check(net, X, Y, **option)


def test_a_check_leaves_the_layers_of_the_network_as_they_were():
    net, X, Y = problem([2, 3, 1], "esp", "sigmoid")
    g = net.loss_function.gradient(net.forward(X), Y)
    mf.check.gradient(net, X[:5], Y[:5])
    mf.check.hessian(net, X[:5], Y[:5])
    assert np.array_equal(net.backward(g), net.gradient(X, Y, engine="numpy"))
