"""The type hints: whatever a user calls has them, and what they say is so."""

import inspect
import subprocess
import sys

import public
import pytest

ROOT = public.PACKAGE.parent
SPECIAL = ("__init__", "__call__", "__getitem__", "__contains__", "__len__")


def functions():
    """What a user calls, {full name: function}: special methods such as `__init__` too."""
    things = public.offered()
    for name in public.OFFERED_MODULES:
        things |= public.defined_in(public.module(name))
    everything = public.with_methods(things)
    for full_name, thing in things.items():
        if inspect.isclass(thing):
            special = {part: vars(thing).get(part) for part in SPECIAL}
            everything |= {f"{full_name}.{p}": f for p, f in special.items() if f is not None}
    return {full_name: f for full_name, f in everything.items() if inspect.isfunction(f)}


FUNCTIONS = functions()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_parameter_and_every_result_has_a_hint(name):
    signature = inspect.signature(FUNCTIONS[name])
    parameters = [p for p in signature.parameters.values() if p.name not in ("self", "cls")]
    assert not [p.name for p in parameters if p.annotation is p.empty]
    assert signature.return_annotation is not signature.empty


def test_the_package_says_that_it_has_hints():
    assert (public.PACKAGE / "py.typed").exists()


@pytest.fixture(scope="module")
def mypy(tmp_path_factory):
    """Run mypy from the project's folder, with its settings; return what it says."""
    pytest.importorskip("mypy")
    command = [sys.executable, "-m", "mypy", "--cache-dir", tmp_path_factory.mktemp("mypy")]

    def run(*files):
        done = subprocess.run([*command, *files], cwd=ROOT, capture_output=True, text=True)
        return done.stdout + done.stderr

    return run


def test_mypy_finds_nothing_wrong(mypy):
    said = mypy()
    assert said.startswith("Success"), said


def test_the_hints_let_right_calls_pass_and_name_a_wrong_one(mypy, tmp_path):
    right = public.few_lines()
    wrong = 'mf.hessian(net, data.X_train, data.Y_train, engine="cuda")\n'
    user = tmp_path / "user.py"
    user.write_text(right + wrong, encoding="utf-8")
    (error,) = [line for line in mypy(user).splitlines() if "user.py:" in line]
    assert f":{len(right.splitlines()) + 1}: error" in error and "'cuda'" in error


def test_what_mypy_is_told_to_ignore_has_its_reason():
    for path in public.FILES:
        for line in path.read_text(encoding="utf-8").splitlines():
            if "# type: ignore" in line:
                assert "# type: ignore[" in line and line.count("#") == 2, f"{path.name}: {line}"
