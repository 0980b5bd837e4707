"""Eigenvalues, their tolerance, and what may be counted."""

import numpy as np
import pytest

import minifnn as mf

EPS = np.finfo(float).eps


def rotated(eigenvalues, seed=0):
    """A symmetric matrix with these eigenvalues."""
    n = len(eigenvalues)
    Q, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(n, n)))
    H = Q @ np.diag(eigenvalues) @ Q.T
    return (H + H.T) / 2


def test_eigenvalues_are_found_within_the_tolerance():
    true = np.array([-3.0, -1e-3, 0.0, 0.0, 1e-17, 2.0, 10.0])
    s = mf.spectrum(rotated(true))
    assert np.abs(s.eigenvalues - true).max() <= s.tolerance
    assert s.tolerance == pytest.approx(7 * EPS * 10.0)
    assert s.norm == pytest.approx(10.0)


def test_alpha_is_an_interval_and_gamma_counts_what_has_no_sign():
    s = mf.spectrum(rotated(np.array([-3.0, -1e-3, 0.0, 0.0, 1e-17, 2.0, 10.0, 4.0])))
    assert s.alpha_bounds == (2 / 8, 5 / 8)
    assert s.alpha == 2 / 8
    assert s.gamma == 3 / 8


def test_an_error_of_the_matrix_widens_the_tolerance():
    H = np.diag([-1e-3, 1.0, 2.0])
    assert mf.spectrum(H).alpha == 1 / 3
    assert mf.spectrum(H, error=0.01).alpha_bounds == (0.0, 1 / 3)
    assert mf.spectrum(H, error=0.01).tolerance == 0.01 + mf.spectrum(H).tolerance


def test_flat_is_a_curve():
    s = mf.spectrum(np.diag([-10.0, 0.0, 1e-3, 1.0]))
    assert s.flat(0.0) == 0.25
    assert s.flat(1e-3) == 0.5
    assert np.array_equal(s.flat([0.0, 1e-5, 1e-4, 0.1, 1.0]), [0.25, 0.25, 0.5, 0.75, 1.0])
    with pytest.raises(ValueError, match="r has negative entries"):
        s.flat([-1.0])


def test_published_counts_are_exact_signs_and_exact_zeros():
    s = mf.spectrum(np.diag([-1e-300, 0.0, 1e-300, 1.0]))
    assert s.published == (0.25, 0.25)
    assert (s.alpha, s.gamma) == (0.0, 0.75)


def test_zero_rows_give_exact_zeros():
    H = np.zeros((6, 6))
    H[np.ix_([1, 3, 4], [1, 3, 4])] = rotated(np.array([-1.0, 2.0, 3.0]))
    s = mf.spectrum(H)
    assert s.n_zero_rows == 3
    assert s.published.gamma == 0.5
    assert s.alpha == 1 / 6


def test_a_zero_matrix_is_all_flat():
    s = mf.spectrum(np.zeros((3, 3)))
    assert (s.alpha_bounds, s.gamma, s.flat(0.0), s.n_zero_rows) == ((0.0, 0.0), 1.0, 1.0, 3)


@pytest.mark.parametrize(
    ("H", "error", "message"),
    [
        (np.ones((2, 3)), ValueError, r"H has shape \(2, 3\), wanted a square matrix"),
        (np.ones(3), ValueError, r"H has shape \(3,\), wanted \(any, any\)"),
        (np.array([[1.0, 2.0], [3.0, 1.0]]), ValueError, "H is not symmetric"),
        (np.full((2, 2), np.nan), ValueError, r"H holds nan at \(0, 0\)"),
        (np.ones((2, 2), complex), TypeError, "H has dtype complex128"),
        (np.ones((0, 0)), ValueError, "H is empty"),
    ],
)
def test_spectrum_names_what_is_wrong(H, error, message):
    with pytest.raises(error, match=message):
        mf.spectrum(H)


def test_spectrum_refuses_what_overflows():
    with pytest.raises(ValueError, match="H has eigenvalues too large for a float"):
        mf.spectrum(np.full((2, 2), 1e308))


def test_spectrum_refuses_a_negative_error():
    with pytest.raises(ValueError, match="error is -1, wanted at least 0"):
        mf.spectrum(np.eye(2), error=-1)
