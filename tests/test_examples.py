"""The examples in the docstrings run as they stand, and nothing offered is without one."""

import doctest
import importlib.util
import inspect

import public
import pytest

NEEDS = {  # beside what its module needs
    "minifnn.experiments.sweep.dask_cluster": "distributed",
    "minifnn.train.History.to_frame": "pandas",
}
OFFERED = public.offered()


@pytest.mark.parametrize("name", [*public.MODULES, *public.GROUND])
def test_the_examples_run(name):
    module, runner = public.module(name), doctest.DocTestRunner(verbose=False)
    for test in doctest.DocTestFinder(exclude_empty=True).find(module):
        if importlib.util.find_spec(NEEDS.get(test.name, "sys")):
            runner.run(test)
    assert not runner.failures, "see above what an example printed"


@pytest.mark.parametrize("name", OFFERED)
def test_nothing_offered_is_without_an_example(name):
    assert ">>> " in inspect.getdoc(OFFERED[name])
