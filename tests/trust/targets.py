"""The public functions: how each is called rightly, once with every argument.

Left out are what works inside of these, on arrays that have been checked
(layers, the three functions of a loss, an optimizer's step), what only draws
`reproduce`'s own results, and a History's names, which are those of a dict.
"""

import contextlib
import tempfile
from pathlib import Path

import numpy as np
from scipy.io import savemat

import minifnn as mf
from minifnn import lesson
from minifnn.curvature import lanczos, theorems
from minifnn.energy import entropy, free_energy, gate_cumulants, log_partition
from minifnn.experiments import paper
from minifnn.experiments.seeds.run import Block, carry_out

X = np.random.default_rng(0).normal(size=(7, 2))
Y = (X[:, :1] > 0).astype(float)
H = np.diag([2.0, 1.0, 0.0, -1.0])


FOLDER = tempfile.TemporaryDirectory()  # of a file to read, until the process ends


def mat_file():
    """The path of a right MATLAB file."""
    path = Path(FOLDER.name) / "x.mat"
    savemat(path, {"X": X, "y": Y})
    return path


def net():
    """A new network, small."""
    return mf.mlp([2, 3, 1], seed=1)


def method(name):
    """A method of a new network."""
    return lambda **arguments: getattr(net(), name)(**arguments)


def set_theta(theta):
    net().theta = theta


def set_parameter(W1):
    net().parameters["W1"] = W1


def made():
    """Return {name: (function, right arguments)}."""
    return {
        **networks(),
        **derivatives(),
        **gates(),
        **data_and_rates(),
        **experiments(),
        **of_lessons(),
        **drawings(),
        **bridges(),
    }


def networks():
    problem = {"X": X, "Y": Y}
    options = {"epochs": 3, "X_test": X, "Y_test": Y, "batch_size": 4, "record": [0, 2],
               "seed": 0, "engine": "numpy", "optimizer": mf.Adam(0.1), "checkpoint": "c.npz",
               "curvature": True}  # fmt: skip

    def train(net=None, **arguments):
        own = {"optimizer": mf.Adam(0.1)} if arguments["optimizer"] is options["optimizer"] else {}
        return mf.train(net, **{**arguments, **own})

    return {
        "mlp": (mf.mlp, {"sizes": [2, 3, 1], "hidden": "esp", "output": "sigmoid", "seed": 0,
                         "init": "xavier", "beta": 1.0, "trainable_beta": None}),
        "Network.logits": (method("logits"), {"X": X}),
        "Network.predict": (method("predict"), {"X": X}),
        "Network.loss": (method("loss"), problem),
        "Network.gradient": (method("gradient"), {**problem, "engine": "numpy"}),
        "Network.score": (method("score"), problem),
        "Network.with_theta": (method("with_theta"), {"theta": np.zeros(17)}),
        "Network.save": (method("save"), {"path": "net.npz"}),
        "Network.theta": (set_theta, {"theta": np.zeros(17)}),
        "Network.parameters": (set_parameter, {"W1": np.zeros((2, 3))}),
        "load": (mf.load, {"path": "net.npz"}),
        "train": (train, {"net": net(), **problem, **options}),
        "recorded_epochs": (mf.recorded_epochs, {"epochs": 30}),
        "sweep": (mf.sweep, {"run": abs, "configs": [1, 2], "executor": None,
                             "on_progress": None}),
    }  # fmt: skip


