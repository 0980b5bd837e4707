"""From finished runs to a folder that a person can open: report, figures, table.

Every figure is made by itself: one that fails is named, with its error, in the
report and in what `write_report` returns, and stops no other.
"""

import base64
import csv
import html
import io
import platform
import re
import time
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np

from . import plots
from ._files import write_atomically, write_text
from .hessian import hessian
from .paper import PUBLISHED, TASKS
from .spectrum import Spectrum
from .sweep import worker_processes


def summary(result):
    """Return the end point of a run, a dict: a row of summary.csv."""
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


def final_spectrum(result):
    """Return the Spectrum of the last record."""
    return Spectrum(result.history["eigenvalues"][-1], float(result.history["tolerance"][-1]))


def write_report(out, results, failures=(), films=True, workers=1, tell=None):
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
    """
    out, problems = Path(out), [f"{f.config.name}: {_error(f.error)}" for f in failures]
    (out / "figures").mkdir(exist_ok=True)
    _write_csv(out / "summary.csv", [summary(result) for result in results])
    by_task = {}
    for result in results:
        by_task.setdefault(result.run.task, {})[result.run.activation] = result
    sections, began = [], time.perf_counter()
    with worker_processes(workers) as executor:
        started = _start_films(by_task, executor) if films else {}
        for name, title, text, make in _figures(by_task, started):
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
        return picture if isinstance(picture, str) else _save(picture, path, title), None
    except Exception as error:  # whatever it is, the other figures are made
        problem = _error(error)
        return f"<p class=problem>This figure failed: {html.escape(problem)}</p>", problem


def _start_films(by_task, executor):
    """Have the films rendered: a dict from task to the function that waits for its film."""
    films = {}
    for task, runs in by_task.items():
        film = partial(_film, _histories(runs))
        films[task] = film if executor is None else executor.submit(film).result
    return films


def _error(error):
    return f"{type(error).__name__}: {error}"


def _write_csv(path, rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())


# ---------------------------------------------------------------------- figures


def _figures(by_task, films):
    """Yield (name, title, what it shows, function that makes it) of every figure."""
    curves = (
        (
            "cost",
            "Cost against epoch",
            "Mean cross-entropy of the training data, before the step of each recorded epoch.",
            plots.cost_against_epoch,
        ),
        (
            "accuracy",
            "Accuracy against cost",
            "Solid: training data. Dashed: test data. Training runs from left to right.",
            plots.accuracy_against_cost,
        ),
        (
            "alpha",
            "Ways down: negative eigenvalues against cost",
            "The line counts the eigenvalues that are certainly negative, below "
            "&minus;&tau;; the band reaches up to those that rounding leaves undecided.",
            plots.alpha_against_cost,
        ),
        (
            "gamma",
            "Flat ways: zero eigenvalues against cost",
            "Eigenvalues that rounding cannot tell from zero, |&lambda;| &le; &tau;.",
            plots.gamma_against_cost,
        ),
        (
            "residuals",
            "Residuals that have vanished",
            "The fraction of outputs with |prediction &minus; truth| &le; 10<sup>&minus;5</sup>.",
            plots.zero_residuals_against_epoch,
        ),
    )
    for name, title, text, draw in curves:
        yield name, title, text, lambda draw=draw: _panels(by_task, _histories, draw)
    yield (
        "flat",
        "How zero is zero?",
        "The fraction of eigenvalues with |&lambda;| &le; r |H| at the last record, for "
        "every r: the fraction that is called flat is a choice.",
        lambda: _panels(by_task, _spectra, plots.gamma_curve),
    )
    yield (
        "eigenvalues",
        "Eigenvalues at the last record",
        "Counts on a logarithmic scale; each legend says what share lies in the window.",
        lambda: _panels(by_task, _spectra, plots.eigenvalue_histogram),
    )
    yield (
        "weights",
        "Weights at the last record",
        "All weights W of the trained networks.",
        lambda: _panels(by_task, _networks, plots.weight_histogram),
    )
    planes = {task: runs for task, runs in by_task.items() if TASKS[task].sizes[0] == 2}
    if planes:
        yield (
            "boundaries",
            "What was learned",
            "The predicted probability of class 1, with the training points.",
            lambda: _grid(planes, _draw_boundary),
        )
        yield (
            "eigenvectors",
            "Eigenvectors of the Hessian",
            "Each row is an eigenvector, the most negative eigenvalue first; each column "
            "a parameter.",
            lambda: _grid(planes, _draw_eigenvectors),
        )
    for task in films:
        yield (
            f"film-{task}",
            f"The eigenvalues during training: {TASKS[task].title}",
            "One frame a record, four a second.",
            films[task],
        )


def _film(histories):
    """Render the film of the eigenvalues as a part of the page that needs no other file."""
    page = plots.eigenvalue_film(histories).to_jshtml(fps=4)
    return re.sub(r"<link[^>]*>", "", page)  # of an icon font; STYLE draws its own


def _histories(runs):
    return {activation: result.history for activation, result in runs.items()}


def _spectra(runs):
    return {activation: final_spectrum(result) for activation, result in runs.items()}


def _networks(runs):
    return {activation: result.net for activation, result in runs.items()}


def _figure(rows, columns, width, height):
    """A figure and its axes (rows, columns), without a window."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False)


