"""The laboratory page computes what the library computes, and works by keyboard and by touch.

Where a Chromium is installed, the page is driven by the browser's debugging protocol.
"""

import importlib.util
import json
import re
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest

import minifnn as mf
from minifnn import activations, energy, plots

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "laboratory"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-background-networking".split()

GATES = ("esp", "relu", "sigmoid", "tanh")
OPTIMISERS = {  # below the edge of stability: beyond it a change of 1e-15 grows to 1 in 200 steps
    "gd": mf.GradientDescent(0.1, decay=(0.7, 1000)),
    "momentum": mf.Momentum(0.1, decay=(0.7, 1000)),
    "adam": mf.Adam(0.02, decay=(0.7, 1000)),
}
DECAY = 0.01  # weight decay of the Hessian that is compared
BETAS = (0.0, 0.01, 0.3, 1.0, 2.5, 17.0, 100.0)
FIELDS = np.linspace(-6, 6, 49)


# ------------------------------------------------------------- without a browser


def style(variable):
    """A colour of the style sheet: in the light, in the dark."""
    return re.findall(rf"{variable}: (#\w{{6}});", (PAGE / "laboratory.css").read_text())


def luminance(colour):
    """Relative luminance, as WCAG 2 defines it."""
    c = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_the_page_is_small():
    assert sum(path.stat().st_size for path in PAGE.iterdir()) <= 150_000
    lines = [line for path in PAGE.glob("*.js") for line in path.read_text().splitlines()]
    assert len(lines) <= 2_400
    assert max(map(len, lines)) <= 120


def test_the_page_needs_no_network_and_no_build():
    text = (PAGE / "index.html").read_text()
    loaded = re.findall(r'(?:src|<link rel="stylesheet" href)="([^"]*)"', text)
    assert {*loaded} == {path.name for path in PAGE.iterdir()} - {"index.html"}
    for path in PAGE.glob("*.js"):
        assert not re.search(r"fetch\(|XMLHttpRequest|^import |\beval\(", path.read_text(), re.M)
    assert not re.search(r"@import|url\(", (PAGE / "laboratory.css").read_text())


def test_contrast_in_the_light_and_in_the_dark():
    grounds = [style(variable) for variable in ("--page", "--panel")]
    for k in (0, 1):
        for ground in grounds:
            assert contrast(style("--ink")[k], ground[k]) > 7
            assert contrast(style("--quiet")[k], ground[k]) > 4.5
            assert contrast(style("--accent")[k], ground[k]) > 4.5
        assert contrast(style("--accent-ink")[k], style("--accent")[k]) > 4.5
        for name in GATES:  # lines and markers, named beside
            assert contrast(plots.COLOURS[name], style("--panel")[k]) > 3


def test_every_number_of_an_equation_is_defined():
    defined = set(re.findall(r"\\tag\{([\d.]+)\}", (ROOT / "docs" / "equations.md").read_text()))
    code = "".join(path.read_text() for path in PAGE.glob("*.js"))
    used = {
        n for line in re.findall(r"// (\(.*)", code) for n in re.findall(r"\((\d+\.\d+)\)", line)
    }
    assert len(used) >= 35
    assert used <= defined


def test_every_tour_has_five_steps_with_one_right_answer_each():
    text = (PAGE / "index.html").read_text()
    tours = re.findall(r'<template id="tour-(\w+)".*?</template>', text, flags=re.S)
    assert tours == re.findall(r'data-tour="(\w+)"', text) and len(tours) == 6
    for tour in re.findall(r'<template id="tour-\w+".*?</template>', text, flags=re.S):
        steps = re.findall(r"<article.*?</article>", tour, flags=re.S)
        assert len(steps) == 5
        for step in steps:
            question, answer = step.index('class="ask"'), step.index("<div")
            assert question < step.index("<ul>") < answer
            assert step.count("data-right") == 1


