"""From finished runs to a folder that one can open: report.html, summary.csv and figures/.

A figure that fails is named, with its error, in the report and in what
`write_report` returns, and stops no other.
"""

import operator
import platform
import time
from collections.abc import Iterable, Sequence
from functools import partial
from importlib.metadata import version
from typing import Any

import jinja2

from .. import plots
from .._util.files import write_text
from .._util.typing import PathLike
from .._util.validation import check_path
from ..curvature.parts import gauss_newton, residual_part
from ..curvature.spectrum import inertia, spectrum
from ..curvature.theorems import most_negative, structural_zeros
from ..hessian import hessian
from .figures import draw, names
from .paper import PUBLISHED, TASKS, Result, compile_kernels, write_csv
from .seeds.run import constant_predictor_loss
from .sweep import Outcome, sweep, worker_processes

TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("minifnn.experiments"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(template_name: str, **values: Any) -> str:
    """Return the page that a template of templates/ makes of these values."""
    return TEMPLATES.get_template(template_name).render(values)


def summary(result: Result) -> dict[str, Any]:
    """Return the end point of a run: its row of summary.csv.

    `ratio` is its cost per published one, where epochs and encoding are the published ones.
    `constant_cost` is that of the best predictor that ignores the input, `epoch_of_half` the
    first recorded epoch with half of it.
    """
    history, run, s = result.history, result.run, result.spectrum
    task, published = TASKS[run.task], PUBLISHED.get((run.task, run.activation))
    alike = run.n_epochs == task.epochs and (run.as_published or task.data != "digits")
    constant, cost = constant_predictor_loss(run.data().Y_train), float(history["loss"][-1])
    half = history["epoch"][history["loss"] <= constant / 2].tolist()
    return {
        "task": run.task,
        "activation": run.activation,
        "seed": run.seed,
        "epochs": run.n_epochs,
        "parameters": result.net.n_parameters,
        "cost": cost,
        "ratio": cost / published.cost if published and alike else None,
        "constant_cost": constant,
        "epoch_of_half": half[0] if half else None,
        "train_accuracy": float(history["train_score"][-1]),
        "test_accuracy": float(history["test_score"][-1]),
        "alpha": s.alpha_bounds[0],
        "alpha_most": s.alpha_bounds[1],
        "gamma": s.gamma,
        "flat_1e-3": float(s.flat(1e-3)),
        "counted_alpha": s.published.alpha,
        "counted_gamma": s.published.gamma,
        "zero_residuals": float(history["zero_residuals"][-1]),
        "seconds": result.seconds,
    }


def write_report(
    out: PathLike, results: Sequence[Result], failures: Iterable[Outcome] = (), workers: int = 1
) -> list[str]:
    """Write report.html, summary.csv and figures/ into the folder out; return what went wrong.

    `results` and `failures` as `reproduce` returns them. So many `workers` draw side by side.
    """
    out = check_path("out", out)
    (out / "figures").mkdir(exist_ok=True)
    rows = [summary(result) for result in results]
    write_csv(out / "summary.csv", rows)
    by_task: dict[str, dict[str, Result]] = {}
    for result in results:
        by_task.setdefault(result.run.task, {})[result.run.activation] = result
    jobs = {f"table of {result.run.name}": partial(_cells, result) for result in results}
    for name in names(by_task):
        jobs[f"figure {name}"] = partial(draw, name, by_task, out / "figures")
    if results:
        compile_kernels()  # once, and not in every process
    began = time.perf_counter()
    with worker_processes(workers) as executor:
        made = dict(zip(jobs, sweep(operator.call, jobs.values(), executor)))
    errors = {f.config.name: f.error for f in failures} | {n: o.error for n, o in made.items()}
    problems = [f"{name}: {type(e).__name__}: {e}" for name, e in errors.items() if e]
    shown: dict[str, list[Any]] = {}
    for row, result in zip(rows, results):
        one: dict[str, Any] = {"name": plots.NAMES[row["activation"]], "end": row}
        one["published"] = PUBLISHED.get((row["task"], row["activation"]))
        one["cells"] = made[f"table of {result.run.name}"].value
        one["seconds"] = result.history.seconds | {"all": result.seconds}
        shown.setdefault(TASKS[row["task"]].title, []).append(one)
    page = render(
        "report.html",
        problems=problems,
        tasks=shown,
        figures={name: made[f"figure {name}"].value for name in names(by_task)},
        runs=[result.run for result in results],
        links=[path for path in ("docs/findings.md", "lessons") if (out.parent / path).exists()],
        python=platform.python_version(),
        packages=", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "matplotlib")),
        drawing=time.perf_counter() - began,
    )
    write_text(out / "report.html", page)
    return problems


def _cells(result):
    """What the tables say of the Hessian of one run: where zeros come from, and signs."""
    s, net, data = result.spectrum, result.net, result.run.data()
    P, X, Y = net.n_parameters, data.X_train, data.Y_train
    H, zeros, bound = hessian(net, X, Y), structural_zeros(net, X, Y), most_negative(net, X)
    spectra = [s, spectrum(gauss_newton(net, X, Y)), spectrum(residual_part(net, X, Y))]
    of_zeros = [
        P,
        zeros.dead,
        zeros.gauge,
        f"{zeros.gauge_bound:.0e}" if zeros.gauge else "",
        round(s.gamma * P),
        _interval(*(round(a * P) for a in s.alpha_bounds)),
        _interval(*(inertia(H, shift).negative for shift in (-s.tolerance, s.tolerance))),
        "" if bound is None else bound,
    ]
    counts = [round(one.alpha * P) for one in spectra]
    norms = [f"{one.norm:.3g}" for one in spectra]
    return {"zeros": of_zeros, "parts": [*counts, *norms, f"{s.sharpness:.3g}", f"{s.trace:.3g}"]}


def _interval(low, high):
    return f"{low}" if low == high else f"{low} – {high}"
