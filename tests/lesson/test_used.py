"""What a reader writes in lesson 5 is what runs in lesson 7, and a wrong answer gives way."""

import importlib.util
import warnings
from pathlib import Path

import pytest

LESSONS = Path(__file__).parents[2] / "lessons"
START = "import numpy as np\nfrom minifnn import lesson"
BACKWARD = """
def backward(x, y, W1, b1, beta1, W2, b2, beta2):
    np.reader_calls = getattr(np, "reader_calls", 0) + 1
    h1 = x @ W1 + b1
    s = 1 / (1 + np.exp(-beta1 * h1))
    a1 = h1 * s
    h2 = a1 @ W2 + b2
    do = (1 / (1 + np.exp(-beta2 * h2)) - y) / len(x) / y.shape[1]
    dh2 = do * beta2
    da1 = np.einsum("nk,hk->nh", dh2, W2)
    dh1 = da1 * s * (1 + beta1 * h1 * (1 - s))
    dbeta1 = np.sum(da1 * h1**2 * s * (1 - s), axis=0)
    first = np.einsum("nd,nh->dh", x, dh1), dh1.sum(0), dbeta1
    return *first, np.einsum("nh,nk->hk", a1, dh2), dh2.sum(0), np.sum(do * h2, axis=0)
"""
TRAIN = """
def train(theta, gradient, step, orders, size):
    path, t = np.empty((len(orders), len(theta))), 0
    for e, order in enumerate(orders):
        while order.size:
            theta, t = step(theta, gradient(theta, order[:size]), t), t + 1
            order = order[size:]
        path[e] = theta
    return path
"""
ADAM = """
def adam_step(theta, m, v, g, t, rate):
    m, v = m + 0.1 * (g - m), v + 0.001 * (g * g - v)
    m_hat, v_hat = m / (1 - 0.9 ** (t + 1)), v / (1 - 0.999 ** (t + 1))
    return theta - rate * m_hat / (np.sqrt(v_hat) + 1e-8), m, v
"""


@pytest.fixture(scope="module")
def build():
    """lessons/build.py as a module."""
    for package in ("jupytext", "nbclient", "ipywidgets"):
        pytest.importorskip(package)
    spec = importlib.util.spec_from_file_location("lessons_build", LESSONS / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shown(build, cells, folder):
    """What the cells of a notebook print, run in a folder."""
    notebook = build.nbformat.v4.new_notebook(cells=[build.new_code_cell(one) for one in cells])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the kernel's client
        build.run(notebook, folder)
    return "".join(one.get("text", "") for cell in notebook.cells for one in cell.outputs)


def lesson_7(build):
    """The code of the reader's notebook, up to where the reader's network learns the arch."""
    cells = build.notebook_of(LESSONS / "source" / "07_learning.py", solved=False).cells
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    end = next(n for n, one in enumerate(code) if "class Adam:" in one)
    return code[: end + 1]


@pytest.mark.parametrize("slip", [("da1 * s * (1 + beta1", "da1 * s * (1 + 1.0"), ("", "")])
def test_the_network_of_lesson_7_runs_on_the_answers_of_lesson_5(build, tmp_path, slip):
    """With all answers right; and with one slip in the backward pass."""
    answers = {"5.4": BACKWARD, "7.3": TRAIN, "7.8": ADAM}
    answers["5.4"] = BACKWARD.replace(*slip)
    before = [START]
    for number, text in answers.items():
        name = text.split("(")[0].removeprefix("\ndef ")
        before += [text, f'print(lesson.check("{number}", {name}))']
    said = shown(build, before, tmp_path)
    right = slip == ("", "")
    assert said.count("correct") == 2 + right and said.count("not yet") == 1 - right
    said = shown(
        build, [*lesson_7(build), "print('calls', getattr(np, 'reader_calls', 0))"], tmp_path
    )
    assert ("backward of 5.4 is your own." in said) == right
    assert ("backward of 5.4 is the solution's, for yours is not there yet." in said) != right
    assert "train of 7.3 is your own." in said and "adam_step of 7.8 is your own." in said
    assert (int(said.split("calls ")[1]) > 2300) == right
    assert float(said.split("loss ")[-1].split()[0]) < 0.3
