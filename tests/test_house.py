"""The plan that the package is built by: its tree, how long each part may be, who may import whom.

A budget is raised in the commit that says why.
"""

import ast
import graphlib
import re
import subprocess
import sys

import public
import pytest

PACKAGE, FILES, ROOT = public.PACKAGE, public.FILES, public.PACKAGE.parent

EVENING = ("activations", "layers", "losses", "network", "optimise", "train", "hessian")
TREE = {  # each folder and its files, beside __init__.py
    "": "__main__ activations layers losses network optimise train hessian "
    "energy initialise datasets check sklearn torch backend",
    "curvature": "operator spectrum lanczos theorems newton parts",
    "compiled": "gates network training hessian",
    "plots": "style training spectra networks",
    "lesson": "exercise answers values grading differences slips probes graded progress",
    "experiments": "paper sweep figures report",
    "experiments/seeds": "run",
    "experiments/replication": "record unpickle compare report",
    "_util": "validation views archives checkpoint threads files progress html typing",
}
LINES = {  # at most, all together
    "__init__": 70,
    "__main__": 245,  # with who is how far, what goes on to JupyterLab, examples for every command
    "activations": 180,  # with softplus, and an example of one's own
    "layers": 110,
    "losses": 155,  # with an example of one's own
    "network": 300,  # with l2, labels, a summary
    "optimise": 185,
    "train": 285,  # half of it the docstrings of what it offers, History among them
    "hessian": 155,
    "energy initialise datasets check": 720,  # with mlp and load, in initialise
    "sklearn torch": 520,  # with stopping early, weights, what an interrupted fit keeps
    "backend": 45,
    "curvature/": 1075,  # with H v in shares of the samples, parts of H, its error, short reprs
    "compiled/": 920,  # with the passes of H v, what orders, gathers, announces and survives
    "plots/": 730,  # any label, one object by itself, several classes, any background
    "lesson/": 1490,  # half of it says what is wrong with an answer; and who is how far
    # with the one class of the digits, how to go on, starts and betas; figures as panels for a
    # page and as files for papers, the numbers of the film, of the verdict, what is compiled first
    "experiments/": 905,
    "experiments/seeds/": 300,  # what judges the claims is beside them, in docs/findings/
    "experiments/replication/": 800,
    # resuming to the same bits, hostile files, errors that name the argument, memory that is free,
    # what may be assigned: numbers that go into theta, and nothing else; Ctrl-C while it compiles
    "_util/": 1000,  # and suggestions, for keywords of other libraries too; tables; lines per run
}
# Each imports from those before it only. It is the order of reading, but that `network` asks
# `backend` who computes, `hessian` has a faster file for H v, and `train` records what H says.
ORDER = (
    *("_util", "activations", "layers", "losses", "optimise", "compiled", "backend", "network"),
    *("curvature/operator", "hessian", "curvature", "train"),
    *("initialise", "energy", "datasets", "check"),
    *("sklearn", "torch", "plots", "lesson", "experiments", "__init__", "__main__"),
)


def files(folder):
    """The Python files of one folder, {name without .py: path}."""
    return {path.stem: path for path in (PACKAGE / folder).glob("*.py")}


def at_top(name):
    """The file of this name at the top of the package."""
    return PACKAGE / f"{name}.py"


def length(path):
    """The number of lines of a file."""
    return len(path.read_text(encoding="utf-8").splitlines())


def tree(path):
    """What a file says, as a syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path):
    """The full dotted names that a file imports, anywhere in it: ("minifnn", "layers", "Dense")."""
    folder = ("minifnn", *path.relative_to(PACKAGE).parent.parts)
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = folder[: len(folder) - node.level + 1] if node.level else ()
            module = start + tuple(node.module.split(".") if node.module else ())
            yield from ((*module, alias.name) for alias in node.names)


def imported_files(path):
    """The files of the package that a file imports, without folders' `__init__.py`."""
    for name in imports(path):
        if name[0] == "minifnn":
            for stop in (len(name), len(name) - 1):  # the last may be a function of a module
                file = PACKAGE.joinpath(*name[1:stop]).with_suffix(".py")
                if stop > 1 and file.exists():
                    yield file


def users(*modules):
    """The files that import one of these modules, as paths inside the package."""
    using = [path for path in FILES if {name[0] for name in imports(path)} & set(modules)]
    return {path.relative_to(PACKAGE).as_posix() for path in using}


