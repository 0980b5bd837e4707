"""Train the four networks of the laboratory page and write down what it draws.

Usage: python docs/laboratory/make_data.py    (a few seconds; writes recorded.js)

The page is to work from the file system, where it may not fetch anything. So the
data are a script that sets one constant.
"""

import json
from pathlib import Path

import numpy as np

from minifnn import plots
from minifnn.experiments.paper import ACTIVATIONS, TASKS, Run

TASK = "nonlinear-10"
OUT = Path(__file__).with_name("recorded.js")


def recorded():
    """Everything that the page draws, as plain lists and numbers."""
    runs = {name: Run(TASK, name, seed=0) for name in ACTIVATIONS}
    trained = {name: run.train() for name, run in runs.items()}
    histories = {name: history for name, (_, history) in trained.items()}
    return {
        "task": TASKS[TASK].title,
        "styles": styles(),
        "points": points(runs["esp"].data()),
        "epochs": histories["esp"]["epoch"].tolist(),
        "histogram": histogram(histories),
        "runs": {name: record(*trained[name]) for name in ACTIVATIONS},
    }


def styles():
    """How each activation is named and drawn: as in every other figure."""
    looks = {"name": plots.NAMES, "colour": plots.COLOURS, "line": plots.LINES}
    looks["marker"] = plots.MARKERS
    return {name: {look: of[name] for look, of in looks.items()} for name in ACTIVATIONS}


def points(data):
    """The training points as rows x1, x2, class."""
    return [[*rounded(x, 5), int(y)] for x, (y,) in zip(data.X_train, data.Y_train)]


def histogram(histories):
    """The bins of `plots.eigenvalue_film`: the same for all frames and activations."""
    eigenvalues = np.concatenate([h["eigenvalues"].ravel() for h in histories.values()])
    edges, unit = plots.eigenvalue_bins(eigenvalues)
    return {"edges": rounded(edges, 12), "unit": float(unit)}


def record(net, history):
    """One training: where its parameters lie in theta, and a row a record."""
    return {
        "slices": {name: [where.start, where.stop] for name, where in net.slices.items()},
        # cost and score are those before the epoch's step, all else is after it
        "cost": rounded(history["loss"], 6),
        "score": rounded(history["train_score"], 6),
        "tolerance": rounded(history["tolerance"], 6),
        "eigenvalues": [rounded(row, 6) for row in history["eigenvalues"]],
        # enough digits for the page to come to the same logits
        "theta": [rounded(row, 12) for row in history["theta"]],
    }


def rounded(values, digits):
    """Numbers with so many significant digits: the file stays small."""
    return [float(f"{value:.{digits}g}") for value in values]


def as_script(data):
    """The data as JavaScript, a line a record."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return f"const RECORDED = {text};\n".replace("],[", "],\n[")


if __name__ == "__main__":
    OUT.write_text("// Made by make_data.py; do not edit.\n" + as_script(recorded()))
    print(f"{OUT}: {OUT.stat().st_size / 1000:.0f} kB")
