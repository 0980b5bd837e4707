"""The command line: what it prints, and its exit codes."""

import os
import signal
import sys
from types import SimpleNamespace

import pytest

import minifnn
from minifnn import __main__ as command_line
from minifnn import lesson
from minifnn.__main__ import main


def exit_code(*arguments):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    return stop.value.code


def test_version_and_help(capsys):
    assert exit_code("--version") == 0
    assert capsys.readouterr().out == f"minifnn {minifnn.__version__}\n"
    assert exit_code("--help") == 0
    shown = capsys.readouterr().out
    for command in ("reproduce", "sweep", "replay", "lessons", "progress"):
        assert command in shown
        assert exit_code(command, "--help") == 0
        own = capsys.readouterr().out
        assert f"examples:\n  minifnn {command} " in own
        for name in (" nonlinear-10", "sigmoid"):  # what one may choose from is listed once
            assert own.split("examples")[0].count(name) == (
                1 if command in ("reproduce", "sweep") else 0
            )
    assert exit_code() == exit_code("learn") == 2


@pytest.mark.parametrize("command", ["reproduce", "sweep", "lessons"])
def test_a_wrong_option_shows_the_usage_of_its_command(command, capsys):
    assert exit_code(command, "--tsks") == 2
    said = capsys.readouterr().err
    assert said.startswith(f"usage: minifnn {command} ")
    assert said.endswith(f"minifnn {command}: error: unrecognized arguments: --tsks\n")
    assert exit_code("--tsks", "x") == 2  # without a command it is the program's own
    assert capsys.readouterr().err.startswith("usage: minifnn [-h]")


def test_lessons_are_copied_and_jupyterlab_opens_the_first(tmp_path, capsys, monkeypatch):
    calls, n = [], len(list(lesson.folder().glob("*.ipynb")))
    standin = SimpleNamespace(main=calls.append)
    monkeypatch.setitem(sys.modules, "jupyterlab", SimpleNamespace(labapp=standin))
    monkeypatch.setitem(sys.modules, "jupyterlab.labapp", standin)
    monkeypatch.setattr(command_line, "find_spec", lambda name: None)
    assert main(["lessons", str(tmp_path), "--no-browser"]) == 0
    assert f"{n} notebooks copied to {tmp_path}, 0 kept" in capsys.readouterr().out
    assert main(["lessons", str(tmp_path)]) == 2
    out, errors = capsys.readouterr()
    assert f"0 notebooks copied to {tmp_path}, {n} kept" in out
    assert errors.startswith("minifnn: JupyterLab is not installed")
    assert not calls
    monkeypatch.setattr(command_line, "find_spec", lambda name: object())
    monkeypatch.chdir(tmp_path)
    assert (
        main(["lessons"]) == main(["lessons", "größer als", "--", "--allow-root", "--", "x"]) == 0
    )
    first = "--LabApp.default_url=/lab/tree/01_gate.ipynb"
    assert calls[0] == [str(tmp_path / "lessons-of-mine"), first]
    assert calls[1] == [str(tmp_path / "größer als"), first, "--allow-root", "--", "x"]


def test_progress_prints_a_table(tmp_path, capsys):
    assert main(["progress", str(tmp_path)]) == 2
    assert "directory: expected a folder with notebooks" in capsys.readouterr().err
    assert main(["progress", str(lesson.folder() / "solved")]) == 0
    assert "01_gate" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["--seeds", "0"], ["--seeds", "100001"], ["--workers", "0"]])
def test_a_number_out_of_bounds_is_refused_before_anything_is_written(words, tmp_path, capsys):
    assert main(["sweep", "--out", str(tmp_path / "out"), *words]) == 2
    errors = capsys.readouterr().err
    assert errors.startswith(f"minifnn: {words[0][2:]}") and errors.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="signals are of Unix")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(("command", "resumes"), [("reproduce", True), ("replay", False)])
def test_a_signal_stops_it_and_is_in_the_exit_code(number, command, resumes, monkeypatch, capsys):
    before = signal.getsignal(signal.SIGTERM)

    def interrupted(*arguments, **options):
        os.kill(os.getpid(), number)
        signal.pause()

    monkeypatch.setattr("minifnn.experiments.paper.reproduce", interrupted)
    monkeypatch.setattr("minifnn.experiments.replication.report.replay", interrupted)
    assert main([command, "there"] if command == "replay" else [command]) == 128 + number
    errors = capsys.readouterr().err
    assert errors.startswith("\nStopped.") and ("Call it again" in errors) == resumes
    assert signal.getsignal(signal.SIGTERM) is before
