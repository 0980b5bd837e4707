"""The tasks, one row of the table each: who takes part, and how much faster minifnn should be."""

from dataclasses import dataclass, field
from functools import partial
from importlib import import_module

from . import problems, race
from .table import row_of

MODULES = {"minifnn": "own", "JAX": "in_jax", "PyTorch": "in_torch", "scikit-learn": "in_sklearn"}
PLAIN, PRODUCT = "minifnn in NumPy", "its largest matrix product"


@dataclass(frozen=True)
class Task:
    """`function` is what every library's module calls it; `targets` are ratios of times.

    `arguments` are those of the call that is timed, `check` of the call whose results are
    compared. `why` says what a missed target is due to; `other_network`, whose result is not
    compared, because it cannot build this one; `also`, more functions of minifnn's own.
    """

    problem: str
    function: str
    targets: dict = field(default_factory=dict)
    why: str = ""
    arguments: tuple = ()
    check: tuple = ()
    rounds: int = 9
    slow: dict = field(default_factory=dict)  # who: rounds
    other_network: tuple = ()
    also: dict = field(default_factory=dict)  # who: function


_full_batch = partial(
    Task, function="train", check=(20,), rounds=5, other_network=("scikit-learn",)
)
KEPT = "its two matrix products with X, on both cores, take two thirds of minifnn's time."
ONCE = (
    "JAX compiles one product into a single pass; minifnn first computes and stores what "
    "further products would use."
)
BATCHES = (
    "two thirds of the time go to matrix products, which all take from a BLAS; what can be saved "
    "is in the copying of rows and in Adam."
)
PYTHON = (
    "about half of it is Python between some sixty short kernels and products, which is what "
    "lets them compile in two seconds."
)
PRODUCTS = "two matrix products, of which none can be saved, take two thirds of it."
HV = (("64-25-10", 1.4, 0.85), ("784-100-10", 1.4, 0.85), ("four layers of 64", 0.9, 0.4))
TASKS = {
    "training": {
        "training 2-10-1, 2,300 epochs": _full_batch(
            "2-10-1", arguments=(2300,), targets={"JAX": 2.5}
        ),
        "training 2-8-2-1, 2,500 epochs": _full_batch(
            "2-8-2-1", arguments=(2500,), targets={"JAX": 2.5}
        ),
        "training 64-25-10, 500 epochs": _full_batch(
            "64-25-10", arguments=(500,), targets={"JAX": 3}
        ),
        "mini-batches 784-100-10, 2 epochs": Task(
            "784-100-10, images",
            "train_batches",
            {"PyTorch": 1.5, "scikit-learn": 1.5},
            BATCHES,
            arguments=(2,),
            check=(2,),
        ),
    },
    "products": {
        f"H v, {name}, {how}": Task(name, function, targets, why, slow={"PyTorch": 5})
        for name, kept, once in HV
        for how, function, targets, why in (
            ("state kept", "product_kept", {"JAX": kept}, KEPT),
            ("state kept by JAX too", "product_again", {}, ""),
            ("once", "product", {"JAX": once}, ONCE),
        )
    },
    "hessian": {
        "Hessian 2-8-2-1": Task("2-8-2-1, curved", "hessian", {"JAX": 8}, PYTHON, rounds=15),
        "Hessian 64-25-10": Task(
            "64-25-10, curved",
            "hessian",
            {"JAX": 55, PRODUCT: 1 / 2.3},
            PRODUCTS,
            rounds=7,
            slow={"JAX": 3, "PyTorch": 1},
            also={PLAIN: "hessian_numpy", PRODUCT: "matrix_product"},
        ),
        "Hessian 64-25-10, 32 rows at a time": Task(
            "64-25-10, curved", "hessian_in_chunks", rounds=3
        ),
    },
}
ALL = {name: task for part in TASKS.values() for name, task in part.items()}


def run(part, settings):
    """The rows of all tasks of a part."""
    rows = []
    for name, task in TASKS[part].items():
        print(f"  {name}", flush=True)
        problem = problems.make(task.problem, settings.quick)
        runners = race.run(_runners(task, problem, settings), settings.rounds(task.rounds))
        rows += [row_of(name, runner, **problems.size(problem)) for runner in runners]
    return rows


def function(who, name):
    """The function of this name of a library, or None if it, or the library, is not there."""
    try:
        return getattr(import_module(f".{MODULES[who]}", __package__), name, None)
    except ImportError as error:
        print(f"    {who} is left out: {error}")
        return None


def _runners(task, problem, settings):
    """Everybody who has the task's function, minifnn first."""
    arguments = tuple(max(1, a // 50) for a in task.arguments) if settings.quick else task.arguments
    check = arguments if task.check == task.arguments else task.check
    found = {who: function(who, task.function) for who in MODULES}
    found |= {who: function("minifnn", name) for who, name in task.also.items()}
    return [
        race.Runner(
            who,
            partial(prepare, *problem),
            arguments,
            None if who in (*task.other_network, PRODUCT) else check,
            task.slow.get(who),
        )
        for who, prepare in found.items()
        if prepare is not None
    ]
