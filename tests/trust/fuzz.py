"""Bad input: every public function, the command line and the readers of files.

A case is a call that is right but for one or two arguments, which Hypothesis
draws from all kinds of values. It may succeed, or be refused with a ValueError,
TypeError, FileNotFoundError or FileExistsError that names an argument; nothing
else, within thirty seconds, and with nothing written or printed.
"""

import contextlib
import io
import re
from pathlib import Path
from unittest import mock

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from . import readers, targets
from .junk import Watch, anything, at_most, letters
from .table import Row


def rows(quick):
    """Try the functions, then the command line; print what was found."""
    return [
        functions(5 if quick else 60),
        command_line(25 if quick else 1000),
        *readers.rows(quick),
    ]


def _hypothesis(n, test, **strategies):
    """Run a test on n drawn cases, the same ones every time."""
    quiet = settings(
        max_examples=n,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    quiet(given(**strategies)(test))()


# --------------------------------------------------------------------- functions


def functions(n, names=None):
    """Spoil the arguments of every public function, n cases each: a Row."""
    known = targets.made()
    with readers.in_folder() as folder:
        watch = Watch(Path(folder))
        for name in names or known:
            spoil(watch, name, *known[name], n)
    report(watch)
    what = f"functions: {len(names or known)}, each with arguments spoiled"
    return _row(what, watch)


def spoil(watch, name, function, arguments, n):
    """Try n cases of one function."""

    def case(data):
        chosen = st.lists(st.sampled_from(sorted(arguments)), min_size=1, max_size=2, unique=True)
        names = data.draw(chosen)
        junk = {each: data.draw(anything) for each in names}
        watch.call(name, names, lambda: function(**{**arguments, **junk}))
        clear(watch.folder)

    _hypothesis(n, case, data=st.data())


def clear(folder):
    """Delete what successful calls have written."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


def report(watch):
    """Print what was found, to be mended."""
    for text, times in watch.findings.most_common():
        print(f"  {times} times {text}", flush=True)


def _row(what, watch):
    found = f"{watch.refused} refused, {sum(watch.findings.values())} in another way"
    return Row(what, watch.tried, found, "a ValueError or its like, named", not watch.findings)


# ------------------------------------------------------------------ command line

OPTIONS = {
    "reproduce": ["--tasks", "--activations", "--seed", "--out", "--epochs", "--data-dir",
                  "--as-published"],
    "sweep": ["--tasks", "--activations", "--seeds", "--plan", "--out", "--epochs", "--data-dir",
              "--as-published"],
    "replay": ["--out"],
    "lessons": [],
}  # fmt: skip
SHORT = {
    "reproduce": ["--tasks", "linear-10", "--activations", "relu", "--epochs", "1"],
    "sweep": ["--tasks", "linear-10", "--activations", "relu", "--epochs", "1", "--seeds", "1"],
    "replay": ["nowhere"],
    "lessons": ["--no-browser"],
}
WORDS = ["", "0", "1", "-1", "2.5", "1e400", "nan", "inf", "0x10", "9" * 30, "esp", "digits", "x",
         "linear-10", "published", "\0", "β" * 200, "--", "-", "/dev/null", "/proc/1/mem",
         "a\nb", "file", "folder/new", "file/new", "\udc80"]  # fmt: skip


words_of_all_kinds = st.one_of(st.sampled_from(WORDS), st.text(letters, max_size=3))


@st.composite
def command_lines(draw):
    """A call that is right and short, with options that need not be."""
    command = draw(st.sampled_from(sorted(OPTIONS)))
    words = [command, *SHORT[command]]
    for _ in range(draw(st.integers(1, 3))):
        option = draw(st.sampled_from(["", "--nonsense", "-h", *OPTIONS[command]]))
        values = draw(st.lists(words_of_all_kinds, max_size=2))
        words += [option, *values] if option else values
    return [*words, "--workers", "1"] if command in ("reproduce", "sweep", "replay") else words


def command_line(n):
    """Try n command lines: a Row."""
    with readers.in_folder() as folder:
        watch = Watch(Path(folder))
        _hypothesis(n, lambda words: _one_command(watch, words), words=command_lines())
    report(watch)
    found = f"{watch.refused} refused, {sum(watch.findings.values())} in another way"
    return Row("command lines", watch.tried, found, "a message and exit code 2", not watch.findings)


def _one_command(watch, words):
    """Call the command line: a refusal has the exit code 2, a message, and wrote nothing."""
    from minifnn.__main__ import main

    folder = watch.folder
    (folder / "file").write_text("mine")
    watch.tried += 1
    said, errors = io.StringIO(), io.StringIO()
    streams = contextlib.redirect_stdout(said), contextlib.redirect_stderr(errors)
    drawn = mock.patch("minifnn.experiments.report.draw", lambda *arguments: {})
    try:
        with at_most(60), streams[0], streams[1], drawn:
            code = main(words)
    except SystemExit as stop:
        code = stop.code
    except BaseException as error:
        watch.find("minifnn", [ascii(words)], error, "is an exception")
        code = None
    _judge(watch, folder, words, code, said.getvalue(), errors.getvalue())
    clear(folder)


def _judge(watch, folder, words, code, said, errors):
    left = {path.name for path in folder.iterdir()} - {"file"}
    if (folder / "file").read_text() != "mine":
        watch.find("minifnn", [ascii(words)], "", "wrote over a file that was there")
    if code in (0, None):
        return
    watch.refused += 1
    said_so = re.search(r"^minifnn[ \w]*: ", errors, re.MULTILINE)
    if code != 2 or not said_so or "Traceback" in errors:
        watch.find("minifnn", [ascii(words)], errors, f"ended with {code}")
    if said or left:
        watch.find("minifnn", [ascii(words)], f"{said} {left}", "left a part of its output")
