"""Equation numbers: each one in the code is defined, each one defined is in the code."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
NUMBER = r"\d+\.\d+"


def in_code():
    """Numbers in parentheses that end a comment, or a line of text after some space."""
    ends_a_line = re.compile(rf"(?:#.*|\s{{3,}})\(({NUMBER})\)\W*$", flags=re.MULTILINE)
    files = (ROOT / "minifnn").rglob("*.py")
    return {number for path in files for number in ends_a_line.findall(path.read_text())}


def defined():
    return re.findall(rf"\\tag\{{({NUMBER})\}}", (ROOT / "docs" / "equations.md").read_text())


def test_every_number_in_the_code_is_defined():
    assert in_code() - set(defined()) == set()


def test_every_equation_is_a_line_of_the_code():
    assert set(defined()) - in_code() == set()


def test_every_number_is_derived_in_a_lesson():
    sources = (ROOT / "lessons" / "source").glob("*.py")
    tagged = {
        tag for path in sources for tag in re.findall(rf"\\tag\{{({NUMBER})\}}", path.read_text())
    }
    assert tagged == set(defined())


def test_numbers_are_defined_once_and_in_order():
    numbers = [tuple(map(int, number.split("."))) for number in defined()]
    assert numbers == sorted(set(numbers))
    assert len(numbers) > 60