def test_its_links_lead_to_files_and_in_the_site_to_pages(tmp_path):
    spec = importlib.util.spec_from_file_location("docs_build", ROOT / "docs" / "build.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    build.add_laboratory(tmp_path / "laboratory")
    links = [
        re.findall(r'href="(\.\.[^"]*)"', (folder / "index.html").read_text())
        for folder in (PAGE, tmp_path / "laboratory")
    ]
    assert len(links[0]) == len(links[1]) >= 6
    for here, there in zip(*links):
        source = (PAGE / here).resolve()
        assert source.exists()
        site = source.relative_to(ROOT if "lessons" in source.parts else ROOT / "docs")
        assert there == f"../{site.with_suffix('.html').as_posix()}"


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
const drawn = (rule) => Array.from({ length: 100 }, (_, k) =>
  [...STARTS[rule](new Random(k), 10, 1)]).flat();
const batched = new Run({ gate: "esp", sizes: [2, 10, 1], trained: true, init: "he", beta: 0.5,
  seed: 1, opt: "adam", rate: 0.03, decay: 1, batch: 48, l2: 0.001 }, data);
const start = [...batched.net.theta], rng = new Random(1, 2);
const orders = [1, 2, 3].map(() => rng.shuffled(data.N));
batched.goTo(12);
const table = (f) => BETAS.map((beta) => FIELDS.map((h) => f(h, beta)));
const derivatives = (gate) => table((h, beta) => {
  const d = new Float64Array(6);
  GATES[gate].derivatives(h, beta, d);
  return [...d];
});
return JSON.stringify({ answers,
  rewound: { there, again: [...run.net.theta] },
  weights: { xavier: drawn("xavier"), he: drawn("he"),
    conserving: [...STARTS.conserving(new Random(1), 100, 10)] },
  batched: { start, orders, end: [...batched.net.theta], t: batched.t },
  derivatives: Object.fromEntries(Object.keys(GATES).map((gate) => [gate, derivatives(gate)])),
  values: Object.fromEntries(Object.keys(GATES).map((gate) => [gate, table(GATES[gate].value)])),
  entropy: table((h, beta) => entropy(beta * h)), looks: GATES,
});
"""


@pytest.fixture(scope="module")
def answer(browser):
    """What the page's functions return for all cases."""
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
    browser.open()
    return json.loads(browser.ask(f"(() => {{{constants}{ASK}}})()"))


TABLE = np.meshgrid(BETAS, FIELDS, indexing="ij")  # beta down, h across


@pytest.mark.parametrize("name", GATES)
def test_gates_are_the_librarys(answer, name):
    beta, h = TABLE
    expected = np.moveaxis(activations.ACTIVATIONS[name].derivatives(h, beta), 0, -1)
    size = np.maximum(1, np.abs(expected))
    np.testing.assert_allclose(answer["derivatives"][name] / size, expected / size, atol=1e-14)
    np.testing.assert_allclose(answer["values"][name], expected[..., 0], rtol=0, atol=1e-14)


def test_the_entropy_is_the_librarys(answer):
    beta, h = TABLE
    np.testing.assert_allclose(answer["entropy"], energy.entropy(h, beta), rtol=0, atol=1e-14)


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


@pytest.mark.parametrize("case", range(len(CASES)), ids=lambda k: "-".join(map(str, CASES[k])))
def test_weight_decay_adds_to_gradient_and_hessian(answer, case):
    net, got = network(*CASES[case]), answer["answers"][case]
    is_weight = np.array([label.startswith("W") for label in net.labels])
    pull = np.subtract(got["pull"], got["gradient"])
    np.testing.assert_allclose(pull, DECAY * net.theta * is_weight, atol=1e-15)
    more = np.reshape(np.subtract(got["decayed"], got["H"]), (len(pull), -1))
    np.testing.assert_allclose(more, DECAY * np.diag(is_weight), atol=1e-15)


@pytest.mark.parametrize("name", OPTIMISERS)
@pytest.mark.parametrize("case", range(len(CASES)), ids=lambda k: "-".join(map(str, CASES[k])))
def test_theta_after_200_steps_is_the_librarys(answer, case, name):
    net, (X, Y) = network(*CASES[case]), points()
    mf.train(net, X, Y, epochs=200, optimizer=OPTIMISERS[name], record=[199], engine="numpy")
    got = answer["answers"][case]["after"][name]
    assert np.abs(net.theta - network(*CASES[case]).theta).max() > 0.01
    np.testing.assert_allclose(got, net.theta, rtol=0, atol=1e-9)


def test_batches_and_decay_are_the_librarys(answer):
    (X, Y), got = points(), answer["batched"]
    net, adam = mf.mlp([2, 10, 1], hidden="esp"), mf.Adam(0.03)
    net.theta = got["start"]
    is_weight = np.array([label.startswith("W") for label in net.labels])
    for order in got["orders"]:
        assert sorted(order) == list(range(160))
        for first in range(0, 160, 48):  # the last one has 16 points
            rows = order[first : first + 48]
            gradient = net.gradient(X[rows], Y[rows], engine="numpy")
            adam.step(net.theta, gradient + 0.001 * net.theta * is_weight)
    assert adam.t == got["t"]
    np.testing.assert_allclose(got["end"], net.theta, rtol=0, atol=1e-11)


def test_weights_start_as_the_rules_say(answer):
    W = np.array(answer["weights"]["xavier"])
    assert np.abs(W).max() <= np.sqrt(6 / 11)
    assert np.std(W) == pytest.approx(np.sqrt(2 / 11), rel=0.1)
    assert np.std(answer["weights"]["he"]) == pytest.approx(np.sqrt(2 / 10), rel=0.1)
    shares = np.reshape(answer["weights"]["conserving"], (100, 10))
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-15)
    assert shares.min() > 0 and shares.std() == pytest.approx(np.sqrt(0.09 / 11), rel=0.15)


