"""A process of its own that trains networks and writes what came out: ``child.py jobs.json out``.

Each job of the list is a dict: `sizes`, `output`, `N`, `engine`, `optimizer`,
`batch_size`, `epochs`; with a `checkpoint` it resumes there, and with
`stop` it is interrupted at that record.
"""

import json
import sys

import numpy as np

import minifnn as mf


def problem(sizes, output, N):
    """Return (net, X, Y), the same in every process."""
    rng = np.random.default_rng(5)
    net = mf.mlp(sizes, "esp", output, beta=("normal", 0.5), seed=5)
    X = rng.normal(size=(N, sizes[0]))
    if output == "softmax":
        return net, X, rng.integers(0, sizes[-1], N)
    return net, X, (np.sin(3 * X[:, :1]) > X[:, 1:2]).astype(float)


def results(job):
    """Derivatives at the start, and what the training recorded and left, as named arrays."""
    net, X, Y = problem(job["sizes"], job["output"], job["N"])
    found = {"gradient": net.gradient(X, Y, job["engine"])}
    for method in ("blocks", "columns"):
        found[method] = mf.hessian(net, X, Y, method, job["engine"])
    history = train(job, net, X, Y)
    found["theta"], found["loss"] = net.theta, np.array([])
    if history is not None:
        found["loss"], found["eigenvalues"] = history["loss"], history["eigenvalues"]
    return found


def train(job, net, X, Y):
    """Train as the job says; None if it was interrupted."""
    records = []

    def stop_there(epoch, loss):
        records.append(epoch)
        if len(records) == job.get("stop"):
            raise KeyboardInterrupt

    settings = {name: job.get(name) for name in ("epochs", "batch_size", "engine", "checkpoint")}
    optimizer = getattr(mf, job["optimizer"])(0.01)
    try:
        return mf.train(
            net, X, Y, optimizer=optimizer, curvature=True, seed=1, progress=stop_there, **settings
        )
    except KeyboardInterrupt:
        return None


def main(jobs, out):
    with open(jobs, encoding="utf-8") as file:
        found = [results(job) for job in json.load(file)]
    np.savez(out, **{f"{k}.{name}": a for k, r in enumerate(found) for name, a in r.items()})


if __name__ == "__main__":
    main(*sys.argv[1:])
