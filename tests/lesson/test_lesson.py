"""What a lesson calls, and the copies that a reader works in."""

import numpy as np
import pytest

from minifnn import lesson


def test_there_is_no_other_exercise():
    for number in ("0.1", None):
        with pytest.raises(ValueError, match=r"number.* one of 1\.1, .* 12\.5"):
            lesson.check(number, 1.0)
    with pytest.raises(ValueError, match=r"number.* one of 5\.1, 5\.2, 5\.3, 5\.4, 5\.5, got"):
        lesson.check("5.9", 1.0)
    assert lesson.exercise(1.1) is lesson.exercise("1.1")


def boltzmann(h, beta, states):
    weights = np.exp(beta * states * h)
    return weights / weights.sum()


def test_under_nbgrader_a_wrong_answer_raises(monkeypatch, capsys):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert lesson.check("1.1", boltzmann) is None
    assert capsys.readouterr().out == "1.1: correct\n"
    with pytest.raises(AssertionError, match=r"1\.1: not attempted"):
        lesson.check("1.1", None)


def test_an_outcome_is_shown_as_escaped_html():
    outcome = lesson.Outcome("5.2", "not yet", "a < b")
    assert not outcome
    assert "5.2: not yet</b>" in outcome._repr_html_() and "a &lt; b" in outcome._repr_html_()


def test_a_copy_never_replaces_what_is_there(tmp_path):
    mine = tmp_path / "new" / "mine"
    notebooks = {path.name: path.read_bytes() for path in lesson.folder().glob("*.ipynb")}
    assert lesson.copy_to(mine) == (sorted(notebooks), [])
    assert {path.name: path.read_bytes() for path in mine.iterdir()} == notebooks
    (mine / "01_gate.ipynb").write_text("my own words")
    (mine / "02_signal.ipynb").unlink()
    copied, kept = lesson.copy_to(mine)
    assert copied == ["02_signal.ipynb"]
    assert kept == sorted(notebooks.keys() - set(copied))
    assert (mine / "01_gate.ipynb").read_text() == "my own words"


def test_a_file_is_no_place_for_copies(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(FileExistsError, match="directory: expected a folder"):
        lesson.copy_to(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"
