"""From finished runs to a folder that one can open: report.html, summary.csv and figures/.

A figure that fails is named, with its error, in the report and in what
`write_report` returns, and stops no other.
"""

import platform
import time
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from typing import Any

import jinja2
from matplotlib.figure import Figure

from .. import plots
from .._util.files import write_text
from .._util.typing import PathLike
from .._util.validation import check_path
from ..curvature.parts import gauss_newton, residual_part
from ..curvature.spectrum import inertia, spectrum
from ..curvature.theorems import most_negative, structural_zeros
from ..hessian import hessian
from .figures import figures, save, start_films
from .paper import PUBLISHED, TASKS, Result, write_csv
from .sweep import Outcome, worker_processes

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
    """Return the end point of a run: its row of summary.csv."""
    history, run, s = result.history, result.run, result.spectrum
    return {
        "task": run.task,
        "activation": run.activation,
        "seed": run.seed,
        "epochs": run.n_epochs,
        "parameters": result.net.n_parameters,
        "cost": float(history["loss"][-1]),
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
    out: PathLike,
    results: Sequence[Result],
    failures: Iterable[Outcome] = (),
    films: bool = True,
    workers: int = 1,
    on_progress: Callable[[str], object] = lambda title: None,
) -> list[str]:
    """Write report.html, summary.csv and figures/ into the folder out; return what went wrong.

    `results` and `failures` as `reproduce` returns them. Without `films` of the eigenvalues it is
    much faster; so many `workers` render them while the figures are drawn. on_progress(title) is
    called before each figure.
    """
    out = check_path("out", out)
    problems = [f"{f.config.name}: {_error(f.error)}" for f in failures]
    (out / "figures").mkdir(exist_ok=True)
    write_csv(out / "summary.csv", [summary(result) for result in results])
    by_task: dict[str, dict[str, Result]] = {}
    for result in results:
        by_task.setdefault(result.run.task, {})[result.run.activation] = result
    drawn, began = {}, time.perf_counter()
    with worker_processes(workers) as executor:
        started = start_films(by_task, executor) if films else {}
        for name, title, draw in figures(by_task, started) if results else ():
            on_progress(title)
            drawn[name] = {"title": title, "picture": None, "problem": None}
            try:
                picture = draw()
                if isinstance(picture, Figure):
                    picture = save(picture, out / "figures" / f"{name}.png", title)
                drawn[name]["picture"] = picture
            except Exception as error:  # whatever it is, the other figures are made
                drawn[name]["problem"] = _error(error)
                problems.append(f"figure {name}: {_error(error)}")
    drawing = time.perf_counter() - began
    tasks = {TASKS[task].title: list(runs.values()) for task, runs in by_task.items()}
    page = render(
        "report.html",
        problems=problems,
        tasks={title: [_shown(result) for result in runs] for title, runs in tasks.items()},
        figures=drawn,
        runs=[result.run for result in results],
        python=platform.python_version(),
        packages=", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "matplotlib")),
        times={title: _times(runs) for title, runs in {**tasks, "all": results}.items()},
        drawing=drawing,
    )
    write_text(out / "report.html", page)
    return problems


def _error(error):
    return f"{type(error).__name__}: {error}"


def _shown(result):
    """What the tables of the report show of one run."""
    return {
        "name": plots.NAMES[result.run.activation],
        "end": summary(result),
        "published": PUBLISHED.get((result.run.task, result.run.activation)),
        "zeros": _zero_cells(result),
        "parts": _part_cells(result),
    }


def _zero_cells(result):
    s, net, data = result.spectrum, result.net, result.run.data()
    P, H = net.n_parameters, hessian(net, data.X_train, data.Y_train)
    zeros = structural_zeros(net, data.X_train, data.Y_train)
    counts = [inertia(H, shift).negative for shift in (-s.tolerance, s.tolerance)]
    bound = most_negative(net, data.X_train)
    return [
        P,
        zeros.dead,
        zeros.gauge,
        f"{zeros.gauge_bound:.0e}" if zeros.gauge else "",
        round(s.gamma * P),
        _interval(*(round(a * P) for a in s.alpha_bounds)),
        _interval(*counts),
        "" if bound is None else bound,
    ]


def _interval(low, high):
    return f"{low}" if low == high else f"{low} – {high}"


def _part_cells(result):
    net, data = result.net, result.run.data()
    parts = (gauss_newton, residual_part)
    spectra = [spectrum(part(net, data.X_train, data.Y_train)) for part in parts]
    spectra = [result.spectrum, *spectra]
    counts = [round(s.alpha * net.n_parameters) for s in spectra]
    norms = [f"{s.norm:.2g}" for s in spectra]
    return [*counts, *norms, f"{spectra[0].sharpness:.3g}", f"{spectra[0].trace:.3g}"]


def _times(results):
    """How many runs; then seconds: of steps, Hessians, eigenvalues, of all else, and in all."""
    names = ("steps", "hessians", "eigenvalues")
    parts = [sum(result.history.seconds[name] for result in results) for name in names]
    total = sum(result.seconds for result in results)
    return [len(results), *parts, max(total - sum(parts), 0.0), total]