def room(path):
    """The file at the top, or the folder at the top, that a file is (in)."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def place(path):
    """Where in the order a file stands: by itself if it is named there, else with its room."""
    name = path.relative_to(PACKAGE).with_suffix("").as_posix()
    return ORDER.index(name if name in ORDER else room(path))


# -------------------------------------------------------------------- tree and length


def test_the_folders_are_those_of_the_plan():
    there = {path.parent.relative_to(PACKAGE).as_posix() for path in FILES}
    assert there == {folder or "." for folder in TREE}


@pytest.mark.parametrize("folder", TREE)
def test_the_files_are_those_of_the_plan(folder):
    assert files(folder).keys() == {"__init__", *TREE[folder].split()}


def test_at_most_sixteen_files_lie_at_the_top():
    assert len(files("")) <= 16


@pytest.mark.parametrize("part", LINES)
def test_no_part_is_longer_than_its_budget(part):
    paths = list(files(part).values()) if part[-1] == "/" else map(at_top, part.split())
    assert sum(map(length, paths)) <= LINES[part]


def test_the_budgets_cover_every_file():
    covered = {name for part in LINES if part[-1] != "/" for name in part.split()}
    assert covered == files("").keys()
    assert {part[:-1] for part in LINES if part[-1] == "/"} == TREE.keys() - {""}


def test_what_one_reads_fits_an_evening():
    assert sum(map(length, map(at_top, EVENING))) <= 1350


def test_the_package_stays_small():
    # 8,500 but for the diagnosis of wrong answers, for nothing being silently wrong, and for
    # the first hour: Ctrl-C while it compiles, who is how far; 420 more for one's own work, of
    # which every third line is a public docstring, and every fourth draws and shows; 105 for a
    # report that begins with its verdict, and a command line that explains itself
    assert sum(map(length, FILES)) <= 10200


def test_the_first_backward_pass_comes_soon():
    layers = at_top("layers").read_text(encoding="utf-8").splitlines()
    before = next(n for n, line in enumerate(layers) if "def backward" in line)
    assert length(at_top("activations")) + before <= 215


def test_tests_lie_in_folders_of_the_same_names():
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    assert {folder.relative_to(ROOT / "tests").as_posix() for folder in folders} - {"."} <= set(
        TREE
    )


# ----------------------------------------------------------------------------- imports


@pytest.mark.parametrize("path", FILES, ids=public.name_of)
def test_imports_point_up(path):
    below = [other for other in imported_files(path) if place(other) > place(path)]
    assert not [public.name_of(other) for other in below]


def test_no_file_imports_itself_through_others():
    graphlib.TopologicalSorter({path: set(imported_files(path)) for path in FILES}).prepare()


def test_only_the_command_line_imports_the_experiments():
    """But for the lazy table of `__init__.py`, which imports nothing by itself."""
    outside = [path for path in FILES if room(path) not in ("experiments", "__main__")]
    importing = [path for path in outside if "experiments" in map(room, imported_files(path))]
    assert not [public.name_of(path) for path in importing]


def test_numba_is_imported_in_compiled_only():
    assert {path.split("/")[0] for path in users("numba", "llvmlite")} == {"compiled"}


def test_nothing_is_differentiated_automatically():
    assert users("jax", "tensorflow", "autograd") == set()
    assert users("torch") == {"torch.py"}  # the bridge, which builds a module
    bridge = at_top("torch").read_text(encoding="utf-8")
    assert not re.search(r"\.backward\(|autograd|torch\.func|\.grad\b", bridge)


def test_no_pickle_is_loaded():
    """unpickle.py reads one foreign record with an unpickler that makes nothing but arrays."""
    assert users("pickle") <= {"experiments/replication/unpickle.py"}
    texts = {public.name_of(path): path.read_text(encoding="utf-8") for path in FILES}
    assert not [name for name, text in texts.items() if "allow_pickle=True" in text]


def test_importing_minifnn_loads_neither_numba_nor_matplotlib_nor_scipy():
    code = "import minifnn, sys; print({'numba', 'matplotlib', 'scipy'} & set(sys.modules))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# -------------------------------------------------------------------------------- text


@pytest.mark.parametrize("name", EVENING)
def test_what_one_reads_chooses_no_engine(name):
    for node in ast.walk(tree(at_top(name))):
        if isinstance(node, ast.Compare):
            compared = {getattr(part, "value", None) for part in ast.walk(node)}
            assert not compared & {"numba", "numpy"}, ast.unparse(node)
        if isinstance(node, ast.If | ast.IfExp | ast.Match):
            asked = node.subject if isinstance(node, ast.Match) else node.test
            assert "engine" not in ast.unparse(asked), ast.unparse(asked)


@pytest.mark.parametrize("path", FILES, ids=public.name_of)
def test_every_module_opens_with_its_purpose(path):
    first, _, _ = (ast.get_docstring(tree(path)) or "").partition("\n\n")
    assert first.endswith((".", ":"))


def test_the_page_on_how_it_works_names_every_file_and_folder_at_the_top():
    page = (ROOT / "docs" / "how-it-works.md").read_text(encoding="utf-8")
    for name in files(""):
        assert f"{name}.py" in page, name
    for folder in filter(None, TREE):
        assert f"{folder.split('/')[-1]}/" in page, folder
