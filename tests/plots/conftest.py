"""What the figures are drawn of: four small networks, trained once."""

from types import SimpleNamespace

import numpy as np
import pytest

import minifnn as mf


@pytest.fixture(scope="session")
def made():
    """Data X, Y; nets, histories, spectra by activation; the eigenvectors of ESP's Hessian."""
    rng = np.random.default_rng(3)
    X = rng.uniform(0, 1, size=(60, 2))
    Y = (X[:, 1:] > 0.5 + 0.2 * np.sin(7 * X[:, :1])).astype(float)
    nets, histories, spectra = {}, {}, {}
    for name in ("esp", "relu", "sigmoid", "tanh"):
        beta = ("normal", 0.004) if name == "esp" else 1.0
        nets[name] = net = mf.mlp([2, 4, 1], hidden=name, beta=beta, seed=1)
        test = {"X_test": X[:20], "Y_test": Y[:20]}
        histories[name] = mf.train(net, X, Y, epochs=120, curvature=True, **test)
        spectra[name] = mf.spectrum(mf.hessian(net, X, Y))
    vectors = np.linalg.eigh(mf.hessian(nets["esp"], X, Y))[1]
    drawn = {"nets": nets, "histories": histories, "spectra": spectra, "vectors": vectors}
    return SimpleNamespace(X=X, Y=Y, **drawn)