def test_going_back_and_forward_again_ends_in_the_same_bits(answer):
    assert answer["rewound"]["there"] == answer["rewound"]["again"]


def test_activations_look_as_in_every_figure(answer):
    dashes = {"-": [], "--": [7, 4], "-.": [9, 3, 2, 3], ":": [2, 3]}
    for name in GATES:
        look = answer["looks"][name]
        assert (look["name"], look["colour"]) == (plots.NAMES[name], plots.COLOURS[name])
        assert (look["dash"], look["marker"]) == (dashes[plots.LINES[name]], plots.MARKERS[name])


# -------------------------------------------------------------- the page as it is read


KEYS = {"Tab": 9, "Enter": 13, " ": 32, "Delete": 46}
KEYS |= {"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}


class Browser:
    """A page of a headless Chromium, spoken to by its debugging protocol."""

    def __init__(self, folder):
        websocket = pytest.importorskip("websocket")
        command = [CHROMIUM, *FLAGS, f"--user-data-dir={folder}", "--remote-debugging-port=0"]
        self.process = subprocess.Popen(
            [*command, "about:blank"], stderr=subprocess.PIPE, text=True
        )
        line = next(line for line in self.process.stderr if "listening on" in line)
        port = re.search(r":(\d+)/", line).group(1)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list") as answer:
            (page,) = [one for one in json.load(answer) if one["type"] == "page"]
        self.socket = websocket.create_connection(
            page["webSocketDebuggerUrl"], timeout=120, suppress_origin=True
        )
        self.n, self.complaints = 0, []
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        self.n += 1
        self.socket.send(json.dumps({"id": self.n, "method": method, "params": parameters}))
        while (answer := json.loads(self.socket.recv())).get("id") != self.n:
            if answer.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded"):
                self.complaints.append(answer)
        return answer["result"]

    def ask(self, code):
        """The value of a JavaScript expression, or of its promise."""
        done = self.call("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in done, done
        return done["result"].get("value")

    def wait(self, code, seconds=60):
        end = time.monotonic() + seconds
        while not (value := self.ask(code)):
            assert time.monotonic() < end, code
            time.sleep(0.05)
        return value

    def open(self, link="#", width=1300, dark=False, still=True):
        """The page at a link's state, when it no longer plays."""
        phone = width < 600
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": phone}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        wishes = {"color-scheme": "dark" if dark else "light"}
        wishes["reduced-motion"] = "reduce" if still else "no-preference"
        features = [{"name": f"prefers-{name}", "value": value} for name, value in wishes.items()]
        self.call("Emulation.setEmulatedMedia", features=features)
        self.call("Page.navigate", url="about:blank")
        self.wait("location.href === 'about:blank'")
        self.call("Page.navigate", url=(PAGE / "index.html").as_uri() + link)
        self.wait("document.readyState === 'complete' && typeof lab === 'object' && !lab.playing")

    def press(self, key, times=1):
        text = {"Enter": "\r", " ": " "}.get(key, "")
        about = {"key": key, "windowsVirtualKeyCode": KEYS[key], "text": text}
        for _ in range(times):
            self.call("Input.dispatchKeyEvent", type="keyDown", **about)
            self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    def tab_to(self, code):
        """Press Tab until an element has the focus."""
        for _ in range(90):
            if self.ask(f"document.activeElement === ({code})"):
                return
            self.press("Tab")
        raise AssertionError(f"no way by Tab to {code}")

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.communicate()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if CHROMIUM is None:
        pytest.skip("no Chromium here")
    page = Browser(tmp_path_factory.mktemp("profile"))
    yield page
    page.close()


@pytest.fixture
def page(browser):
    browser.complaints.clear()
    yield browser
    assert browser.complaints == []


CLIPPED = """[...document.querySelectorAll(
  'h1, h2, h3, p, label, output, button, select, figure, canvas, table, legend')].filter((one) => {
    const box = one.getBoundingClientRect();
    if (!box.width || one.closest('.tours, .hidden, [hidden]')) return false;
    return box.left < 0 || box.right > document.documentElement.clientWidth + 0.5
      || one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline';
  }).map((one) => one.outerHTML.slice(0, 90))"""


@pytest.mark.parametrize("width", [320, 390, 800, 1300])
def test_nothing_is_cut_off(page, width):
    for link in ("#t=20", "#t=20&other=tanh&units2=4"):
        page.open(link, width)
        page.ask("byId('settings').open = true")
        assert page.ask("document.documentElement.scrollWidth <= innerWidth")
        assert page.ask(CLIPPED) == []
    page.ask("startTour('edge')")
    assert page.ask(CLIPPED) == []


LABELS = {  # what the pictures say to those who do not see them
    "hessian-0": r"ESP exact Hessian, 52 by 52, at step 20",
    "hessian-1": r"ReLU exact Hessian, 41 by 41, at step 20",
    "loss": r"Loss against the step\. ESP 0\.\d+ ReLU 0\.\d+",
    "spectrum": r"ESP 52 eigenvalues from −\d.*; ReLU 41 eigenvalues",
    "edge": r"Sharpness ESP \d+.* stable below 38/rate = 1267",
    "along": r"Loss along the eigenvector of \d",
    "gamma": r"Fraction of flat eigenvalues against r\. ESP 0\.\d",
    "unit": r"The gate of ESP Unit 1 of layer 1 with β \d\.\d+: mean state",
}


def test_everything_has_a_name(page):
    page.open("#t=20&data=moons&other=relu")
    nameless = """[...document.querySelectorAll('canvas:not([aria-hidden]), input, select, button')]
      .filter((one) => !one.closest('.units button canvas') && !one.labels?.length
        && !one.getAttribute('aria-label') && !one.textContent.trim()
        && !(one.closest('button') && one.tagName === 'CANVAS'))
      .map((one) => one.outerHTML.slice(0, 90))"""
    assert page.ask(nameless) == []
    assert "at step 20; loss" in page.ask("byId('plane-0').getAttribute('aria-label')")
    labels = {name: page.ask(f"byId('{name}').getAttribute('aria-label')") for name in LABELS}
    for name, start in LABELS.items():
        assert re.match(start, labels[name]), (name, labels[name])


@pytest.mark.parametrize("dark", [False, True])
def test_space_plays_and_stops(page, dark):
    page.open("#t=1", dark=dark, still=False)
    page.ask("document.activeElement.blur()")
    page.press(" ")
    page.wait("lab.playing && lab.runs[0].t > 3")
    page.press(" ")
    assert page.ask("!lab.playing && byId('play').textContent") == "Play"
    assert re.match(r"Step \d+: loss 0\.\d+, test 0\.\d+, \d+ % right", page.ask("said.innerText"))


def test_a_link_opens_the_same_run(page):
    page.open("#data=moons&noise=0.2&gate=tanh&opt=gd&rate=0.1&batch=16&l2=0.001&other=esp&t=130")
    before = page.ask("lab.runs.map((run) => [...run.net.theta])")
    page.ask("change({ rate: 0.2 }, 'training')")  # what comes after begins at this state
    page.ask("goTo(171)")
    after, link = page.ask("[lab.runs.map((run) => [...run.net.theta]), asLink()]")
    assert before != after
    page.open(link)
    assert page.ask("lab.runs.map((run) => [...run.net.theta])") == after
    assert page.ask("lab.runs[0].t") == 171 and page.ask("byId('rate-shown').value") == "0.2"
    page.open("#t=7&rate=banana&state=AAAA&gate=softmax")  # a damaged link
    assert page.ask("[lab.S.rate, lab.S.gate, lab.runs[0].t]") == [0.03, "esp", 7]


def test_one_goes_back_to_kept_states_and_forward_to_the_same(page):
    page.open("#data=moons&t=250")
    theta = page.ask("[...lab.runs[0].net.theta]")
    page.ask("goTo(120)")
    assert page.ask("lab.runs[0].t") == 120
    page.ask("goTo(250)")
    assert page.ask("[...lab.runs[0].net.theta]") == theta
    assert page.ask("[...lab.runs[0].kept.keys()]") == [0, 100, 200]
    page.ask("change({ rate: 0.1 }, 'training')")  # what was before was made by another rate:
    page.ask("goTo(199)")  # of that, the kept states are left
    assert page.ask("lab.runs[0].t") == 100


def test_a_rate_that_is_too_large_is_said_to_be(page):
    page.open("#data=moons&opt=gd&rate=10&seed=1")
    page.ask("play(400, 4)")
    page.wait("!lab.playing")
    assert "the rate is too large" in page.ask("said.innerText")
    page.ask("byId('rewind').click()")
    assert page.ask("[lab.runs[0].t, said.classList.contains('seen')]") == [0, False]


def test_a_walk_along_an_eigenvector_moves_the_network(page):
    page.open("#data=moons&t=60")
    theta, v, reach = page.ask(
        "[[...lab.runs[0].net.theta], [...direction(lab.runs[0], 'steepest').v],"
        " landscape(lab.runs[0]).reach]"
    )
    page.tab_to("byId('walk')")
    page.press("ArrowRight", 5)
    moved = page.ask("[...lab.runs[0].net.theta]")
    np.testing.assert_allclose(np.subtract(moved, theta), 0.1 * reach * np.array(v), atol=1e-12)
    page.open(page.ask("asLink()"))
    assert page.ask("[...lab.runs[0].net.theta]") == moved
    page.ask("walkTo(0.2)")
    moved = page.ask("[...lab.runs[0].net.theta]")
    page.ask("change({ rate: 0.1 }, 'training')")  # which begins where the walk has led to
    assert page.ask("[lab.walk, [...lab.runs[0].origin.theta]]") == [None, moved]


def test_a_link_opens_both_networks_after_a_walk(page):
    page.open("#data=moons&other=relu&t=40")
    page.ask("walkTo(0.3)")
    both = page.ask("lab.runs.map((run) => [...run.net.theta])")
    link = page.ask("asLink()")
    page.ask("goTo(41)")  # both begin where the walk has ended
    after = page.ask("lab.runs.map((run) => [...run.net.theta])")
    later = page.ask("asLink()")
    for state, text in ((both, link), (after, later)):
        page.open(text)
        assert page.ask("lab.runs.map((run) => [...run.net.theta])") == state


def test_the_gauge_moves_eigenvalues_but_no_output_and_not_alpha(page):
    for gate in GATES:
        page.open(f"#data=moons&gate={gate}&units2=4&t=60")
        ask = "[lab.runs[0].now.loss, lab.runs[0].look().alpha, lab.runs[0].look().sharpness]"
        loss, alpha, sharpness = page.ask(ask)
        page.ask("gaugeTo(0.4)")
        now = page.ask(ask)
        assert now[0] == pytest.approx(loss, rel=1e-12)
        assert now[1][0] == pytest.approx(alpha[0], abs=0.03)  # rounding may take a sign away
        assert abs(now[2] / sharpness - 1) > 0.05


def test_points_of_ones_own_by_keyboard(page):
    page.open("#data=own")
    assert page.ask("lab.points.length") == 0
    page.tab_to("byId('plane-0')")
    page.press("ArrowRight", 3)
    page.press("Enter")
    page.press("ArrowUp", 6)
    page.press("Enter")
    page.ask("document.querySelector('input[name=tool][value=\"1\"]').click()")
    page.press("ArrowLeft", 9)
    page.press("Enter")
    got = np.round(page.ask("lab.points.map((point) => point.slice(0, 3))"), 9)
    np.testing.assert_array_equal(got, [[0.3, 0, 0], [0.3, 0.6, 0], [-0.6, 0.6, 1]])
    page.press("Delete")
    assert page.ask("lab.points.length") == 2
    link = page.ask("asLink()")
    page.open(link)
    got = page.ask("lab.points.map((point) => point.slice(0, 3))")
    np.testing.assert_allclose(got, [[0.3, 0, 0], [0.3, 0.6, 0]], atol=2.3 / 1295)


def test_without_points_nothing_is_computed_and_nothing_complains(page):
    page.open("#data=own")
    for name in ("hessian-0", "spectrum", "walk"):
        page.tab_to(f"byId('{name}')")
        page.press("ArrowRight", 2)
    page.ask("byId('along').scrollIntoView({ block: 'center' })")
    x, y = page.ask("((b) => [b.left + 99, b.top + 60])(byId('along').getBoundingClientRect())")
    mouse(page, "Pressed", x, y)
    mouse(page, "Released", x, y)
    page.ask("goTo(0)")
    assert "NaN" not in page.ask("document.body.innerText") + page.ask("said.innerText")
    assert page.ask("[lab.walk, lab.runs[0].look()]") == [None, None]


def test_points_may_be_cleared_while_it_plays(page):
    page.open("#data=own&own=k0k00wzwz1&test=0&speed=4", still=False)
    page.ask("play()")
    page.wait("lab.runs[0].t > 3")
    page.ask("byId('clear').click()")
    page.ask("new Promise((done) => setTimeout(done, 200))")
    assert page.ask("lab.playing && !said.classList.contains('seen')")
    page.ask("editPoints((own) => own.push([1, 1, 0], [-1, 0, 1]))")
    page.wait("lab.runs[0].t > 20")


def mouse(page, kind, x, y, button="left"):
    about = {"x": x, "y": y, "button": button, "clickCount": 1, "buttons": 1}
    page.call("Input.dispatchMouseEvent", type=f"mouse{kind}", **about)


def test_points_of_ones_own_by_mouse_while_it_learns(page):
    page.open("#data=own&test=0")
    page.ask("byId('plane-0').scrollIntoView({ block: 'center' })")
    left, top, size = page.ask(
        "((box) => [box.left, box.top, box.width])(byId('plane-0').getBoundingClientRect())"
    )

    def at(x1, x2):
        return left + size * (x1 + 2.2) / 4.4, top + size * (2.2 - x2) / 4.4

    for place in ((-1, 1), (1, 1), (0, -1)):
        mouse(page, "Pressed", *at(*place))
        mouse(page, "Released", *at(*place))
    page.ask("play()")
    mouse(page, "Pressed", *at(1, 1))
    mouse(page, "Moved", *at(0.5, 0.5))
    mouse(page, "Released", *at(0.5, 0.5))
    mouse(page, "Pressed", *at(0, -1), button="right")
    mouse(page, "Released", *at(0, -1), button="right")
    page.wait("lab.runs[0].t > 3")
    page.ask("stopped('')")
    got = page.ask("lab.points.map((point) => point.slice(0, 3))")
    np.testing.assert_allclose(got, [[-1, 1, 0], [0.5, 0.5, 0]], atol=0.02)
    assert page.ask("lab.runs[0].now.loss < 0.7 && lab.runs[0].net.theta.every(Number.isFinite)")


def test_the_dot_is_dragged_and_training_goes_on_from_there(page):
    page.open("#data=moons&t=60")
    page.ask("byId('along').scrollIntoView({ block: 'center' })")
    x, y = page.ask(
        "((box) => [box.left + lab.alongPlot.x(0), box.top + 60])"
        "(byId('along').getBoundingClientRect())"
    )
    loss, theta = page.ask("[lab.runs[0].now.loss, [...lab.runs[0].net.theta]]")
    mouse(page, "Pressed", x, y)
    mouse(page, "Moved", x + 40, y)
    mouse(page, "Released", x + 40, y)
    moved = page.ask("[...lab.runs[0].net.theta]")
    assert page.ask("lab.runs[0].now.loss") > loss and moved != theta
    page.ask("goTo(61)")
    assert page.ask("[...lab.runs[0].origin.theta]") == moved
    assert page.ask("[lab.runs[0].t, lab.walk]") == [61, None]


def test_by_touch(page):
    page.open("#data=own&test=0", 390)
    page.call("Emulation.setTouchEmulationEnabled", enabled=True)

    def touch(name, *places):
        """A finger on parts of an element's width and height, one after the other."""
        page.ask(f"byId('{name}').scrollIntoView({{ block: 'center' }})")
        box = page.ask(
            f"((b) => [b.left, b.top, b.width, b.height])(byId('{name}').getBoundingClientRect())"
        )
        for k, (i, j) in enumerate(places):
            point = {"x": box[0] + i * box[2], "y": box[1] + j * box[3]}
            kind = "touchMove" if k else "touchStart"
            page.call("Input.dispatchTouchEvent", type=kind, touchPoints=[point])
        page.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    touch("plane-0", (0.25, 0.5))
    touch("plane-0", (0.75, 0.5), (0.75, 0.25))
    got = page.ask("lab.points.map((point) => point.slice(0, 2))")
    np.testing.assert_allclose(got, [[-1.1, 0], [1.1, 1.1]], atol=0.03)
    touch("hessian-0", (0.5, 0.5))
    assert "∂²loss / ∂" in page.ask("byId('cell-0').textContent") and page.ask("lab.cell !== null")
    theta = page.ask("[...lab.runs[0].net.theta]")
    touch("along", (0.5, 0.5), (0.6, 0.5), (0.7, 0.5))
    assert page.ask("[...lab.runs[0].net.theta]") != theta
    page.call("Emulation.setTouchEmulationEnabled", enabled=False)


def test_where_less_motion_is_asked_for_it_opens_trained_and_still(page):
    page.open("#", still=True)
    got = page.ask("[lab.runs[0].t, lab.playing, lab.runs[0].now.score > 0.97]")
    assert got == [400, False, True]


def test_cells_units_and_eigenvalues_by_keyboard(page):
    page.open("#data=moons&t=30")
    page.tab_to("byId('units-0').querySelectorAll('button')[3]")
    page.press("Enter")
    assert page.ask("[lab.unit.i, lab.alone, byId('unit-name').textContent]") == [3, True, "Unit 4"]
    page.tab_to("byId('hessian-0')")
    page.press("ArrowDown", 2)
    page.press("ArrowRight", 1)
    H = page.ask("lab.runs[0].look().H[2 * 52 + 1]")
    words = page.ask("byId('cell-0').textContent")
    assert words.startswith("∂²loss / ∂W1(1→3) ∂W1(1→2) = ")
    assert float(words.split("= ")[1].replace("−", "-")) == pytest.approx(H, rel=0.01)
    page.tab_to("byId('spectrum')")
    page.press("ArrowRight", 4)
    assert page.ask("[lab.way, lab.rank]") == ["chosen", 4]


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1300])
@pytest.mark.parametrize("name", ["noise", "dead", "sure", "gauge", "edge", "overfit"])
def test_tours_run_from_start_to_end_by_keyboard(page, name, width):
    page.open("#t=0", width)
    page.tab_to(f"document.querySelector('[data-tour={name}]')")
    page.press("Enter")
    for step in range(5):
        page.wait(f"!lab.playing && byId('tour-count').textContent === '{step + 1} of 5'")
        assert page.ask("byId('tour-next').hidden")
        figure = "document.querySelector('.pointed').getBoundingClientRect()"
        if width == 1300:  # all figures are wholly in sight, and nothing scrolls from step to step
            assert page.ask(f"scrollY === 0 && {figure}.top > 60")
            panels = "document.querySelector('.panels').getBoundingClientRect()"
            assert page.ask(f"{panels}.bottom < innerHeight")
        else:
            assert page.ask(f"{figure}.top < innerHeight * 0.55 && {figure}.bottom > 60")
        page.tab_to(f"document.querySelectorAll('.choices button')[{step % 3}]")
        page.press("Enter")
        page.wait("!byId('tour-next').hidden && document.activeElement === byId('tour-next')")
        said = page.ask("byId('tour-text').innerText")
        assert re.search(r"(Yes|Not this time)\. \w", said)
        assert page.ask("document.querySelectorAll('#tour-text b:empty').length") == 0
        assert page.ask(CLIPPED) == []
        page.press("Enter")
    assert page.ask("byId('tour').hidden && document.activeElement.dataset.tour") == name


