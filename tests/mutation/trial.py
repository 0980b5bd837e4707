"""One mutant at a time against the tests: those that reach its line, the quickest first.

pytest collects the tests once. Each mutant gets a forked process, in which the functions
of the module are given the code of the mutated source; what stands outside functions
takes effect at import only, so there everything is imported and collected anew. A
mutant is killed by a test that fails, by a process that dies, and by one that takes far
longer than the unmutated code.
"""

import contextlib
import importlib.machinery
import inspect
import json
import os
import resource
import sys
import time
from importlib import import_module
from pathlib import Path
from types import CodeType

import pytest

ROOT = Path(__file__).parents[2]
MEMORY = 8 << 30  # bytes, from where on a mutant has failed
PATIENCE = 3  # times the unmutated time, and SECONDS more, of the processor
SECONDS = 10
SURVIVED, KILLED = 0, 1


def path_of(module):
    """The file of a module of the package, such as "curvature.spectrum"."""
    return ROOT.joinpath("minifnn", *module.split(".")).with_suffix(".py")


class Trials:
    """A pytest plugin that runs `work(self)` where the tests would run.

    ``seconds`` and ``reached`` say of each test, by its id, how long it takes and
    which lines of the module's statements it comes to.
    """

    def __init__(self, module, work):
        self.name, self.work = module, work
        self.path = path_of(module)

    def pytest_configure(self, config):
        _without_shrinking()

    def pytest_runtestloop(self, session):
        """In place of pytest's own loop."""
        self.session, self.module = session, import_module(f"minifnn.{self.name}")
        self.tests = {item.nodeid: item for item in session.items}
        self.seconds, self.reached = self._unmutated()
        self.work(self)
        return True

    def _unmutated(self):
        """Time and reach of each test; all have to pass."""
        from .mutants import with_probes

        def run(tell):
            graft(self.module, compile(with_probes(self.path.read_text()), self.path, "exec"))
            for name, item in self.tests.items():
                self.module.__reached__ = set()
                began = time.process_time()
                passed = self._run(item)
                tell([name, time.process_time() - began, list(self.module.__reached__)])
                if not passed:
                    return KILLED
            return SURVIVED

        verdict, told = in_a_fork(run, seconds=10_000)
        if verdict != SURVIVED:
            raise RuntimeError(f"without a mutation this test fails: {told[-1][0]}")
        return {name: s for name, s, _ in told}, {name: set(lines) for name, _, lines in told}

    def _run(self, item):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        return not self.session.testsfailed

    def verdict(self, mutant):
        """(SURVIVED or KILLED, how many tests can notice, the last that was started)."""
        names = [
            n for n in self.tests if not mutant.function or mutant.statement in self.reached[n]
        ]
        names.sort(key=self.seconds.get)
        inside = self._inside if mutant.function else self._at_import
        limit = SECONDS + PATIENCE * sum(self.seconds[name] for name in names)
        verdict, told = in_a_fork(lambda tell: inside(mutant, names, tell), limit)
        return verdict, len(names), told[-1] if told else ""

    def _inside(self, mutant, names, tell):
        graft(self.module, compile(mutant.source, self.path, "exec"))
        for name in names:
            tell(name)
            if not self._run(self.tests[name]):
                return KILLED
        return SURVIVED

    def _at_import(self, mutant, names, tell):
        for name in [n for n in sys.modules if _is_ours(n)]:
            del sys.modules[name]
        sys.meta_path.insert(0, _Finder(f"minifnn.{self.name}", self.path, mutant.source))
        return pytest.main([*OPTIONS, "-x", *_files(names)], plugins=[_InOrder(names, tell)])


OPTIONS = [
    "-o",
    "addopts=",
    "-m",
    "not slow",
    "-p",
    "no:terminal",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:xdist",
    "-s",
]
OPTIONS += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]


def run(module, files, work):
    """Collect the tests in a process of its own and do `work(trials)` there."""

    def collect(tell):
        os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # forks share none
        sys.modules["numba"] = None  # the code that one reads, alone
        names = [str(ROOT / "tests" / file) for file in files]
        return pytest.main([*OPTIONS, *names], plugins=[Trials(module, work)])

    if in_a_fork(collect, seconds=None)[0] != SURVIVED:
        raise RuntimeError(f"the trials of {module} ended early")


def in_a_fork(function, seconds):
    """Call `function(tell)` in a forked process; return (verdict, what it told)."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        code = KILLED
        try:
            os.close(reader)
            with contextlib.suppress(Exception), open(writer, "w", buffering=1) as pipe:
                if seconds:
                    _limit(seconds)
                code = int(function(lambda what: print(json.dumps(what), file=pipe, flush=True)))
        finally:
            os._exit(code)
    os.close(writer)
    with open(reader) as pipe:
        told = [json.loads(line) for line in pipe if line.endswith("\n")]
    status = os.waitpid(child, 0)[1]
    return (SURVIVED if status == 0 else KILLED), told


def _limit(seconds):
    """Neither noise, nor endless loops, nor all of the memory."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(null, stream)
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def graft(owner, code):
    """Give the functions of a module (or class) the code of another version of it."""
    for inner in code.co_consts:
        thing = vars(owner).get(inner.co_name) if isinstance(inner, CodeType) else None
        if isinstance(thing, type):
            graft(thing, inner)
        elif thing is not None:
            function = inspect.unwrap(getattr(thing, "fget", thing))
            function.__code__ = inner


class _Finder:
    """Imports one module from a changed source."""

    def __init__(self, name, path, source):
        self.name, self.loader = name, _Loader(name, str(path))
        self.loader.source = source

    def find_spec(self, name, path=None, target=None):
        if name == self.name:
            return importlib.machinery.ModuleSpec(name, self.loader, origin=self.loader.path)
        return None


class _Loader(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname):
        return compile(self.source, self.path, "exec")


class _InOrder:
    """A pytest plugin: these tests only, in this order."""

    def __init__(self, names, tell):
        self.names, self.tell = names, tell

    def pytest_configure(self, config):
        _without_shrinking()

    def pytest_collection_modifyitems(self, items):
        there = {item.nodeid: item for item in items}
        items[:] = [there[name] for name in self.names]

    def pytest_runtest_logstart(self, nodeid):
        self.tell(nodeid)


def _without_shrinking():
    """A failing example is enough, it need not be a small one."""
    from hypothesis import Phase, settings

    usual, phases = settings.get_profile("minifnn"), (Phase.explicit, Phase.generate)
    settings.register_profile("mutation", usual, phases=phases)
    settings.load_profile("mutation")


def _files(names):
    """The files of these tests, each once."""
    return list(dict.fromkeys(str(ROOT / name.split("::")[0]) for name in names))


def _is_ours(name):
    first = name.split(".")[0]
    own = ("minifnn", "helpers", "conftest", "authors_copy", "trust", "public")
    return first in own or first.startswith("test_")
