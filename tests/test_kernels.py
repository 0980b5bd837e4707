"""The compiled twins against the code that one reads."""

import subprocess
import sys

import numpy as np
import pytest
from helpers import problem, relative_error

import minifnn as mf
from minifnn._engine import twins
from minifnn.activations import ACTIVATIONS
from minifnn.network import HIDDEN

kernels = twins("numba")
needs_numba = pytest.mark.skipif(kernels is None, reason="Numba is not there or switched off")

ROOTS = [1.2784645427610737, 1.5434046384182085, 2.3993572805154675]
SIZES = [0.0, 5e-324, 1e-310, 1e-10, 0.5, 30.0, 709.0, 745.0, 1e4, 1e150, 1e300, 1.7e308]
CORNERS = np.array(SIZES + ROOTS)


def fields(seed=0):
    """Random fields, the corners of the range, and u far out at huge h."""
    rng = np.random.default_rng(seed)
    h, beta = 3 * rng.normal(size=2000), rng.normal(size=2000)
    u = rng.uniform(-2900, 2900, size=2000)
    far = 10 ** rng.uniform(-290, 6, size=2000)
    corner_h, corner_beta = np.meshgrid(np.r_[CORNERS, -CORNERS], np.r_[CORNERS, -CORNERS])
    tame = np.abs(corner_beta) <= 1e6
    h = np.concatenate([h, np.clip(u / far, -1e300, 1e300), corner_h[tame]])
    return h, np.concatenate([beta, far, corner_beta[tame]])


@needs_numba
def test_every_activation_has_a_twin():
    assert kernels.TWINS.keys() == ACTIVATIONS.keys()
    assert kernels.COMPILED.keys() == {"sigmoid", "tanh", "esp"}


@needs_numba
@pytest.mark.parametrize("name", ["sigmoid", "tanh", "esp"])
def test_twins_agree_to_a_few_ulps(name):
    h, beta = fields()
    with np.errstate(over="ignore", under="ignore"):
        reference = ACTIVATIONS[name].derivatives(h, beta)
        compiled = kernels.COMPILED[name].derivatives(h[None, :], beta)
    for part, a, b in zip(reference._fields, compiled, reference):
        a = a[0]
        finite = np.isfinite(b)
        assert np.array_equal(a[~finite], b[~finite]), part
        a, b = a[finite], b[finite]
        assert np.all(np.abs(a - b) <= 8 * np.spacing(np.abs(b))), part


@needs_numba
@pytest.mark.parametrize("output", ["sigmoid", "softmax", "esp"])
@pytest.mark.parametrize("hidden", HIDDEN)
def test_engines_give_the_same_gradient_and_hessian(hidden, output):
    net, X, Y = problem([3, 7, 4, 2], hidden, output, True, N=30)
    gradients = [net.gradient(X, Y, engine=engine) for engine in ("numba", "numpy")]
    assert relative_error(*gradients) <= 1e-14
    for method in ("blocks", "columns"):
        both = [mf.hessian(net, X, Y, method, engine) for engine in ("numba", "numpy")]
        assert relative_error(*both) <= 1e-14
        assert np.array_equal(both[0], both[0].T)


@needs_numba
def test_packing_is_its_reference():
    from importlib import import_module

    module = import_module("minifnn.hessian")
    rng = np.random.default_rng(0)
    a, packed = rng.normal(size=(6, 5)), rng.normal(size=(6, 15))  # 3 units, 5 inputs
    assert np.array_equal(kernels.pack_outer(a), module._pack_outer(a))
    H, reference = np.zeros((20, 20)), np.zeros((20, 20))
    kernels.unpack_into(packed, H[2:17, 2:17])
    module._unpack_into(packed, reference[2:17, 2:17])
    assert np.array_equal(H, reference)
    assert H[2:17, 2:17].all()


def test_training_runs_on_either_engine():
    net, X, Y = problem([2, 5, 1], "esp", "sigmoid")
    ends = []
    for engine in ("numba", "numpy"):
        twin = net.copy()
        mf.train(twin, X, Y, epochs=50, optimizer=mf.Adam(0.01), engine=engine, curvature=True)
        ends.append(twin.theta)
    assert relative_error(*ends) < 1e-11


def test_an_unknown_engine_is_refused():
    net, X, Y = problem([2, 3, 1], "esp", "sigmoid")
    for question in (net.gradient, lambda *data, **engine: mf.hessian(net, *data, **engine),
                     lambda *data, **engine: mf.train(net, *data, **engine)):  # fmt: skip
        with pytest.raises(ValueError, match="engine is 'jax', wanted one of numba, numpy"):
            question(X, Y, engine="jax")


WITHOUT = """
import sys
{block}
import minifnn as mf
from minifnn._engine import twins
assert twins("numba") is None
net = mf.mlp([2, 3, 1])
H = mf.hessian(net, [[1.0, 2.0]], [[1.0]])
print(H.shape, mf.check.hessian(net, [[1.0, 2.0]], [[1.0]]).ok)
"""


@pytest.mark.parametrize(
    "block",
    ["sys.modules['numba'] = None", "import os; os.environ['NUMBA_DISABLE_JIT'] = '1'"],
)
def test_everything_runs_without_numba(block):
    command = [sys.executable, "-c", WITHOUT.format(block=block)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[0] == "(17, 17) True"
