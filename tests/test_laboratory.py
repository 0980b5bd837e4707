"""The laboratory page computes what the library computes, and works by keyboard and by touch.

Where a Chromium is installed, a small page loads the laboratory's scripts, calls their functions,
and writes what they return into itself; `--dump-dom` hands it over. The page as it is read is
driven by the browser's debugging protocol.
"""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import minifnn as mf
from minifnn import activations, energy, plots

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "laboratory"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-background-networking".split()

ENGINE = ("gates.js", "network.js", "hessian.js", "eigen.js", "data.js", "train.js")
GATES = ("esp", "relu", "sigmoid", "tanh")
OPTIMISERS = {  # below the edge of stability: beyond it a change of 1e-15 grows to 1 in 200 steps
    "gd": mf.GradientDescent(0.1, decay=(0.7, 1000)),
    "momentum": mf.Momentum(0.1, decay=(0.7, 1000)),
    "adam": mf.Adam(0.02, decay=(0.7, 1000)),
}
DECAY = 0.01  # weight decay of the Hessian that is compared
BETAS = (0.0, 0.01, 0.3, 1.0, 2.5, 17.0, 100.0)
FIELDS = np.linspace(-6, 6, 49)


# --------------------------------------------------------------- what is compared


def network(gate, sizes, trained):
    """The library's network: beta trained in all layers or in none, and no longer 1."""
    net = mf.mlp(sizes, hidden=gate, trainable_beta=trained, seed=3)
    rng = np.random.default_rng(5)
    net.theta += 0.3 * rng.normal(size=net.n_parameters)  # biases and betas too
    return net


CASES = [  # what `ask` gives to the page, and the library's network beside it
    (gate, sizes, trained)
    for gate in GATES
    for sizes in ((2, 10, 1), (2, 5, 4, 1))
    for trained in ((False, True) if gate != "relu" else (False,))
]


def points():
    data = mf.datasets.moons(n=200, noise=0.2, seed=2)
    return data.X_train, data.Y_train


ASK = """
const data = { N: Y.length, X: Float64Array.from(X.flat()), y: Float64Array.from(Y.flat()),
  test: { N: 0, X: [], y: [] } };
const answers = CASES.map(({ gate, sizes, trained, theta }) => {
  const settings = { gate, sizes, trained, init: "xavier", beta: 1, seed: 1, opt: "gd", rate: 1,
    decay: 0.7, batch: 0, l2: 0 };
  const make = (changes) => {
    const run = new Run({ ...settings, ...changes }, data);
    run.from({ ...run.net.state(), t: 0, theta: Float64Array.from(theta) });
    return run;
  };
  const bare = make({}), found = bare.look(), decayed = make({ l2: DECAY }).look();
  const after = Object.fromEntries(RATES.map(([opt, rate]) => {
    const run = make({ opt, rate });
    run.goTo(200);
    return [opt, [...run.net.theta]];
  }));
  return { after, loss: bare.now.loss, gradient: [...found.gradient], H: [...found.H],
    eigenvalues: [...found.values], vectors: [...found.vectors], tau: found.tau,
    alpha: found.alpha, gamma: found.gamma, flat: FLAT.map(found.flat),
    decayed: [...decayed.H], pull: [...decayed.gradient],
    labels: theta.map((_, p) => bare.net.label(p)) };
});
const run = new Run({ gate: "esp", sizes: [2, 10, 1], trained: true, init: "xavier", beta: 1,
  seed: 1, opt: "adam", rate: 0.03, decay: 1, batch: 16, l2: 0.001 }, data);
run.goTo(350);
const there = [...run.net.theta];
run.goTo(60);
run.goTo(350);
const table = (f) => BETAS.map((beta) => FIELDS.map((h) => f(h, beta)));
const derivatives = (gate) => table((h, beta) => {
  const d = new Float64Array(6);
  GATES[gate].derivatives(h, beta, d);
  return [...d];
});
document.getElementById("answer").textContent = JSON.stringify({ answers,
  rewound: { there, again: [...run.net.theta] },
  derivatives: Object.fromEntries(Object.keys(GATES).map((gate) => [gate, derivatives(gate)])),
  values: Object.fromEntries(Object.keys(GATES).map((gate) => [gate, table(GATES[gate].value)])),
  entropy: table((h, beta) => entropy(beta * h)), looks: GATES,
});
"""


