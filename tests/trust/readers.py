"""The readers of files on bytes that grow out of right ones, by Hypothesis and by Atheris.

Hypothesis cuts, bends, doubles and swaps parts of a right file, and puts the
checksums of an .npz right again, so that the changes reach the code behind
them. Atheris, where it is installed (the extra `fuzz`), does so led by the lines
of the reader that a file has reached; it wants a process of its own:

    python -m tests.trust.guided network 20000
"""

import io
import json
import os
import subprocess
import sys
import tempfile
import warnings
import zipfile
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from . import damage
from .junk import at_most
from .table import Row

SECONDS = 30  # until a file counts as one that hangs


def rows(quick):
    """Try each kind of file in both ways."""
    found = [by_hypothesis(kind, 20 if quick else 300) for kind in damage.KINDS]
    if find_spec("atheris") is not None:
        found += [by_atheris(kind, 200 if quick else 3000) for kind in damage.KINDS]
    return found


class Files:
    """A folder with a right file of one kind, where others are tried in its place."""

    def __init__(self, kind, folder):
        self.kind, self.tried, self.wrong = kind, 0, []
        self.path = damage.write_whole(Path(folder))[kind]
        self.content = self.path.read_bytes()

    def try_bytes(self, content):
        """Read this content; keep what went wrong."""
        self.tried += 1
        try:
            with at_most(SECONDS):
                verdict = damage.verdict_on(self.kind, self.path, content)
        except BaseException as error:
            verdict = f"{type(error).__name__}: {error}"
        if verdict not in ("refused", "same"):
            self.wrong.append(verdict)
            print(f"  {self.kind}: {verdict}", flush=True)

    def row(self, how):
        """What was found, as a Row."""
        found = f"{len(self.wrong)} in another way"
        wanted = "refused, or read"
        return Row(f"{self.kind} files, by {how}", self.tried, found, wanted, not self.wrong)


# ----------------------------------------------------------------- by Hypothesis


@st.composite
def changed(draw, content):
    """The content with a few parts cut out, put in, doubled or changed."""
    bent = bytearray(content)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(bent)))
        stop = min(len(bent), start + draw(st.sampled_from([0, 1, 2, 4, 8, 64, 1000])))
        junk = draw(st.one_of(st.binary(max_size=8), st.sampled_from(WORDS), st.just(bent[:start])))
        bent[start:stop] = bytes(junk)
    return bytes(bent)


# what stands in such files: lengths, signatures, words of pickles
WORDS = [b"\xff" * 4, b"\x00" * 8, b"\x7f\xff\xff\xff", b"PK\x01\x02", b"PK\x05\x06", b"\x93NUMPY",
         b"(" * 9, b")", b"999999999999", b"|O", b"<f8", b"<U9", b"cos\nsystem\n", b"\x0f\x00",
         b"h\x00R.", b"q\x00q\x01", b"]" * 9, b"a.", b"\x80\x05", b"\x95"]  # fmt: skip


def with_checksums(content, chosen, data):
    """An .npz with one of its members changed, and checksums that fit them all."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            member = old.read(name)
            new.writestr(name, data.draw(changed(member)) if name == chosen else member)
    return stream.getvalue()


def by_hypothesis(kind, n):
    """Try n files of a kind: a Row."""
    with in_folder() as folder:
        files = Files(kind, folder)
        members = _members(files.content)

        def case(data):
            if members and data.draw(st.booleans()):
                chosen = data.draw(st.sampled_from(members))
                files.try_bytes(with_checksums(files.content, chosen, data))
            else:
                files.try_bytes(data.draw(changed(files.content)))

        options = {"deadline": None, "database": None, "derandomize": True, "max_examples": n}
        quiet = settings(suppress_health_check=list(HealthCheck), **options)
        quiet(given(data=st.data())(case))()
    return files.row("Hypothesis")


def _members(content):
    if content[:2] != b"PK":
        return []
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return file.namelist()


@contextmanager
def in_folder():
    """Work in a new folder, with warnings of readers unheard."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.chdir(name)
        try:
            yield name
        finally:
            os.chdir(before)


# -------------------------------------------------------------------- by Atheris


def by_atheris(kind, n):
    """Let Atheris try n files of a kind, in a process of its own: a Row."""
    command = [sys.executable, "-m", "tests.trust.guided", kind, str(n)]
    with tempfile.TemporaryDirectory() as name:  # for libFuzzer ends the child as it is
        environment = {**os.environ, "TMPDIR": name}
        options = {"capture_output": True, "text": True, "timeout": 3000}
        done = subprocess.run(command, env=environment, **options)
    counts = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not counts:
        return Row(f"{kind} files, by Atheris", 0, done.stderr[-200:], "refused, or read", False)
    tried, wrong = json.loads(counts[-1]).values()
    what = f"{kind} files, by Atheris"
    return Row(what, tried, f"{len(wrong)} in another way", "refused, or read", not wrong)
