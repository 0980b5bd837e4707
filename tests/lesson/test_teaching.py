"""What docs/teaching.md says: its own exercise, and minutes that add up."""

import re
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