def dom(url, folder):
    """What a page has become, and what the browser complained of."""
    command = [CHROMIUM, *FLAGS, "--enable-logging=stderr", f"--user-data-dir={folder}"]
    done = subprocess.run(
        [*command, "--dump-dom", url], capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout, [line for line in done.stderr.splitlines() if ":CONSOLE" in line]


@pytest.fixture(scope="module")
def answer(tmp_path_factory):
    """What the page's functions return for all cases."""
    folder = tmp_path_factory.mktemp("laboratory")
    X, Y = points()
    cases = [
        {"gate": gate, "sizes": sizes, "trained": trained, "theta": network(*case).theta.tolist()}
        for case in CASES
        for gate, sizes, trained in [case]
    ]
    rates = [(name, optimiser.settings["rate"]) for name, optimiser in OPTIMISERS.items()]
    given = {"X": X.tolist(), "Y": Y.tolist(), "CASES": cases, "RATES": rates, "DECAY": DECAY}
    given |= {"FLAT": [1e-12, 1e-6, 1e-3], "BETAS": BETAS, "FIELDS": FIELDS.tolist()}
    constants = "".join(f"const {name} = {json.dumps(v)};\n" for name, v in given.items())
    scripts = "".join(f'<script src="{(PAGE / name).as_uri()}"></script>' for name in ENGINE)
    page = f'<meta charset="utf-8"><pre id="answer"></pre>{scripts}'
    (folder / "ask.html").write_text(f"{page}<script>{{{constants}{ASK}}}</script>")
    text, complaints = dom((folder / "ask.html").as_uri(), folder / "profile")
    assert not complaints
    return json.loads(html.unescape(re.search(r'<pre id="answer">(.*?)</pre>', text).group(1)))


TABLE = np.meshgrid(BETAS, FIELDS, indexing="ij")  # beta down, h across


@needs_chromium
@pytest.mark.parametrize("name", GATES)
def test_gates_are_the_librarys(answer, name):
    beta, h = TABLE
    wanted = np.moveaxis(activations.ACTIVATIONS[name].derivatives(h, beta), 0, -1)
    size = np.maximum(1, np.abs(wanted))
    np.testing.assert_allclose(answer["derivatives"][name] / size, wanted / size, atol=1e-14)
    np.testing.assert_allclose(answer["values"][name], wanted[..., 0], rtol=0, atol=1e-14)


@needs_chromium
def test_the_entropy_is_the_librarys(answer):
    beta, h = TABLE
    np.testing.assert_allclose(answer["entropy"], energy.entropy(h, beta), rtol=0, atol=1e-14)


@needs_chromium
@pytest.mark.parametrize("case", range(len(CASES)), ids=lambda k: "-".join(map(str, CASES[k])))
def test_gradient_hessian_and_spectrum_are_the_librarys(answer, case):
    net, got, (X, Y) = network(*CASES[case]), answer["answers"][case], points()
    P, H = net.n_parameters, mf.hessian(net, X, Y, engine="numpy")
    s, size = mf.spectrum(H), np.abs(H).max()
    assert got["loss"] == pytest.approx(net.loss(X, Y), abs=1e-14)
    assert got["labels"] == [label.replace("beta", "β") for label in net.labels]
    np.testing.assert_allclose(got["gradient"], net.gradient(X, Y), rtol=0, atol=1e-13)
    got_H = np.reshape(got["H"], (P, P))
    np.testing.assert_array_equal(got_H, got_H.T)
    np.testing.assert_allclose(got_H, H, rtol=0, atol=1e-12 * size)
    np.testing.assert_allclose(got["eigenvalues"], s.eigenvalues, rtol=0, atol=1e-10 * s.norm)
    V = np.reshape(got["vectors"], (P, P))
    np.testing.assert_allclose(V @ V.T, np.eye(P), atol=1e-13)
    np.testing.assert_allclose(V.T * got["eigenvalues"] @ V, H, rtol=0, atol=1e-12 * size)
    assert got["tau"] == pytest.approx(s.tolerance, rel=1e-9)
    own = mf.curvature.spectrum.Spectrum(np.array(got["eigenvalues"]), got["tau"])
    assert tuple(got["alpha"]) == own.alpha_bounds
    assert got["gamma"] == own.gamma >= s.n_zero_rows / P
    np.testing.assert_array_equal(got["flat"], own.flat([1e-12, 1e-6, 1e-3]))


@needs_chromium
@pytest.mark.parametrize("case", range(len(CASES)), ids=lambda k: "-".join(map(str, CASES[k])))
def test_weight_decay_adds_to_gradient_and_hessian(answer, case):
    net, got = network(*CASES[case]), answer["answers"][case]
    is_weight = np.array([label.startswith("W") for label in net.labels])
    pull = np.subtract(got["pull"], got["gradient"])
    np.testing.assert_allclose(pull, DECAY * net.theta * is_weight, atol=1e-15)
    more = np.reshape(np.subtract(got["decayed"], got["H"]), (len(pull), -1))
    np.testing.assert_allclose(more, DECAY * np.diag(is_weight), atol=1e-15)


@needs_chromium
@pytest.mark.parametrize("name", OPTIMISERS)
@pytest.mark.parametrize("case", range(len(CASES)), ids=lambda k: "-".join(map(str, CASES[k])))
def test_theta_after_200_steps_is_the_librarys(answer, case, name):
    net, (X, Y) = network(*CASES[case]), points()
    mf.train(net, X, Y, epochs=200, optimizer=OPTIMISERS[name], record=[199], engine="numpy")
    got = answer["answers"][case]["after"][name]
    assert np.abs(net.theta - network(*CASES[case]).theta).max() > 0.01
    np.testing.assert_allclose(got, net.theta, rtol=0, atol=1e-9)


@needs_chromium
def test_going_back_and_forward_again_ends_in_the_same_bits(answer):
    assert answer["rewound"]["there"] == answer["rewound"]["again"]


@needs_chromium
def test_activations_look_as_in_every_figure(answer):
    dashes = {"-": [], "--": [7, 4], "-.": [9, 3, 2, 3], ":": [2, 3]}
    for name in GATES:
        look = answer["looks"][name]
        assert (look["name"], look["colour"]) == (plots.NAMES[name], plots.COLOURS[name])
        assert (look["dash"], look["marker"]) == (dashes[plots.LINES[name]], plots.MARKERS[name])
