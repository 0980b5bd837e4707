"""docs/cookbook.md: each recipe runs by itself, prints what the page says, and is short."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "cookbook.md"
INTRODUCTION, *SECTIONS = PAGE.read_text(encoding="utf-8").split("\n## ")
RECIPES = {section.split("\n")[0]: section for section in SECTIONS}


def blocks(text, language):
    """The code blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_it_prints_what_the_page_says(recipe, tmp_path, monkeypatch, capsys):
    if "sklearn" in recipe:
        pytest.importorskip("sklearn")
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "recipe"}
    (first,), (code,) = blocks(INTRODUCTION, "python"), blocks(recipe, "python")
    exec(first + code, namespace)  # our own words, from our own page
    shown = re.findall(r"^```$.*?^```\n\n```\n(.*?)^```$", "```\n" + recipe, re.M | re.S)
    assert capsys.readouterr().out == shown[0]


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_it_is_short(recipe):
    (code,) = blocks(recipe, "python")
    lines = [line for line in code.splitlines() if line.strip()]
    assert len(lines) <= 12 and max(map(len, lines)) <= 92