def test_at_the_edge_one_sees_the_dot_jump_from_wall_to_wall(page):
    page.open("#data=nonlinear&noise=0.02&test=0&gate=tanh&trained=0&opt=gd&rate=4&seed=1&t=800")
    at = []
    for _ in range(6):
        page.ask("byId('one').click()")
        at.append(page.ask("lab.alongPlot.x(lab.runs[0].landscape.at)"))
    page.ask("chooseWay('steepest')")
    assert page.ask("[lab.held, lab.runs[0].landscape.at]") == [None, 0]
    jumps = np.diff(at)
    assert (jumps[1:] * jumps[:-1] < 0).all()  # to and fro,
    assert (abs(jumps) > 28).all()  # by more than twice the dot


def test_the_line_of_the_edge_is_dashed(page):
    page.open("#data=moons&opt=gd&rate=1&t=5")
    row = """(() => {
      const { width, height } = byId('edge'), pen = byId('edge').getContext('2d');
      const { data } = pen.getImageData(0, 0, width, height), count = new Array(height).fill(0);
      data.forEach((v, k) => { if (k % 4 === 3 && v > 200 && data[k - 3] - data[k - 1] > 90
        && data[k - 2] < 90) count[Math.floor(k / 4 / width)] += 1; });
      return Math.max(...count) / width;
    })()"""
    assert 0.25 < page.ask(row) < 0.55


