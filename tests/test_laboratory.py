"""The laboratory page computes what the library computes.

Where a Chromium is installed, a small page loads the laboratory's script, calls its
functions, and writes what they return into itself; `--dump-dom` hands it over.
"""

import html
import importlib.util
import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from minifnn import activations, energy, plots
from minifnn.curvature.spectrum import Spectrum
from minifnn.experiments.paper import ACTIVATIONS, Run

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "laboratory"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")

SCRIPTS = ("recorded.js", "laboratory.js")
RECORDS = (0, 7, 30, 61)
BETAS = (0.0, 0.01, 0.3, 1.0, 2.5, 17.0, 100.0)
FIELDS = np.linspace(-6, 6, 49)
POINTS = np.array([[0.1, 0.5], [0.4, 0.9], [0.66, 0.42], [0.95, 0.7], [-1.0, 2.0]])


@cache
def recorded():
    """What recorded.js sets RECORDED to."""
    text = (PAGE / "recorded.js").read_text()
    return json.loads(re.search(r"const RECORDED = (\{.*\});", text, flags=re.DOTALL).group(1))


@cache
def make_data():
    """The script that makes it, as a module."""
    spec = importlib.util.spec_from_file_location("make_data", PAGE / "make_data.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def style(variable):
    """A colour of the style sheet: in the light, in the dark."""
    return re.findall(rf"{variable}: (#\w{{6}});", (PAGE / "laboratory.css").read_text())


def luminance(colour):
    """Relative luminance, as WCAG 2 defines it."""
    c = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ [
        0.2126,
        0.7152,
        0.0722,
    ]


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


# ----------------------------------------------------------------- without a browser


def test_the_page_is_small():
    assert sum(path.stat().st_size for path in PAGE.glob("*.*")) < 600_000


def test_the_page_needs_no_network():
    text = (PAGE / "index.html").read_text()
    loaded = re.findall(r'(?:src|<link rel="stylesheet" href)="([^"]*)"', text)
    assert sorted(loaded) == ["laboratory.css", "laboratory.js", "recorded.js"]
    assert not re.search(r"fetch\(|XMLHttpRequest|import ", (PAGE / "laboratory.js").read_text())
    assert not re.search(r"@import|url\(", (PAGE / "laboratory.css").read_text())


def test_activations_look_as_in_every_figure():
    assert recorded()["styles"] == {
        name: {
            "name": plots.NAMES[name],
            "colour": plots.COLOURS[name],
            "line": plots.LINES[name],
            "marker": plots.MARKERS[name],
        }
        for name in ACTIVATIONS
    }


def test_contrast_in_the_light_and_in_the_dark():
    grounds = [style(variable) for variable in ("--page", "--panel")]
    for k in (0, 1):
        for ground in grounds:
            assert contrast(style("--ink")[k], ground[k]) > 7
            assert contrast(style("--quiet")[k], ground[k]) > 4.5
            assert contrast(style("--accent")[k], ground[k]) > 4.5
        assert contrast(style("--accent-ink")[k], style("--accent")[k]) > 4.5
        for name in ACTIVATIONS:  # lines and markers, named beside
            assert contrast(plots.COLOURS[name], style("--panel")[k]) > 3


def test_every_number_of_an_equation_is_defined():
    defined = set(re.findall(r"\\tag\{([\d.]+)\}", (ROOT / "docs" / "equations.md").read_text()))
    used = set(re.findall(r"// \((\d+\.\d+)\)", (PAGE / "laboratory.js").read_text()))
    assert len(used) >= 10
    assert used <= defined


def test_every_control_has_a_label():
    text = (PAGE / "index.html").read_text()
    controls = re.findall(r'<input type="range" id="(\w+)"', text)
    assert controls == ["beta", "field", "record"]
    assert all(f'<label for="{name}">' in text for name in controls)


def test_the_data_are_those_of_the_published_protocol():
    net, history = Run("nonlinear-10", "sigmoid").train()
    made, there = make_data().record(net, history), recorded()["runs"]["sigmoid"]
    assert made.keys() == there.keys()
    assert made["slices"] == there["slices"]
    for column in ("cost", "score", "theta", "tolerance"):
        # another machine may round otherwise, and training carries that on
        np.testing.assert_allclose(made[column], there[column], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(made["eigenvalues"], there["eigenvalues"], rtol=1e-4, atol=1e-6)
    assert recorded()["epochs"] == history["epoch"].tolist()
    assert recorded()["points"] == make_data().points(Run("nonlinear-10", "sigmoid").data())


def test_the_bins_are_those_of_the_film():
    rows = [np.ravel(run["eigenvalues"]) for run in recorded()["runs"].values()]
    edges, unit = plots.eigenvalue_bins(np.concatenate(rows))
    np.testing.assert_allclose(recorded()["histogram"]["edges"], edges, rtol=1e-4)
    assert recorded()["histogram"]["unit"] == unit


# ------------------------------------------------------------------- in a browser


def dom(url, folder):
    """What a page has become, and what the browser complained of."""
    flags = "--headless=new --no-sandbox --disable-gpu --disable-background-networking"
    command = [CHROMIUM, *flags.split(), "--enable-logging=stderr", f"--user-data-dir={folder}"]
    done = subprocess.run(
        [*command, "--dump-dom", url], capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout, [line for line in done.stderr.splitlines() if ":CONSOLE" in line]


ASK = """
const { ACTIVATIONS, RECORDED, entropy, entropyOfSpin, logit, parameters, summary, zeroLine,
  logitsOnGrid, boxAround, counts } = window.laboratory;
const names = Object.keys(RECORDED.runs);
const overTable = (f) => BETAS.map((beta) => FIELDS.map((h) => f(h, beta)));
const each = (f) => Object.fromEntries(names.map((name) => [name, f(name)]));
const line = (name, record, box) => zeroLine(
  logitsOnGrid(name, parameters(name, record), box, 40), 40);
const answer = {
  functions: each((name) => Object.fromEntries(
    Object.entries(ACTIVATIONS[name]).map(([what, f]) => [what, overTable(f)]))),
  entropy: overTable(entropy),
  entropyOfSpin: overTable(entropyOfSpin),
  logits: each((name) => RECORDS.map(
    (record) => POINTS.map((x) => logit(name, parameters(name, record), x)))),
  logitsOfSamples: each((name) => RECORDED.points.map(
    (x) => logit(name, parameters(name, RECORDED.epochs.length - 1), x))),
  summaries: each((name) => RECORDED.epochs.map((_, record) => summary(name, record))),
  edges: counts(RECORDED.histogram.edges, RECORDED.histogram.edges),
  box: boxAround(RECORDED.points),
  line: each((name) => line(name, 61, boxAround(RECORDED.points))),
};
document.getElementById("answer").textContent = JSON.stringify(answer);
"""


@pytest.fixture(scope="module")
def answer(tmp_path_factory):
    """What the page's functions return."""
    folder = tmp_path_factory.mktemp("laboratory")
    given = {"RECORDS": RECORDS, "BETAS": BETAS}
    given |= {"FIELDS": FIELDS.tolist(), "POINTS": POINTS.tolist()}
    constants = "".join(f"const {name} = {json.dumps(v)};\n" for name, v in given.items())
    scripts = [f'<script src="{(PAGE / f).as_uri()}"></script>' for f in SCRIPTS]
    page = f'<meta charset="utf-8"><pre id="answer"></pre>{"".join(scripts)}'
    (folder / "ask.html").write_text(f"{page}<script>{{{constants}{ASK}}}</script>")
    text, complaints = dom((folder / "ask.html").as_uri(), folder / "profile")
    assert not complaints
    return json.loads(html.unescape(re.search(r'<pre id="answer">(.*?)</pre>', text).group(1)))


TABLE = np.meshgrid(BETAS, FIELDS, indexing="ij")  # beta down, h across


@needs_chromium
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_and_slopes_are_the_librarys(answer, name):
    beta, h = TABLE
    wanted = activations.ACTIVATIONS[name].derivatives(h, beta)
    got = answer["functions"][name]
    for what, want in zip(("value", "slope", "slopeInBeta"), (wanted.f, wanted.h, wanted.beta)):
        np.testing.assert_allclose(got[what], want, rtol=0, atol=1e-12, err_msg=what)


@needs_chromium
def test_entropies_are_the_librarys(answer):
    beta, h = TABLE
    np.testing.assert_allclose(answer["entropy"], energy.entropy(h, beta), rtol=0, atol=1e-12)
    spin = np.zeros(h.shape)
    cold = beta > 0  # counting refuses beta = 0, where both states are equally likely
    spin[cold] = energy.enumerate_gate(h[cold], beta[cold], states=(-1, 1)).entropy
    spin[~cold] = np.log(2)
    np.testing.assert_allclose(answer["entropyOfSpin"], spin, rtol=0, atol=1e-12)


@needs_chromium
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_logits_are_the_librarys(answer, name):
    net = Run("nonlinear-10", name).network()
    for got, record in zip(answer["logits"][name], RECORDS):
        net.theta[:] = recorded()["runs"][name]["theta"][record]
        np.testing.assert_allclose(got, net.logits(POINTS)[:, 0], rtol=0, atol=1e-9)


@needs_chromium
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_cost_and_score_of_what_is_drawn_are_close_to_what_is_shown(answer, name):
    o = np.array(answer["logitsOfSamples"][name])
    y = np.array(recorded()["points"])[:, 2]
    shown = answer["summaries"][name][-1]  # a step earlier
    assert np.mean(np.logaddexp(0, o) - y * o) == pytest.approx(shown["cost"], rel=0.01)
    assert np.mean((o > 0) == (y > 0.5)) == pytest.approx(shown["score"], abs=0.005)


@needs_chromium
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_spectra_are_counted_as_the_library_counts(answer, name):
    run, edges = recorded()["runs"][name], recorded()["histogram"]["edges"]
    for got, row, tau in zip(answer["summaries"][name], run["eigenvalues"], run["tolerance"]):
        s = Spectrum(np.array(row), tau)
        assert tuple(got["alpha"]) == s.alpha_bounds
        assert got["gamma"] == s.gamma
        assert got["counts"] == np.histogram(row, edges)[0].tolist()
        assert got["outside"] == len(row) - sum(got["counts"])


@needs_chromium
def test_what_lies_on_an_edge_is_counted_as_numpy_counts(answer):
    edges = recorded()["histogram"]["edges"]
    assert answer["edges"] == np.histogram(edges, edges)[0].tolist()


@needs_chromium
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_line_lies_where_the_network_is_undecided(answer, name):
    left, right, low, high = answer["box"]
    net = Run("nonlinear-10", name).network()
    net.theta[:] = recorded()["runs"][name]["theta"][61]
    ends = np.array(answer["line"][name]).reshape(-1, 2) / 39
    on_line = net.logits(ends * [right - left, high - low] + [left, low])
    anywhere = net.logits(np.random.default_rng(0).uniform([left, low], [right, high], (500, 2)))
    assert len(ends) > 50
    assert np.median(np.abs(on_line)) < 0.02 * np.median(np.abs(anywhere))


@needs_chromium
def test_the_page_shows_its_numbers_and_complains_of_nothing(tmp_path):
    text, complaints = dom((PAGE / "index.html").as_uri(), tmp_path / "profile")
    assert not complaints
    assert "At β = 1.00 and h = −1.00 the gate is open 26.9 %" in text
    assert f"{activations.esp(-1.0, 1.0):.4f}".replace("-", "−") in text
    assert "Epoch 0: ESP cost 0.693, α 0.50, γ 0.00; ReLU" in text
    pictures = re.findall(r'<(?:svg|canvas)[^>]*role="img"[^>]*>', text)
    assert len(pictures) == 4 + 2 * 4 + 3
    assert all("aria-label=" in picture for picture in pictures)
