"""From finished runs to a folder that a person can open: report, figures, table.

Every figure is made by itself: one that fails is named, with its error, in the
report and in what `write_report` returns, and stops no other.
"""

import csv
import html
import io
import platform
import time
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jinja2

from .. import plots
from .._util.files import write_text
from .._util.typing import PathLike
from ..curvature.parts import residual_part
from ..curvature.spectrum import inertia, spectrum
from ..curvature.theorems import most_negative, structural_zeros
from ..hessian import gauss_newton, hessian
from .figures import figures, final_spectrum, save, start_films
from .paper import PUBLISHED, TASKS, Result
from .sweep import Outcome, worker_processes


def summary(result: Result) -> dict[str, Any]:
    """Return the end point of a run.

    Parameters
    ----------
    result : minifnn.paper.Result

    Returns
    -------
    dict
        A row of summary.csv.

    Examples
    --------
    >>> from minifnn.paper import Result, Run
    >>> from minifnn.report import summary
    >>> run = Run("linear-10", "esp", epochs=20)
    >>> row = summary(Result(run, *run.train(), seconds=0.1))
    >>> row["task"], row["parameters"], row["alpha"] <= row["alpha_most"]
    ('linear-10', 52, True)
    """
    history, run, s = result.history, result.run, final_spectrum(result)
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
    tell: Callable[[str], object] | None = None,
) -> list[str]:
    """Write report.html, summary.csv and figures/ into a folder.

    Parameters
    ----------
    out : path-like
        An existing folder.
    results : list of minifnn.paper.Result
    failures : list of minifnn.sweep.Outcome, optional
        Runs that failed, to be named in the report.
    films : bool, optional
        Make the films of the eigenvalues, the slowest part.
    workers : int, optional
        Processes that render films while the figures are drawn.
    tell : callable, optional
        Called as tell(title) before each figure is made.

    Returns
    -------
    list of str
        What went wrong, one sentence each.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from minifnn.paper import Run
    >>> from minifnn.report import write_report
    >>> from minifnn.sweep import Outcome
    >>> failed = Outcome(Run("digits", "esp"), error=MemoryError("no room"))
    >>> with tempfile.TemporaryDirectory() as out:
    ...     write_report(out, [], [failed])
    ...     sorted(path.name for path in Path(out).iterdir())
    ['digits_esp_seed-0: MemoryError: no room']
    ['figures', 'report.html', 'summary.csv']
    """
    out, problems = Path(out), [f"{f.config.name}: {_error(f.error)}" for f in failures]
    (out / "figures").mkdir(exist_ok=True)
    _write_csv(out / "summary.csv", [summary(result) for result in results])
    by_task: dict[str, dict[str, Result]] = {}
    for result in results:
        by_task.setdefault(result.run.task, {})[result.run.activation] = result
    sections, began = [], time.perf_counter()
    with worker_processes(workers) as executor:
        started = start_films(by_task, executor) if films else {}
        for name, title, text, make in figures(by_task, started) if results else ():
            if tell is not None:
                tell(title)
            picture, problem = _attempt(make, out / "figures" / f"{name}.png", title)
            problems += [f"figure {name}: {problem}"] if problem else []
            sections.append(f"<h2 id={name}>{title}</h2>\n<p>{text}</p>\n{picture}")
    drawing = time.perf_counter() - began
    write_text(out / "report.html", _page(results, problems, sections, drawing))
    return problems


def _attempt(make, path, title):
    """Make a figure; return it as a part of the page, and what went wrong or None."""
    try:
        picture = make()
        return picture if isinstance(picture, str) else save(picture, path, title), None
    except Exception as error:  # whatever it is, the other figures are made
        problem = _error(error)
        return f"<p class=problem>This figure failed: {html.escape(problem)}</p>", problem


def _error(error):
    return f"{type(error).__name__}: {error}"


def _write_csv(path, rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())


# ------------------------------------------------------------------------- page

TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("minifnn.experiments"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
STYLE = TEMPLATES.get_template("style.css").render()


def render(template_name: str, **values: Any) -> str:
    """Return the text of a template in templates/, with these values in it."""
    return TEMPLATES.get_template(template_name).render(values)


READING = """
<p><b>How to read the table.</b> Grey: published, one seed each; black: here, one seed each.
Cost is the mean cross-entropy in nats. <b>&alpha;</b> is the fraction of negative eigenvalues
of the Hessian, as the interval that rounding leaves (&tau; = P &epsilon; |H|); <b>&gamma;</b>
the fraction that rounding cannot tell from zero, and <b>flat</b> the fraction with
|&lambda;| &le; 10<sup>&minus;3</sup> |H|. The published &alpha; and &gamma; count exact signs
and exact zeros of a nonsymmetric eigensolver; <b>counted</b> does so with ours, a symmetric
one. Their &gamma; of ReLU is the share of parameters of dead units.</p>
"""


def _page(results, problems, sections, drawing):
    """The whole report as one self-contained page."""
    listed = "".join(f"<li>{html.escape(problem)}</li>" for problem in problems)
    trouble = f"<h2 class=problem>What went wrong</h2><ul>{listed}</ul>" if problems else ""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>minifnn reproduce</title><style>{STYLE}</style></head><body>
<h1>The published experiments, run again</h1>
<p>Networks of noisy gates, arXiv:1805.08786: every gradient and every Hessian by hand.</p>
{trouble}
<h2>End points</h2>
<div class=scroll>{_table(results)}</div>
{READING}
<h2>How many zeros, and where they come from</h2>
<div class=scroll>{_table_of_zeros(results)}</div>
{ZEROS}
<h2>Where &alpha; comes from</h2>
<div class=scroll>{_table_of_parts(results)}</div>
{PARTS}
{"".join(sections)}
<h2>What was run</h2>
{_what_was_run(results)}
<h2>Where the time went</h2>
{_where_the_time_went(results, drawing)}
</body></html>
"""


def _table(results):
    heads = "cost|train|test|&alpha;|&gamma;|flat|counted &alpha;|counted &gamma;"
    head = "".join(f"<th>{name}" for name in heads.split("|"))
    rows, task = [], None
    for result in results:
        if result.run.task != task:
            task = result.run.task
            rows.append(f"<tr class=task><td colspan=9>{TASKS[task].title}")
        rows.append(f"<tr><td>{plots.NAMES[result.run.activation]}{_own_cells(summary(result))}")
        published = PUBLISHED.get((result.run.task, result.run.activation))
        if published is not None:
            rows.append(f"<tr><td class=published>&emsp;published{_published_cells(published)}")
    return f"<table><thead><tr><th>{head}</thead><tbody>{''.join(rows)}</tbody></table>"


def _own_cells(row):
    alpha = f"{row['alpha']:.3f}"
    if row["alpha_most"] > row["alpha"]:
        alpha += f" &ndash; {row['alpha_most']:.3f}"
    cells = [
        f"{row['cost']:.5f}",
        f"{row['train_accuracy']:.3f}",
        f"{row['test_accuracy']:.3f}",
        alpha,
        f"{row['gamma']:.3f}",
        f"{row['flat_1e-3']:.3f}",
        f"{row['counted_alpha']:.3f}",
        f"{row['counted_gamma']:.3f}",
    ]
    return "".join(f"<td>{cell}" for cell in cells)


def _published_cells(end):
    cells = [f"{end.cost:.5f}", f"{end.train_accuracy:.3f}", f"{end.test_accuracy:.3f}"]
    cells += ["", "", "", f"{end.alpha:.3f}", f"{end.gamma:.3f}"]
    return "".join(f"<td class=published>{cell}" for cell in cells)


ZEROS = """
<p><b>Structural</b> zeros are there by theorem. <b>Dead</b>: parameters that no sample's output
can feel, of dead ReLU units and of pixels that are always 0. <b>Gauge</b>: changes of several
parameters that nobody can see; exact zeros at a critical point, and before it so many eigenvalues
are at most <b>so large</b>. <b>Numerical</b> zeros, |&lambda;| &le; &tau;, are those that rounding
cannot tell from zero, the dead ones among them. <b>Inertia</b> counts negative eigenvalues
without computing any, by L D L<sup>T</sup> of H + &tau; and H &minus; &tau;: it must agree with
&alpha; times P. <b>At most</b>: how many may be negative by theorem, where one is known.</p>
"""

PARTS = """
<p>H is the sum of Gauss-Newton, J<sup>T</sup> C J, which has no negative eigenvalue, and the
residual part, residuals times second derivatives of the network. Negative curvature comes from
the second alone. Counts are of eigenvalues below &minus;&tau; of each matrix; <b>sharpness</b> is
the largest eigenvalue of H, <b>trace</b> the sum of all.</p>
"""


def _rows_by_task(results, cells, columns):
    """Rows of a table, a line with the title before each task."""
    rows, task = [], None
    for result in results:
        if result.run.task != task:
            task = result.run.task
            rows.append(f"<tr class=task><td colspan={columns}>{TASKS[task].title}")
        made = "".join(f"<td>{cell}" for cell in cells(result))
        rows.append(f"<tr><td>{plots.NAMES[result.run.activation]}{made}")
    return "".join(rows)


def _table_of_zeros(results):
    heads = "P|dead|gauge|so large|numerical|&alpha; P|inertia|at most".split("|")
    head = "".join(f"<th>{name}" for name in ("", *heads))
    rows = _rows_by_task(results, _zero_cells, 9)
    return f"<table><thead><tr>{head}</thead><tbody>{rows}</tbody></table>"


def _zero_cells(result):
    s, net, data = final_spectrum(result), result.net, result.run.data()
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
    return f"{low}" if low == high else f"{low} &ndash; {high}"


def _table_of_parts(results):
    names = ("H &lt; 0", "Gauss-Newton &lt; 0", "residual part &lt; 0")
    norms = ("|H|", "|Gauss-Newton|", "|residual part|", "sharpness", "trace")
    head = "".join(f"<th>{name}" for name in ("", *names, *norms))
    rows = _rows_by_task(results, _part_cells, 9)
    return f"<table><thead><tr>{head}</thead><tbody>{rows}</tbody></table>"


def _part_cells(result):
    net, data = result.net, result.run.data()
    parts = (gauss_newton, residual_part)
    spectra = [spectrum(part(net, data.X_train, data.Y_train)) for part in parts]
    spectra = [final_spectrum(result), *spectra]
    counts = [round(s.alpha * net.n_parameters) for s in spectra]
    norms = [f"{s.norm:.2g}" for s in spectra]
    return [*counts, *norms, f"{spectra[0].sharpness:.3g}", f"{spectra[0].trace:.3g}"]


def _what_was_run(results):
    if not results:
        return "<p>No run was finished.</p>"
    run = results[0].run
    data = "generated from seed 0" if run.data_dir is None else "the authors' .mat files"
    digits = (
        "divided by 255, in the authors' encoding: class 0 is an all-zero target, column 9 unused"
        if run.as_published
        else "divided by 16, all ten classes encoded (the authors' code has no column for class 0)"
    )
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "matplotlib"))
    return f"""<p>{len(results)} runs: full batch, Adam, rate 0.01 &middot; 0.9<sup>t/500</sup>,
Xavier weights from seed {run.seed}, trained &beta; from N(0, 0.004&sup2;) in the ESP networks and
&beta; = 1 in the others; outputs are independent sigmoids. The points in the plane are {data};
the digits are {digits}. At every recorded epoch: the exact Hessian and all its eigenvalues.</p>
<p>Python {platform.python_version()}, {packages}.</p>"""


def _where_the_time_went(results, drawing):
    """A table of seconds: what the runs of each task spent on what."""
    head = "".join(f"<th>{name}" for name in ("", "runs", *TIMES.values(), "other", "in all"))
    by_task: dict[str, list[Result]] = {}
    for result in results:
        by_task.setdefault(TASKS[result.run.task].title, []).append(result)
    rows = [_times_row(title, runs) for title, runs in by_task.items()]
    rows.append(_times_row("all", results))
    return f"""<div class=scroll><table><thead><tr>{head}</thead>
<tbody>{"".join(rows)}</tbody></table></div>
<p>Seconds of the processes that ran side by side, added up. Steps are the training itself;
other is starting, scores and files. Then the figures and films took {drawing:.0f} s.</p>"""


TIMES = {"steps": "steps", "hessians": "Hessians", "eigenvalues": "eigenvalues"}


def _times_row(title, results):
    parts = [sum(result.history.seconds[name] for result in results) for name in TIMES]
    whole = sum(result.seconds for result in results)
    cells = [*parts, max(whole - sum(parts), 0.0), whole]
    return f"<tr><td>{title}<td>{len(results)}" + "".join(f"<td>{cell:.1f}" for cell in cells)