def test_a_gate_that_has_learned_is_more_sure(page):
    page.open("#data=moons&noise=0.15&gate=sigmoid&trained=0&opt=gd&rate=1&beta=3")
    slopes = "Array.from({ length: 10 }, (_, i) => (lab.unit.i = i, meanSlope(lab.runs[0])))"
    first = np.array(page.ask(slopes))
    page.ask("goTo(600)")
    last = np.array(page.ask(slopes))
    assert sum(last < first) >= 6  # "most of the ten"
    assert last[7] < first[7] / 4  # the unit that is shown


def test_the_least_test_loss_is_early(page):
    page.open("#data=moons&n=150&noise=0.4&test=0.5&draw=3&t=800")
    when, least, now = page.ask(
        "[least(lab.runs[0].seen).t, least(lab.runs[0].seen).test, lab.runs[0].now.test]"
    )
    assert 100 < when < 200 and least < 0.3 and now > 1


@pytest.mark.slow
def test_it_is_fast(page):
    """In processor time, so that what else runs on the machine does not count."""
    page.open("#data=moons&n=400&t=50")  # 320 points to learn from
    page.call("Performance.enable", timeDomain="threadTicks")

    def cost(code, times):
        def spent():
            found = page.call("Performance.getMetrics")["metrics"]
            return next(one["value"] for one in found if one["name"] == "ThreadTime")

        page.ask(f"for (let k = 0; k < {times}; k++) {{ {code} }}")
        began = spent()
        page.ask(f"for (let k = 0; k < {times}; k++) {{ {code} }}")
        return 1e3 * (spent() - began) / times

    run = "lab.runs[0]"
    look = cost(f"{run}.curvature = null; {run}.look();", 40)
    step = cost(f"{run}.step();", 200)
    seen = cost(f"{run}.step(); lab.playing = true; draw(false);", 40)
    print(
        f"Hessian and eigenvalues {look:.1f} ms, step {step:.2f} ms, step and picture {seen:.1f} ms"
    )
    assert 0.1 < look < 8
    assert step < 1
    assert seen < 16
