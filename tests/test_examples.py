"""The examples in the docstrings run as they stand, and nothing public is without one."""

import doctest
import importlib.util

import public
import pytest

NEEDS = {  # beside what its module needs
    "minifnn.datasets.digits": "sklearn",
    "minifnn.datasets.from_mat": "sklearn",
    "minifnn.sweep.dask_cluster": "distributed",
    "minifnn.train.History.to_frame": "pandas",
}


@pytest.mark.parametrize("name", public.MODULES)
def test_the_examples_run(name):
    module, runner = public.module(name), doctest.DocTestRunner(verbose=False)
    for test in doctest.DocTestFinder(exclude_empty=True).find(module):
        if importlib.util.find_spec(NEEDS.get(test.name, "sys")):
            runner.run(test)
    assert not runner.failures, "see above what an example printed"


@pytest.mark.parametrize("name", public.MODULES)
def test_nothing_public_is_without_an_example(name):
    things = public.defined_in(public.module(name))
    assert not [full for full, thing in things.items() if ">>> " not in (thing.__doc__ or "")]
