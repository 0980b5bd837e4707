"""Docstrings: in full for what `import minifnn` and the bridges offer, one sentence elsewhere."""

import ast
import inspect
import re
import textwrap

import public
import pytest

validate = pytest.importorskip("numpydoc.validate").validate

CHECKED = {  # of https://numpydoc.readthedocs.io/en/latest/validation.html
    "GL03",  # two empty lines
    "GL05",  # a tab
    "GL06",  # a section that numpydoc does not know
    "GL07",  # sections out of order
    "GL08",  # no docstring
    "GL10",  # a directive without its second colon
    "SS01",  # no summary
    "SS03",  # a summary without its period
    "SS04",  # a summary that begins with spaces
    "SS06",  # a summary of several lines
    "PR01",  # a parameter that is not described
    "PR02",  # a parameter that does not exist
    "PR03",  # parameters out of order
    "PR05",  # a type that ends in a period
    "PR06",  # "integer" or "string" for a type
    "PR09",  # the description of a parameter without its period
    "PR10",  # no space before a colon
    "RT01",  # no Returns section
    "RT05",  # the description of a result without its period
}
OFFERED = public.offered()


def raises(function):
    """Whether a function raises by itself, or checks its arguments, which raises."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return any(isinstance(node, ast.Raise) for node in ast.walk(tree)) or any(
        name.startswith("check_") for name in calls
    )


@pytest.mark.parametrize("name", OFFERED)
def test_what_is_offered_is_documented_in_full(name):
    thing, text = OFFERED[name], inspect.getdoc(OFFERED[name])
    checked = CHECKED - {"PR01"} if "\nAttributes\n" in text else CHECKED
    found = [f"{code} {text}" for code, text in validate(name)["errors"] if code in checked]
    elsewhere = "\n    As in `" in text  # where its errors are described too
    if inspect.isfunction(thing) and raises(thing) and "\nRaises\n" not in text and not elsewhere:
        found.append("no Raises section")
    assert not found, "\n".join(found)


def test_the_main_names_are_among_them():
    main = {"network.Network", "train.train", "hessian.hessian", "curvature.spectrum.spectrum"}
    assert {f"minifnn.{name}" for name in main} <= OFFERED.keys()


@pytest.mark.parametrize("path", public.FILES, ids=public.name_of)
def test_every_public_function_says_in_a_sentence_what_it_does(path):
    found = []
    for name, node in public_definitions(ast.parse(path.read_text(encoding="utf-8"))):
        first = (ast.get_docstring(node) or "").split("\n\n")[0]
        if not re.search(r"[.?:](\s+\(\d+\.\d+\))?$", first):
            found.append(f"{name}: {first!r}")
    assert not found, "\n".join(found)


def public_definitions(tree, prefix=""):
    """(name, node) of each public function and class, and of the public methods."""
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name[0] == "_":
            continue
        decorators = " ".join(map(ast.unparse, node.decorator_list))
        if "overload" not in decorators and ".setter" not in decorators:
            yield prefix + node.name, node
        if isinstance(node, ast.ClassDef):
            yield from public_definitions(node, f"{node.name}.")
