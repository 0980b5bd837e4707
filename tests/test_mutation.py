"""The mutation tests themselves: what they change, and that they tell good from bad."""

import ast
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from minifnn import losses

trial = pytest.importorskip("mutation.trial", exc_type=ImportError)  # `resource` is of Unix
from mutation import __main__ as mutation  # noqa: E402
from mutation.mutants import mutants  # noqa: E402

SOURCE = '''\
"""A module: 1 + 1."""
SIZE = 3
if TYPE_CHECKING:
    SIZE = 4


def area(a, b: int = 2) -> 1:
    """Not a + b."""
    if a < 0 and not b:
        raise ValueError("a - b is 1 - 2")
    return a[:-1].T * min(b, 0.5), f(axis=1)
'''
CHANGED = {
    "SIZE = 3": {"SIZE = 4"},
    "def area(a, b: int = 2) -> 1:": {"def area(a, b: int = 3) -> 1:"},
    "if a < 0 and not b:": {
        "if a <= 0 and not b:",
        "if a < 1 and not b:",
        "if a < 0 or not b:",
        "if a < 0 and b:",
        "if not (a < 0 and not b):",
    },
    "return a[:-1].T * min(b, 0.5), f(axis=1)": {
        "return a[:].T * min(b, 0.5), f(axis=1)",
        "return a[:1].T * min(b, 0.5), f(axis=1)",
        "return a[:-2].T * min(b, 0.5), f(axis=1)",
        "return a[:-1] * min(b, 0.5), f(axis=1)",
        "return a[:-1].T / min(b, 0.5), f(axis=1)",
        "return a[:-1].T * max(b, 0.5), f(axis=1)",
        "return a[:-1].T * min(b, 1.0), f(axis=1)",
        "return a[:-1].T * min(b, 0.5), f(axis=0)",
        "return a[:-1].T * min(b, 0.5), f(axis=2)",
    },
}


def test_signs_indices_and_constants_are_changed_and_nothing_else():
    found = {}
    for mutant in mutants("area", SOURCE):
        found.setdefault(mutant.before, set()).add(mutant.after)
        compile(mutant.source, "area.py", "exec")
        assert mutant.function == ("" if mutant.line < 8 else "area")
    assert found == CHANGED


@pytest.mark.parametrize("module", mutation.TESTS)
def test_every_mutant_is_a_program_of_its_own(module):
    found = mutants(module, trial.path_of(module).read_text())
    assert len(found) > 20
    assert len({mutant.source for mutant in found}) == len(found)
    for mutant in found[::7]:
        ast.parse(mutant.source)


def test_what_is_called_equivalent_is_a_mutant():
    there = set()
    for module in mutation.TESTS:
        source = trial.path_of(module).read_text()
        there |= {(module, mutant.before, mutant.after) for mutant in mutants(module, source)}
    assert mutation.equivalent().keys() <= there


def test_a_fork_tells_and_is_killed_by_an_error_or_an_endless_loop():
    def endless(tell):
        tell("still here")
        while True:
            pass

    assert trial.in_a_fork(lambda tell: tell([1, "a"]) or trial.SURVIVED, 5) == (0, [[1, "a"]])
    assert trial.in_a_fork(lambda tell: 1 / 0, 5) == (trial.KILLED, [])
    assert trial.in_a_fork(endless, 0.1) == (trial.KILLED, ["still here"])


def wrong_sign():
    """The squared error's gradient as o + y, a mutant that every test of it must kill."""
    found = mutants("losses", trial.path_of("losses").read_text())
    return next(m for m in found if "square" in m.function and m.after.startswith("return (o + y)"))


def test_a_graft_changes_a_function_wherever_it_is_known():
    def changed(tell):
        trial.graft(losses, compile(wrong_sign().source, "losses.py", "exec"))
        tell(losses.squared_error.gradient(one, one).tolist())
        return trial.SURVIVED

    one = losses.np.ones((1, 1))
    assert losses.squared_error.gradient(one, one) == 0
    assert trial.in_a_fork(changed, 5) == (trial.SURVIVED, [[[2.0]]])
    assert losses.squared_error.gradient(one, one) == 0


def trials():
    """The code itself and a mutant, both grafted and imported."""

    def work(trials):
        bad = wrong_sign()
        same = replace(bad, source=trials.path.read_text())
        for mutant, verdict in (same, trial.SURVIVED), (bad, trial.KILLED):
            assert trials.verdict(mutant)[0] == verdict
            assert trials.verdict(replace(mutant, function=""))[0] == verdict

    trial.run("losses", ["test_losses.py"], work)


@pytest.mark.slow
def test_known_mutants_are_killed_and_the_code_itself_survives():
    """In a process of its own, as the command does it."""
    command = [sys.executable, "-c", "import test_mutation; test_mutation.trials()"]
    done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def row(verdict, before="a + b", after="a - b"):
    return dict(module="losses", function="f", before=before, after=after, verdict=verdict)


def test_the_table_counts_and_a_survivor_is_listed_with_its_reason(monkeypatch):
    same = {("losses", "c + b", "c - b"): "b is 0"}
    monkeypatch.setattr(mutation, "equivalent", lambda: same)
    rows = [row("killed"), row("killed"), row("survived"), row("survived", "c + b", "c - b")]
    assert "| losses | 4 | 2 | 1 | 1 | 50.0% | 66.7% |" in mutation.table(rows)
    assert mutation.survivors(rows).splitlines()[2:] == [
        "| losses f | `a + b` | `a - b` | **not known** |",
        "| losses f | `c + b` | `c - b` | b is 0 |",
    ]
