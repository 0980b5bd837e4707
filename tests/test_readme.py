"""The first screens: the README, its picture, and the files that a public repository has."""

import contextlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import lowest
import public
import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PASTED = re.findall(r"^    (\S.*)$", README, flags=re.MULTILINE)  # lines for a terminal


def test_it_is_read_in_a_few_minutes():
    assert len(README.split()) <= 500


def test_two_commands_and_one_for_the_lessons():
    """Each stands alone; the lessons' second line needs no network."""
    commands = [line for line in PASTED if line.startswith("python3 ")]
    ends = ("&& .venv/bin/minifnn reproduce", "pytest -n auto --dist worksteal")
    last = " && .venv/bin/minifnn lessons my-lessons"
    assert len(commands) == 3
    for command, end in zip(commands, (*ends, last)):
        assert command.startswith("python3 -m venv .venv && .venv/bin/python -m pip install ")
        assert command.endswith(end)
    assert last.removeprefix(" && ") in PASTED


def test_the_lines_for_windows_are_the_same_two_commands():
    commands = [line for line in PASTED if line.startswith("python3 ")][:2]
    for here, there in (("python3", "py"), (" &&", ";"), (".venv/bin/", ".venv\\Scripts\\")):
        commands = [command.replace(here, there) for command in commands]
    assert [line for line in PASTED if line.startswith("py ")] == commands


def test_ci_takes_the_test_command():
    pattern = re.search(r"sed -n '(s/.*/p)'", (ROOT / ".ci" / "run").read_text())[1]
    found = re.findall(pattern.split("/")[1].replace(r"\(", "(").replace(r"\)", ")"), README, re.M)
    assert found == [line for line in PASTED if line.startswith("python3 ") and "pytest" in line]


def test_the_few_lines_run():
    namespace = {}
    exec(public.few_lines(), namespace)  # our own words, from our own README
    assert namespace["H"].shape == (52, 52)


def printed(code):
    """What lines print."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, {})
    return out.getvalue()


def test_the_few_lines_print_what_is_shown():
    code, shown = re.search(
        r"```python\n(.*?)```\n\n```\n(.*?)```", README, flags=re.DOTALL
    ).groups()
    assert printed(code) == shown


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_every_link_leads_to_a_file(name):
    links = re.findall(r"\]\((?!http)([^)#]+)", (ROOT / name).read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_picture_moves_and_is_small():
    image = pytest.importorskip("PIL.Image")
    path = ROOT / re.search(r"!\[.*?\]\((.*?)\)", README)[1]
    assert path.stat().st_size <= 1_500_000
    with image.open(path) as picture:
        assert picture.n_frames > 30


def test_what_others_run_is_what_the_repository_has():
    workflow = (ROOT / ".github" / "workflows" / "tests.yml").read_text()
    for file in re.findall(r"run: (\S+/\S+)$", workflow, flags=re.MULTILINE):
        assert os.access(ROOT / file, os.X_OK), file
    assert "run: .ci/run" in workflow
    extras = lowest.PROJECT["optional-dependencies"]
    for path in (".github/workflows/tests.yml", ".readthedocs.yaml", ".binder/requirements.txt"):
        asked = re.findall(r"\.\[(\w+)\]", (ROOT / path).read_text())
        assert asked and set(asked) <= set(extras), path


@pytest.mark.slow
def test_the_recipe_for_a_room_without_a_network(tmp_path):
    page = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
    section = page.split("### In a room without a network")[1].split("###")[0]
    collect, install, _ = re.findall(r"^    (\S.*)$", section, flags=re.MULTILINE)
    collect = collect.replace("python3", sys.executable).replace('".[', f'"{ROOT}[')
    install = install.replace("python3", sys.executable)
    offline = {"PIP_INDEX_URL": "http://127.0.0.1:9", "PIP_NO_INDEX": "1"}
    for command, more in ((collect, {}), (install, offline)):
        environment = lowest.outside(**more)
        subprocess.run(command, shell=True, cwd=tmp_path, check=True, env=environment)
    minifnn = tmp_path / ".venv" / "bin" / "minifnn"
    subprocess.run([minifnn, "lessons", "mine", "--no-browser"], cwd=tmp_path, check=True)
    assert (tmp_path / "mine" / "01_gate.ipynb").exists()
