"""The type hints: they are everywhere, and what they say is so."""

import inspect
import subprocess
import sys

import public
import pytest

ROOT = public.PACKAGE.parent
SPECIAL = ("__init__", "__call__", "__getitem__", "__contains__", "__len__")


def functions(name):
    """The functions and methods of a module, those included that Python calls by itself."""
    things = public.defined_in(public.module(name))
    everything = public.with_methods(things)
    for full_name, thing in things.items():
        if inspect.isclass(thing):
            special = {part: vars(thing).get(part) for part in SPECIAL}
            everything |= {f"{full_name}.{p}": f for p, f in special.items() if f is not None}
    return {full_name: f for full_name, f in everything.items() if inspect.isfunction(f)}


@pytest.mark.parametrize("name", [*public.MODULES, *public.HIDDEN])
def test_every_parameter_and_every_result_has_a_hint(name):
    bare = []
    for full_name, function in functions(name).items():
        signature = inspect.signature(function)
        bare += [
            f"{full_name}({parameter.name})"
            for parameter in signature.parameters.values()
            if parameter.annotation is parameter.empty and parameter.name not in ("self", "cls")
        ]
        bare += [f"{full_name} ->"] if signature.return_annotation is signature.empty else []
    assert not bare, "\n".join(bare)


def test_the_package_says_that_it_has_hints():
    assert (public.PACKAGE / "py.typed").exists()


@pytest.mark.slow
def test_mypy_finds_nothing_wrong(tmp_path):
    pytest.importorskip("mypy")
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_mypy_is_told_to_ignore_has_its_reason():
    for path in public.PACKAGE.glob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if "# type: ignore" in line:
                assert "# type: ignore[" in line and line.count("#") == 2, f"{path.name}: {line}"
