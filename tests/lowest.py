"""The lower bounds of pyproject.toml: installed as they are, on the lowest Python, and tested.

    python -m tests.lowest [EXTRA ...]

A fresh environment gets the package with every bound taken literally: its own, those of
the tools that test it, and those of the extras named. Then the tests of these parts run
there. `tests/test_packaging.py` does so for the package without extras.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
TOOLS = ("pytest", "hypothesis", "mpmath")
TESTS = {  # what shows that a bound will do, files and folders; "" is the package itself
    "": "activations energy losses initialise network gradient hessian optimise train datasets "
    "check curvature plots _util",
    "lessons": "lesson",
    "sklearn": "sklearn",
    "torch": "torch",
    "pandas": "train",
    "cluster": "experiments",
    "docs": "site",
}
# Releases of that time may warn of what has been renamed since in what they use.
PYTEST = "-m pytest -q -p no:cacheprovider -W ignore::DeprecationWarning".split()
PIP = "-m pip install --quiet --disable-pip-version-check --no-compile --prefer-binary".split()


def bounds(*extras):
    """Return {name: version} of the package's lower bounds, and of these extras."""
    lines = list(PROJECT["dependencies"])
    optional = PROJECT["optional-dependencies"]
    for extra in extras:
        lines += optional[extra]
    found = {}
    for line in lines:
        inner = re.fullmatch(r"minifnn\[([\w,]+)\]", line)
        more = bounds(*inner[1].split(",")) if inner else dict([line.split(";")[0].split(">=")])
        for name, version in more.items():
            found[name] = max(found.get(name, "0"), version, key=numbers)
    return found


def numbers(version):
    """1.26.4 as (1, 26, 4), which can be compared."""
    return tuple(int(part) for part in version.split("."))


def lowest_python():
    """The path of an interpreter of the lowest version that is supported, or None."""
    version = PROJECT["requires-python"].removeprefix(">=")
    same = sys.version_info[:2] == numbers(version)
    return sys.executable if same else shutil.which(f"python{version}")


def pins(*extras):
    """What to install: the package from this tree, its bounds, and those of what tests it."""
    tools = {name: version for name, version in bounds("test").items() if name in TOOLS}
    return [str(ROOT), *(f"{name}=={v}" for name, v in (tools | bounds(*extras)).items())]


def environment(folder, python, *what):
    """Make a virtual environment with these packages; return its interpreter."""
    subprocess.run([python, "-m", "venv", folder], check=True)
    inside = Path(folder) / "bin" / "python"
    subprocess.run([inside, *PIP, *what], check=True, env=outside())
    return inside


def test(python, names, **variables):
    """Run test files and folders with another interpreter; raise if one fails."""
    folders = [f"tests/{name}" for name in names if (ROOT / "tests" / name).is_dir()]
    files = [f"tests/test_{name}.py" for name in names if f"tests/{name}" not in folders]
    command = [python, *PYTEST, *folders, *files]
    subprocess.run(command, check=True, cwd=ROOT, env=outside(**variables))


def outside(**more):
    """The environment variables with which Python does not see this tree's package."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return kept | {"PYTHONSAFEPATH": "1"} | more


def main(extras):
    """Install the bounds and run the tests of the package and these extras."""
    names = sorted({name for extra in ("", *extras) for name in TESTS[extra].split()})
    with tempfile.TemporaryDirectory() as folder:
        what = pins(*extras)
        print(*what, flush=True)
        test(environment(folder, lowest_python(), *what), names)


if __name__ == "__main__":
    main(sys.argv[1:])
