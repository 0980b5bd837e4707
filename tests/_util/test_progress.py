"""The progress bar."""

from minifnn._util.progress import progress_bar


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
