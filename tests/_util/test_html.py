"""What a network, a history and a spectrum say of themselves, in a line and in a notebook."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

import minifnn as mf
from minifnn._util.html import table
from minifnn.curvature.lanczos import lanczos_spectrum


def cells(html):
    """The title, and the texts of each row, of HTML that must be well formed."""
    title, body = ElementTree.fromstring(f"<div>{html}</div>")
    return title.text, [[cell.text or "" for cell in row] for row in body]


def test_every_text_is_escaped():
    wild = "<script>alert('&')</script>"
    html = table(wild, (wild, "b"), (1, wild))
    assert "<script" not in html
    assert cells(html) == (wild, [[wild, "b"], ["1", wild]])


@pytest.mark.parametrize("hidden", ["tanh", ["relu", "esp"], "own"])
def test_a_network_shows_what_its_summary_prints(hidden, capsys):
    own = mf.Activation("<b>", *(3 * [mf.activations.tanh.value]))
    hidden = [own, "esp"] if hidden == "own" else hidden
    net = mf.mlp([2, 5, 4, 3], hidden=hidden, output="softmax", seed=1)
    title, rows = cells(net._repr_html_())
    assert f"<{title}>" == repr(net)
    net.summary()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [" ".join(row).split() for row in rows]
    counts = [int(row[-1]) for row in rows[1:]]
    assert sum(counts[:-1]) == counts[-1] == net.n_parameters
    assert [row[4] for row in rows[1:3]] == [str(gate) for gate in net.hidden]


def test_a_history_shows_where_its_numbers_began_and_ended():
    columns = {"epoch": [0, 10, 20], "loss": [0.5, 0.25, 0.123456], "theta": np.ones((3, 4))}
    title, rows = cells(mf.History(columns)._repr_html_())
    assert title == "History, 3 records"
    assert rows == [["", "first", "last"], ["epoch", "0", "20"], ["loss", "0.5", "0.1235"]]
    assert cells(mf.History()._repr_html_())[0] == "History, 0 records"


def test_a_spectrum_is_a_line_and_a_small_table():
    s = mf.Spectrum(np.array([-2.0, -1e-9, 0.0, 1e-9, *np.ones(295), 3.0]), 1e-8)
    assert repr(s) == "<Spectrum, P = 300, alpha = 0.00333 to 0.0133, gamma = 0.01, sharpness = 3>"
    title, rows = cells(s._repr_html_())
    assert f"<{title}>" == repr(s)
    assert rows[1:3] == [["smallest", "-2"], ["largest", "3"]]
    assert "alpha = 0.5, gamma" in repr(mf.Spectrum(np.array([-1.0, 1.0]), 0.0))


def test_an_estimated_spectrum_is_a_line():
    X, Y = np.random.default_rng(0).normal(size=(30, 3)), np.ones((30, 1))
    H = mf.hessian_operator(mf.mlp([3, 9, 1], seed=1), X, Y)
    shown = repr(lanczos_spectrum(H, extremes=2, steps=10, vectors=2))
    assert re.fullmatch(r"<LanczosSpectrum, P = 56, alpha about 0\.\d+, sharpness = [\d.]+>", shown)