def _panels(by_task, pick, draw):
    """One panel a task, each drawn from what `pick` takes out of the task's runs."""
    columns = min(len(by_task), 3)
    rows = -(-len(by_task) // columns)
    figure, axes = _figure(rows, columns, 4.4, 3.5)
    for ax, (task, runs) in zip(axes.flat, by_task.items()):
        draw(pick(runs), ax=ax)
        ax.set_title(TASKS[task].title)
    for ax in axes.flat[len(by_task) :]:
        ax.set_axis_off()
    return figure


def _grid(by_task, draw):
    """One row a task, one column an activation."""
    activations = list(dict.fromkeys(name for runs in by_task.values() for name in runs))
    figure, axes = _figure(len(by_task), len(activations), 3.6, 3.2)
    for row, (task, runs) in zip(axes, by_task.items()):
        for ax, activation in zip(row, activations):
            if activation in runs:
                draw(runs[activation], ax)
                ax.set_title(f"{TASKS[task].title}, {plots.NAMES[activation]}", fontsize="medium")
            else:
                ax.set_axis_off()
    return figure


def _draw_boundary(result, ax):
    data = result.run.data()
    plots.decision_boundary(result.net, data.X_train, data.Y_train, ax=ax)


def _draw_eigenvectors(result, ax):
    data = result.run.data()
    _, vectors = np.linalg.eigh(hessian(result.net, data.X_train, data.Y_train))
    plots.eigenvectors(vectors, result.net, ax=ax)


def _save(figure, path, title):
    """Write a figure as PNG and return it as a part of the page."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=110)
    write_atomically(path, lambda file: file.write(stream.getvalue()))
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    return f'<img src="data:image/png;base64,{data}" alt="{html.escape(title)}">'


# ------------------------------------------------------------------------- page

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem;
       color: #222; background: #fff; }
h1 { margin-bottom: 0; } h2 { margin-top: 3rem; }
img { max-width: 100%; height: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.85rem; }
th, td { padding: 0.15rem 0.55rem; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
thead th { border-bottom: 2px solid #222; vertical-align: bottom; }
tr.task td { border-top: 1px solid #bbb; font-weight: 600; padding-top: 0.4rem; }
td.published { color: #777; }
.scroll { overflow-x: auto; } .problem { color: #a00; }
.animation { max-width: 100%; } .animation img { width: 100%; }
.fa { font-style: normal; } .fa-flip-horizontal { display: inline-block; transform: scaleX(-1); }
.fa-minus::before { content: "\\2212"; } .fa-plus::before { content: "+"; }
.fa-play::before { content: "\\25B6\\FE0E"; } .fa-pause::before { content: "\\275A\\275A"; }
.fa-step-backward::before { content: "\\2039"; } .fa-step-forward::before { content: "\\203A"; }
.fa-fast-backward::before { content: "\\00AB"; } .fa-fast-forward::before { content: "\\00BB"; }
"""

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
        published = PUBLISHED.get((task, result.run.activation))
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
    by_task = {}
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
