"""The docstrings are what numpydoc expects, where the house does not say otherwise.

The house's way: a summary may be a formula or name what comes back, a description may
begin with a letter of the mathematics, and a hint of the signature needs no repetition.
But what `import minifnn` offers has its parameters and its result in sections, and
elsewhere a docstring that has no such section names every parameter in its text.
"""

import inspect
import re

import public
import pytest

import minifnn

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
    "PR02",  # a parameter that there is not
    "PR03",  # parameters out of order
    "PR05",  # a type that ends in a period
    "PR06",  # "integer" or "string" for a type
    "PR09",  # the description of a parameter without its period
    "PR10",  # no space before a colon
    "RT05",  # the description of a result without its period
}
COMPLETE = {"PR01", "RT01"}  # a parameter that is not described; no Returns section


def is_offered(thing):
    """Is it a function that `import minifnn` offers by name?"""
    return inspect.isfunction(thing) and thing in map(vars(minifnn).get, minifnn.__all__)


@pytest.mark.parametrize("name", public.MODULES)
def test_numpydoc_finds_nothing_wrong(name):
    found = []
    for full_name, thing in public.with_methods(public.defined_in(public.module(name))).items():
        checked = CHECKED | COMPLETE if is_offered(thing) else CHECKED
        errors = validate(full_name)["errors"]
        found += [f"{full_name}: {code} {text}" for code, text in errors if code in checked]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", public.MODULES)
def test_every_parameter_is_described_or_named_in_the_text(name):
    found = []
    for full_name, thing in public.with_methods(public.defined_in(public.module(name))).items():
        text, _, _ = (inspect.getdoc(thing) or "").partition("\nExamples\n")
        if inspect.isclass(thing) and "\nParameters\n" not in text:
            continue  # its attributes say it, or its methods
        for parameter in inspect.signature(thing).parameters:
            if parameter not in ("self", "cls") and not re.search(
                rf"(?<!\w){parameter}(?!\w)", text
            ):
                found.append(f"{full_name}({parameter})")
    assert not found, "\n".join(found)


def test_the_names_that_import_offers_are_checked_in_full():
    offered = [thing for thing in map(vars(minifnn).get, minifnn.__all__) if is_offered(thing)]
    assert {minifnn.mlp, minifnn.train, minifnn.hessian, minifnn.spectrum} <= set(offered)
