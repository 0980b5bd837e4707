"""The progress bar, and samples in chunks."""

import numpy as np

from minifnn._util import progress
from minifnn._util.progress import chunks, progress_bar


def test_a_bar_shows_what_it_is_told(capfd):
    with progress_bar(True, 20, "epoch", initial=5, mininterval=0) as advance:
        advance(3, loss=0.25)
        advance(12)
    shown = capfd.readouterr().err
    assert "5/20" in shown and "epoch/s, loss=0.25" in shown and "20/20" in shown


def test_without_progress_nothing_is_shown(capfd):
    with progress_bar(False, 20, "epoch") as advance:
        advance(3, loss=0.25)
        advance()
    assert capfd.readouterr() == ("", "")


def test_chunks_hold_every_sample_once_and_few_numbers(monkeypatch):
    monkeypatch.setattr(progress, "CHUNK", 100)
    X = np.arange(14.0).reshape(7, 2)
    shares, xs, ys = zip(*chunks(X, X[:, :1], numbers=30))
    assert [len(x) for x in xs] == [3, 3, 1]
    assert np.array_equal(np.concatenate(xs), X) and np.array_equal(np.concatenate(ys), X[:, :1])
    assert shares == (3 / 7, 3 / 7, 1 / 7)
    assert len(list(chunks(X, X, numbers=1000))) == 7
