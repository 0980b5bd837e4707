"""A small copy of the authors' repository, made of our own runs in their layout.

Nothing in it is theirs. Networks are trained here by a loop of its own, step by
step as their framework went, and everything is turned to their orientation:
W (units, inputs), b and beta (units, 1), residuals (outputs, samples).
"""

import numpy as np
from scipy.io import savemat

import minifnn as mf

FOLDERS = {
    "linear-10": "TF/Artificial_class/10_Lin",
    "linear-8-2": "TF/Artificial_class/82_Lin",
    "nonlinear-10": "TF/Artificial_class/10_NL",
    "nonlinear-8-2": "TF/Artificial_class/82_NL",
    "digits": "TF/mnist",
}
NAMES = {"esp": "ftmp", "relu": "Relu", "sigmoid": "sigmoid"}
SIZES = {"linear-10": [2, 10, 1], "nonlinear-8-2": [2, 8, 2, 1], "digits": [64, 25, 10]}


def write_copy(folder, runs, epochs=32):
    """Write the runs, pairs of task and activation, and the data; return their folders."""
    (folder / "data").mkdir(parents=True)
    for name, data in (("Lindata", mf.datasets.linear()), ("NLdata", mf.datasets.nonlinear())):
        X = np.vstack([data.X_train, data.X_test])
        savemat(
            folder / "data" / f"{name}.mat", {"X": X, "y": np.vstack([data.Y_train, data.Y_test])}
        )
    return [write_run(folder, task, activation, epochs) for task, activation in runs]


def data_of(folder, task):
    if task == "digits":
        return mf.datasets.digits(as_published=True)
    if task.startswith("linear"):
        return mf.datasets.from_mat(folder / "data" / "Lindata.mat", 0.25, 5)
    return mf.datasets.from_mat(folder / "data" / "NLdata.mat", 0.2, 0)


def write_run(folder, task, activation, epochs):
    """Train a network and write the eight files of its record."""
    data = data_of(folder, task)
    beta = ("normal", 0.004) if activation == "esp" else 1.0
    net = mf.mlp(SIZES[task], activation, beta=beta, seed=3)
    columns = trained(net, data, mf.recorded_epochs(epochs), curvature=task != "digits")
    place = folder / FOLDERS[task] / f"{NAMES[activation]}_xavier 1"
    place.mkdir(parents=True)
    for kind, values in columns.items():
        save(place / f"{kind}_{NAMES[activation]}{len(SIZES[task])}.npy", kind, values)
    return place


def save(path, kind, values):
    if kind != "grads_and_vars":
        np.save(path, np.array(values))
        return
    pairs = np.empty((len(values), len(values[0]), 2), object)
    for r, variables in enumerate(values):
        for i, pair in enumerate(variables):
            pairs[r, i, 0], pairs[r, i, 1] = pair
    np.save(path, pairs, allow_pickle=True)


def trained(net, data, record, curvature):
    """Their loop: cost, accuracy and gradient before the step, everything else after it."""
    X, Y = data.X_train, data.Y_train
    factor = float(np.float32(1 / Y.size)) * Y.size
    b1, b2, eps = (float(np.float32(x)) for x in (0.9, 0.999, 1e-8))
    powers = np.array([0.9, 0.999], np.float32)
    m, v = np.zeros((2, net.n_parameters))
    kinds = ("cost", "grads_and_vars", "hessians", "index", "eigen", "zeros", "residual")
    columns, train, test = {kind: [] for kind in kinds}, [], []
    for t in range(max(record) + 1):
        cost, right, g = net.loss(X, Y), net.score(X, Y), factor * net.gradient(X, Y)
        decay = np.float32(float(np.float32(0.9)) ** float(np.float32(t) / np.float32(500)))
        m += (g - m) * (1 - b1)
        v += (g * g - v) * (1 - b2)
        alpha = float(np.float32(0.01) * decay) * np.sqrt(1 - float(powers[1]))
        net.theta -= m * (alpha / (1 - float(powers[0]))) / (np.sqrt(v) + eps)
        powers *= np.array([0.9, 0.999], np.float32)
        if t in record:
            columns["cost"].append(float(np.float32(cost)))
            train.append(np.float32(right))
            test.append(np.float32(net.score(data.X_test, data.Y_test)))
            columns["grads_and_vars"].append(their_pairs(net, g))
            columns["residual"].append((net.predict(X) - Y).T)
            look(net, X, Y, factor, curvature, columns)
    return columns | {"accuracy": (train, test)}


def look(net, X, Y, factor, curvature, columns):
    """The Hessian and what was counted of it; too large for the digits."""
    if not curvature:
        columns["hessians"].append(1)
        H = factor * mf.hessian(net, X, Y)
        eigenvalues = np.linalg.eigvalsh(H)
    else:
        H = their_matrix(net, factor * mf.hessian(net, X, Y))
        eigenvalues = np.linalg.eigvals(H)
        columns["hessians"].append(H)
    columns["eigen"].append(eigenvalues)
    columns["index"].append(np.mean(eigenvalues < 0))
    columns["zeros"].append(np.mean(eigenvalues == 0))


def their_shape(values):
    return values.T if values.ndim == 2 else values[:, None]


def their_pairs(net, g):
    gradients = net.split(g)
    return [
        (their_shape(gradients[name]).copy(), their_shape(values).copy())
        for name, values in net.parameters.items()
    ]


def their_matrix(net, H):
    """Rows and columns in their order, found from where each of our numbers goes."""
    ours = net.split(np.arange(net.n_parameters))
    order = np.concatenate([their_shape(places).ravel() for places in ours.values()])
    return H[np.ix_(order, order)]
