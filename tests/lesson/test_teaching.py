"""What docs/teaching.md says: its own exercise, and minutes that add up."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from minifnn import lesson

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
LESSONS = sorted((ROOT / "lessons" / "source").glob("[01]*.py"))
MINUTES = re.findall(r"^\| (\d+) \| .*? \| (\d+) \|", TEXT.split("## How an hour")[0], re.MULTILINE)
LEFT_OUT = re.findall(
    r"^\| (\d+) \| (.*) \| ([\d, ]+) \|$", TEXT.split("may be left out, with")[1], re.MULTILINE
)


def test_the_documented_exercise_of_ones_own_is_whole(monkeypatch, tmp_path):
    known = {}
    monkeypatch.setattr(lesson, "exercises", lambda: known)
    block = TEXT.split("`mine.py` beside the notebook, complete:\n")[1].split("\n\n`mutants`")[0]
    code = re.sub("^    ", "", block, flags=re.MULTILINE).strip()
    assert len(code.splitlines()) <= 25
    (tmp_path / "mine.py").write_text(code)
    lesson.load(tmp_path / "mine.py")
    one = lesson.exercise("90.1")
    assert lesson.try_out(one) == [] and len(one.mutants) == 3
    (value,) = re.findall(r'`(Exercise\("90\.2".*?\))`', TEXT)
    assert lesson.try_out(eval(value, {"Exercise": lesson.Exercise})) == []  # our own words


@pytest.mark.parametrize(("number", "left_out", "leaves"), LEFT_OUT)
def test_what_may_be_left_out_is_there_and_its_minutes_add_up(number, left_out, leaves):
    source = LESSONS[int(number) - 1].read_text(encoding="utf-8")
    parts = re.findall(r"\*([^*]+)\* (\d+)", left_out)
    headings = re.findall(r"^# ###? (.*)", source, re.MULTILINE)
    assert {name for name, _ in parts} <= set(headings)
    assert ("★" in left_out) == any("★" in heading for heading in headings)  # on top
    rest = int(dict(MINUTES)[number]) - sum(int(n) for _, n in parts)
    assert rest == sum(map(int, leaves.split(",")))


def test_every_lesson_has_its_row():
    numbers = [str(n) for n in range(1, len(LESSONS) + 1)]
    assert [number for number, _ in MINUTES] == numbers
    assert [number for number, *_ in LEFT_OUT] == numbers


@pytest.mark.parametrize(("number", "left_out", "leaves"), LEFT_OUT)
def test_the_lesson_says_the_same_minutes(number, left_out, leaves):
    source = LESSONS[int(number) - 1].read_text(encoding="utf-8")
    said = " ".join(source.replace("\n#", "").split())
    minutes, more = re.search(
        r"(?:About|\*\*Minutes\*\*:) (\d+)(?:.{0,140}? (\d+) more)?", said
    ).groups()
    assert minutes == dict(MINUTES)[number]
    starred = re.search(r"★ (\d+)", left_out)
    assert more is None or more == starred[1]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="the commands are of a shell of Unix")
def test_the_documented_slides_begin_at_headings_and_show_no_answer(tmp_path):
    pytest.importorskip("nbconvert")
    command = TEXT.split("### On a screen and on paper\n\n")[1].split("\n\n")[0]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    variables = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT)}
    subprocess.run(["sh", "-c", command], cwd=tmp_path, env=variables, check=True)
    slides = (tmp_path / "05_backward.slides.html").read_text(encoding="utf-8")
    assert slides.count("<section") > slides.count("<h2") >= 12
    assert "5.1: correct" not in slides and "### BEGIN" not in slides
    assert "image/png;base64" in slides and "set_title" not in slides