def derivatives():
    problem = {"net": net(), "X": X, "Y": Y}
    operator = mf.hessian_operator(net(), X, Y)
    rough = lanczos.lanczos_spectrum(operator, extremes=2, steps=5, vectors=2)
    check = {**problem, "method": "complex", "tolerance": 1e-9, "engine": "numpy"}
    return {
        "hessian": (mf.hessian, {**problem, "method": "blocks", "engine": "numpy"}),
        "hvp": (mf.hvp, {**problem, "V": np.ones(17), "engine": "numpy"}),
        "gauss_newton": (mf.gauss_newton, {**problem, "engine": "numpy"}),
        "residual_part": (mf.residual_part, {**problem, "engine": "numpy"}),
        "layer_hessians": (mf.layer_hessians, {**problem, "engine": "numpy"}),
        "hessian_operator": (mf.hessian_operator, {**problem, "engine": "numpy"}),
        "spectrum": (mf.spectrum, {"H": H, "error": 0.0}),
        "inertia": (mf.inertia, {"H": H, "shift": 0.0}),
        "Spectrum.flat": (mf.spectrum(H).flat, {"r": 0.1}),
        "LanczosSpectrum.flat": (rough.flat, {"r": 0.1}),
        "LanczosSpectrum.below": (rough.below, {"x": 0.1}),
        "LanczosSpectrum.density": (rough.density, {"x": [0.1, 0.2], "width": 0.1}),
        "lanczos_spectrum": (lanczos.lanczos_spectrum, {"H": operator, "extremes": 2, "steps": 5,
                                                        "vectors": 2, "seed": 0}),
        "structural_zeros": (mf.structural_zeros, problem),
        "dead_parameters": (theorems.dead_parameters, {"net": net(), "X": X}),
        "most_negative": (theorems.most_negative, {"net": mf.mlp([2, 3, 1], "relu"), "X": X}),
        "gauges": (theorems.gauges, {"net": net()}),
        "check.gradient": (mf.check.gradient, check),
        "check.hessian": (mf.check.hessian, {**check, "by": "blocks"}),
        "check.complex_step": (mf.check.complex_step, {"f": np.sum, "x": np.ones(3)}),
        "check.central_differences": (mf.check.central_differences,
                                      {"f": np.sum, "x": np.ones(3), "step": 1e-5}),
    }  # fmt: skip


def gates():
    field = {"h": X[:, 0], "beta": 0.5}
    names = ("sigmoid", "tanh", "relu", "esp", "scale", "identity")
    known = [getattr(mf.activations, name) for name in names]
    energies = log_partition, entropy, free_energy, gate_cumulants
    states = {**field, "states": (0, 1)}
    return {
        **{f"activations.{each.name}": (each, field) for each in known},
        **{f"activations.{each.name}.derivatives": (each.derivatives, field) for each in known},
        **{f"energy.{each.__name__}": (each, field) for each in energies},
        "energy.probabilities": (mf.energy.probabilities, states),
        "energy.enumerate_gate": (mf.energy.enumerate_gate, states),
        "energy.enumerate_layer": (mf.energy.enumerate_layer, {**states, "beta": np.ones(7)}),
    }


def data_and_rates():
    shape = {"rng": np.random.default_rng(0), "fan_in": 3, "fan_out": 2}
    rate = {"rate": 0.1, "decay": (0.9, 100)}
    data, rules = mf.datasets, mf.initialise.INITIALISERS
    return {
        "datasets.linear": (data.linear, {"seed": 0}),
        "datasets.nonlinear": (data.nonlinear, {"seed": 0}),
        "datasets.moons": (data.moons, {"n": 9, "noise": 0.1, "seed": 0}),
        "datasets.spirals": (data.spirals, {"n": 9, "turns": 1.0, "noise": 0.1, "seed": 0}),
        "datasets.digits": (data.digits, {"as_published": False}),
        "datasets.from_mat": (data.from_mat, {"path": mat_file(), "test_size": 0.2,
                                              "random_state": 0}),
        **{f"initialise.{name}": (rules[name], shape) for name in rules},
        "GradientDescent": (mf.GradientDescent, rate),
        "Momentum": (mf.Momentum, {**rate, "momentum": 0.9}),
        "Adam": (mf.Adam, {**rate, "betas": (0.9, 0.99), "eps": 1e-8}),
        "DampedNewton": (mf.DampedNewton, {**rate, "damping": 0.1, "radius": 1.0}),
    }  # fmt: skip


