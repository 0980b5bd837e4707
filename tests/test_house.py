"""What must hold of the code itself."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "minifnn"
MODULES = sorted(path.stem for path in PACKAGE.glob("[a-z]*.py"))


def imports(path):
    """The names of the modules that a file imports, its own package's as ".name"."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.split(".")[0]
        elif isinstance(node, ast.ImportFrom):
            yield from (f".{node.module or alias.name}" for alias in node.names)


def reading_order():
    """The modules in the order of the README's map."""
    text = (ROOT / "README.md").read_text().split("## The map")[1].split("\n## ")[0]
    return re.findall(r"`([a-z]\w*)\.py`", text)


def test_the_map_names_every_module():
    assert sorted(reading_order()) == MODULES


def test_imports_point_up_the_map():
    order = reading_order()
    for place, name in enumerate(order):
        own = {module[1:] for module in imports(PACKAGE / f"{name}.py") if module[0] == "."}
        below = {module for module in own & set(order) if order.index(module) > place}
        assert not below, f"{name} imports {below}"


def test_numba_is_imported_in_kernels_only():
    users = {path.stem for path in PACKAGE.glob("*.py") if "numba" in set(imports(path))}
    assert users == {"kernels"}


def test_no_automatic_differentiation_and_no_pickle():
    users = {path.stem for path in PACKAGE.glob("*.py") if "torch" in set(imports(path))}
    assert users == {"torch"}  # the bridge, which builds a module and differentiates nothing
    bridge = (PACKAGE / "torch.py").read_text()
    assert not re.search(r"\.backward\(|autograd|torch\.func|\.grad\b", bridge)
    used = {module for path in PACKAGE.rglob("*.py") for module in imports(path)}
    assert not used & {"jax", "tensorflow", "autograd"}
    picklers = [path.name for path in PACKAGE.rglob("*.py") if "pickle" in set(imports(path))]
    assert picklers == ["unpickle.py"]  # with stand-ins in place of all that a pickle may call
    assert "allow_pickle=True" not in "".join(path.read_text() for path in PACKAGE.glob("*.py"))


def test_importing_minifnn_loads_neither_numba_nor_matplotlib():
    code = "import minifnn, sys; print({'numba', 'matplotlib', 'scipy'} & set(sys.modules))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("name", MODULES)
def test_every_module_opens_with_its_purpose(name):
    assert ast.get_docstring(ast.parse((PACKAGE / f"{name}.py").read_text()))


def test_the_readme_has_two_commands():
    text = (ROOT / "README.md").read_text()
    commands = re.findall(r"^    (python3 .*)$", text, flags=re.MULTILINE)
    assert len(commands) == 2
    assert "minifnn reproduce" in commands[0] and "pytest" in commands[1]


def test_the_few_lines_of_the_readme_run():
    text = (ROOT / "README.md").read_text()
    code = re.search(r"```python\n(.*?)```", text, flags=re.DOTALL).group(1)
    code = code.replace("epochs=2300", "epochs=20").replace("progress=True", "progress=False")
    namespace = {}
    exec(code, namespace)  # our own words, from our own README
    assert namespace["H"].shape == (52, 52)