def experiments():
    run = {"task": "linear-10", "activation": "esp", "seed": 0, "epochs": 2, "data_dir": None,
           "as_published": False, "beta": "published", "rate": 0.01}  # fmt: skip
    some = {"tasks": ["linear-10"], "activations": ["relu"], "epochs": 1, "data_dir": None,
            "as_published": False}  # fmt: skip
    runs, few = [paper.Run("linear-10", "relu", epochs=1)], {"tasks": ["linear-10"]}
    return {
        "paper.Run": (paper.Run, run),
        "paper.reproduce": (lambda **a: paper.reproduce(**a, workers=1, progress=False),
                            {"out": "o", "seed": 0, **some}),
        "paper.run_all": (lambda **a: paper.run_all(**a, progress=False),
                          {"out": "o", "runs": runs}),
        "seeds.carry_out": (lambda **a: carry_out(**a, progress=False),
                            {"out": "o", "plan": [Block("x", (0, 0), epochs=1, **few)]}),
    }  # fmt: skip


def of_lessons():
    lessons = {"number": "1.1", "answer": 3}
    return {
        "lesson.check": (lesson.check, lessons),
        "lesson.hint": (lesson.hint, {"number": "1.1"}),
        "lesson.solution": (lesson.solution, {"number": "1.1"}),
        "lesson.copy_to": (lesson.copy_to, {"directory": "lessons"}),
    }


def drawings():
    plots, problem = mf.plots, {"net": net(), "X": X, "Y": Y}
    records = range(0, 12, 4)
    history = mf.train(net(), X, Y, 12, X_test=X, Y_test=Y, record=records, curvature=True)
    histories, spectra = {"esp": history}, {"esp": mf.spectrum(H)}
    of_histories = ("cost_against_epoch", "accuracy_against_cost", "alpha_against_cost",
                    "gamma_against_cost", "zero_residuals_against_epoch", "sharpness_against_epoch",
                    "eigenvalue_film")  # fmt: skip
    quartiles = {"esp": ([0, 1], [1, 2], [2, 3], [3, 4])}
    figures = {
        **{name: {"histories": histories} for name in of_histories},
        "gamma_curve": {"spectra": spectra},
        "eigenvalue_histogram": {"spectra": spectra, "limits": (-1, 1), "bins": 5},
        "weight_histogram": {"networks": {"esp": net()}},
        "eigenvectors": {"vectors": np.eye(17), "net": net(), "colorbar": False},
        "decision_boundary": {**problem, "colorbar": False},
        "curvature_parts": problem,
        "cost_along_eigenvectors": problem,
        "bands": {"curves": quartiles},
        "activations": {"beta": 1.0},
    }
    return {f"plots.{name}": (_drawn(getattr(plots, name)), figures[name]) for name in figures}


def _drawn(function):
    """Draw without pyplot, where a figure of one axes is wanted."""
    from matplotlib.figure import Figure

    def draw(**arguments):
        if "ax" in function.__code__.co_varnames[: function.__code__.co_argcount]:
            arguments["ax"] = Figure().subplots()
        result = function(**arguments)
        if hasattr(result, "_draw_was_started"):
            result._draw_was_started = True  # a film that nobody shows is no mistake here
        return result

    return draw


def bridges():
    """Those to scikit-learn and PyTorch, where they are installed."""
    found = {}
    with contextlib.suppress(ImportError):
        from minifnn.sklearn import FNNClassifier, FNNRegressor

        def fit(kind):
            return lambda **settings: kind(**settings).fit(X, Y[:, 0])  # X and y are theirs

        options = {"hidden_layer_sizes": (3,), "hidden": "esp", "init": "xavier", "beta": 1.0,
                   "trainable_beta": None, "epochs": 2, "rate": 0.1, "decay": None,
                   "batch_size": None, "engine": "numpy", "random_state": 0}  # fmt: skip
        found |= {
            "sklearn.FNNClassifier.fit": (fit(FNNClassifier), {**options}),
            "sklearn.FNNRegressor.fit": (fit(FNNRegressor), {**options}),
        }
    with contextlib.suppress(ImportError):
        from minifnn import torch

        state = torch.to_state_dict(net())
        found |= {
            "torch.to_torch": (torch.to_torch, {"net": net()}),
            "torch.to_state_dict": (torch.to_state_dict, {"net": net()}),
            "torch.from_state_dict": (torch.from_state_dict, {"net": net(), "state": state}),
        }
    return found
