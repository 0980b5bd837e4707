"""What `minifnn replay` does: all runs of a copy, compared, and the report of it."""

import csv
import html
import io
import os
import sys
from collections.abc import Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from ... import plots
from ..._util.files import own_folder, write_text
from ..._util.typing import PathLike
from ..._util.validation import check_count
from ..figures import save
from ..paper import TASKS
from ..report import STYLE
from ..sweep import sweep, worker_processes
from .compare import QUANTITIES, Replayed, Row, replay_run
from .record import find_runs

# ----------------------------------------------------------------------- all of them


def replay(
    path: PathLike, out: PathLike, workers: int | None = None, progress: bool = True
) -> tuple[list[Replayed], list[str]]:
    """Recompute the authors' record from a copy of their repository, and report.

    Parameters
    ----------
    path : path-like
        The copy: runs in ``TF/Artificial_class`` and ``TF/mnist``, and the data
        in Lindata.mat and NLdata.mat. Nothing is written there.
    out : path-like
        The folder for replay.html, replay.csv and figures; made if missing.
    workers : int, optional
        Processes side by side; None for one a core.
    progress : bool, optional
        Show a bar that counts runs.

    Returns
    -------
    replayed : list of Replayed
    problems : list of str
        What could not be read or drawn, one sentence each.

    Raises
    ------
    FileNotFoundError, ValueError
        If there is no such folder, or no run in it.
    FileExistsError
        If `out` has files of somebody else.

    Examples
    --------
    >>> from minifnn.replay_report import replay
    >>> replay("no-such-folder", "replayed")
    Traceback (most recent call last):
    FileNotFoundError: path is 'no-such-folder', but there is no such folder
    """
    workers = (os.cpu_count() or 1) if workers is None else check_count("workers", workers)
    runs, passed_over = find_runs(path)
    if not runs:
        raise ValueError(f"path is {str(path)!r}, wanted a folder with runs such as 10_NL/Relu")
    out = own_folder(out)
    (out / "figures").mkdir(exist_ok=True)
    with worker_processes(min(workers, len(runs))) as executor, _bar(len(runs), progress) as tell:
        outcomes = sweep(partial(replay_run, path=str(path)), runs, executor, tell=tell)
    replayed = [outcome.value for outcome in outcomes if outcome.error is None]
    problems = [f"{o.config.name}: {o.error}" for o in outcomes if o.error is not None]
    problems += [f"{run.name}: {problem}" for run in replayed for problem in run.problems]
    return replayed, problems + write_replay(out, replayed, problems, passed_over)


@contextmanager
def _bar(total, progress):
    """Yield tell(outcome), which moves a bar over all runs."""
    if not progress:
        yield None
        return
    from tqdm import tqdm  # here, so that importing minifnn stays quick

    with tqdm(total=total, unit="run", file=sys.stderr) as bar:
        yield lambda outcome: bar.update()


# ------------------------------------------------------------------------ the report

SECTIONS = {  # the quantity that each part of the table begins with
    "residuals": "At the recorded parameters",
    "alpha": "What was counted of the eigenvalues",
    "first_gradient": "Before the first step",
    "cost": "Trained again from the first record",
    "end": "The last record",
}

READING = """
<p><b>How to read the table.</b> The number of decimal digits that agree at the worst record:
&minus;log<sub>10</sub> of the error; &ldquo;all&rdquo; where nothing differs, red where less agrees
than rounding explains. Errors of Hessians, gradients and eigenvalues are shares of the largest
entry, those of costs are relative, all others are differences. What follows each step is computed
at the recorded parameters. What precedes the first step is computed after undoing it: the recorded
gradient says where it came from. The costs of the other epochs are those of a training that starts
at the first record, once with the constants of Adam in float32 as in the authors' framework, once
in float64. Recorded gradients and Hessians are larger than the exact ones by float32(1/m) m, m the
number of outputs that the cost is a mean of; this factor is put in here.</p>
"""

WHY = {
    "alpha": "The recorded fraction is not that of the recorded eigenvalues that are below zero.",
    "gamma": "The recorded fraction is not that of the recorded eigenvalues that are zero.",
    "alpha_matrix": "A nonsymmetric solver leaves the sign of an eigenvalue that is zero but for "
    "rounding to the last bit, and another version of it gives another sign.",
    "gamma_matrix": "The test <i>equal to zero</i> sees only zeros that are exact, and a "
    "nonsymmetric solver keeps few but those of rows of zeros.",
    "alpha_ours": "Our Hessian differs from theirs in the last bit. That is enough to change the "
    "signs of the eigenvalues that are zero but for rounding.",
    "gamma_ours": "Our Hessian differs from theirs in the last bit, and exact zeros with it.",
    "alpha_interval": "An eigenvalue within &plusmn;P &epsilon; |H| has no sign. The recorded "
    "fraction lies outside even the interval that this leaves: its solver made larger errors.",
    "alpha_bound": "More than a ReLU network can have: no layer's own block of the Hessian curves "
    "down, and behind one hidden layer each unit that is not dead gives min(K, D + 1) negative "
    "eigenvalues at most. Rounding has counted zeros as negative.",
    "gamma_rows": "In the other runs the recorded &gamma; is the share of parameters whose rows "
    "of the Hessian are zero: those of dead ReLU units, and of pixels that are always dark.",
    "cost": "Training amplifies the last bit. Every step is theirs up to where the curves part.",
    "theta": "As with the cost, and more sharply: parameters are recorded in all their digits.",
    "cost_float64": "The same, and sooner: their constants are float32, 0.9 among them, and that "
    "is a difference in the eighth digit from the first steps on.",
    "train_accuracy": "It follows the training, and parts from theirs where that does.",
    "end": "The run is not the one whose end was published.",
}
KNOWN = """
<h2>What is known of the record</h2>
<ul>
<li>&alpha; and &gamma; count exact signs and exact zeros from a nonsymmetric solver. A symmetric
one, with a bound on its rounding, leaves an interval (the figure below). Zeros that are exact come
from rows of zeros, so that &gamma; is the share of parameters of dead ReLU units and dark pixels at
that one start, and 0 for ESP in the plane, flat as its Hessian may be.</li>
<li>The digits were encoded by one_hot(label &minus; 1): 0 is a row of zeros and the last column is
never used, which holds the accuracy at 0.90 while the cost goes to 10<sup>&minus;3</sup>. Their
pixels, 0 to 16, were divided by 255, and the outputs called softmax are ten sigmoids. All of it is
done here as it was there.</li>
<li>Costs went through float32 before they were recorded: they agree to seven digits at most.</li>
<li>There is one start for each curve. What holds for many starts is another question.</li>
</ul>
"""
ELSE = "This should agree: the copy may be damaged or of another version, or minifnn wrong."


def write_replay(
    out: PathLike,
    replayed: Sequence[Replayed],
    problems: Sequence[str] = (),
    passed_over: Sequence[str] = (),
) -> list[str]:
    """Write replay.csv, replay.html and figures/ into a folder.

    Parameters
    ----------
    out : path-like
        An existing folder with a folder "figures" in it.
    replayed : list of Replayed
    problems, passed_over : sequence of str, optional
        To be named in the report.

    Returns
    -------
    list of str
        What went wrong, one sentence each.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from minifnn.replay_report import write_replay
    >>> with tempfile.TemporaryDirectory() as out:
    ...     write_replay(out, [], ["10_NL/Relu: it is empty"])
    ...     sorted(path.name for path in Path(out).iterdir())
    []
    ['replay.csv', 'replay.html']
    """
    out, sections, more = Path(out), [], []
    rows = [row for run in replayed for row in run.rows]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([Row._fields, *rows])
    write_text(out / "replay.csv", text.getvalue())
    for name, title, draw in FIGURES if replayed else ():
        try:
            picture = save(draw(replayed), out / "figures" / f"{name}.png", html.unescape(title))
            sections.append(f"<h2>{title}</h2>{picture}")
        except Exception as error:  # whatever it is, the other figure is made
            more.append(f"figure {name}: {type(error).__name__}: {error}")
    page = _page(replayed, rows, [*problems, *more], passed_over, sections)
    write_text(out / "replay.html", page)
    return more


def _page(replayed, rows, problems, passed_over, sections):
    """The whole report as one self-contained page."""
    trouble = f"<h2 class=problem>What could not be read</h2>{_list(problems)}" if problems else ""
    others = f"<h2>Files that were passed over</h2>{_list(passed_over)}" if passed_over else ""
    well = sum(row.agrees == "yes" for row in rows)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>minifnn replay</title><style>{STYLE}
body {{ max-width: 80rem; }} p, li {{ max-width: 62rem; }}</style></head><body>
<h1>The published record, recomputed</h1>
<p>The authors' files of arXiv:1805.08786: {len(replayed)} runs,
{sum(len(run.curves["epoch"]) for run in replayed)} records. Of {len(rows)} comparisons
{well} agree at every record.</p>
{trouble}
<h2>Digits that agree</h2>
<div class=scroll>{_table(replayed)}</div>
{READING}
<h2>What does not agree, and why</h2>
{_disagreements(rows)}
{KNOWN}
{"".join(sections)}
{others}
</body></html>
"""


def _list(sentences):
    return "<ul>" + "".join(f"<li>{html.escape(s)}</li>" for s in sentences) + "</ul>"


def _table(replayed):
    """Quantities down, runs across."""
    by_task = _by_task(replayed)
    tasks = [f"<th colspan={len(runs)}>{TASKS[task].title}" for task, runs in by_task.items()]
    names = [f"<th title='{html.escape(r.name)}'>{plots.NAMES[r.activation]}" for r in replayed]
    head = f"<tr><th>{''.join(tasks)}<tr><th>{''.join(names)}"
    lines, rows = [], [{row.quantity: row for row in run.rows} for run in replayed]
    for name, quantity in QUANTITIES.items():
        if name in SECTIONS:
            lines.append(f"<tr class=task><td colspan={len(rows) + 1}>{SECTIONS[name]}")
        cells = "".join(_cell(run.get(name)) for run in rows)
        lines.append(f"<tr><td>{quantity.title}{cells}")
    return f"<table><thead>{head}</thead><tbody>{''.join(lines)}</tbody></table>"


def _by_task(replayed):
    by_task: dict[str, list[Replayed]] = {}
    for run in replayed:
        by_task.setdefault(run.task, []).append(run)
    return by_task


def _cell(row):
    if row is None:
        return "<td>&ndash;"
    return f"<td{'' if row.agrees == 'yes' else ' class=problem'}>{digits(row.error)}"


def digits(error: float) -> str:
    """Return how many decimal digits agree, as a text: "all" where nothing differs.

    Parameters
    ----------
    error : float

    Returns
    -------
    str

    Examples
    --------
    >>> from minifnn.replay_report import digits
    >>> digits(2e-12), digits(0.0)
    ('11.7', 'all')
    """
    if error == 0:
        return "all"
    return f"{min(max(-np.log10(error), 0.0), 16.0):.1f}"


def _disagreements(rows):
    """A paragraph a quantity that does not agree everywhere, and the runs where it does not."""
    parts = []
    for name, quantity in QUANTITIES.items():
        wrong = [row for row in rows if row.quantity == name and row.agrees == "no"]
        if wrong:
            sentences = _list([_sentence(row) for row in wrong])
            parts.append(f"<h3>{quantity.title}</h3><p>{WHY.get(name, ELSE)}</p>{sentences}")
    return "".join(parts) or "<p>Everything agrees.</p>"


def _sentence(row):
    text = f"{row.run}: {row.wrong} of {row.records}, the first at epoch {row.first}; "
    text += f"the worst by {row.error:.2g}, at epoch {row.epoch}"
    return f"{text}; {row.remark}, so the record does not fit itself" if row.remark else text


def _draw_costs(replayed):
    """A panel a task: the recorded cost, and ours over it."""
    by_task = _by_task(replayed)
    axes = _panels(-(-len(by_task) // 3), min(len(by_task), 3))
    for ax, (task, runs) in zip(axes.flat, by_task.items()):
        ax.set_axis_on()
        for run in runs:
            curves, name = run.curves, run.activation
            about = {"color": plots.COLOURS[name], "label": plots.NAMES[name]}
            ax.plot(curves["epoch"], curves["cost"], linewidth=3, alpha=0.4, **about)
            if "cost_again" in curves:
                ax.plot(curves["epoch"][1:], curves["cost_again"], "k:.", linewidth=1, markersize=2)
        ax.set(title=TASKS[task].title, yscale="log", xlabel="epoch", ylabel=plots.COST)
        ax.legend(fontsize="small", frameon=False)
    return axes[0, 0].figure


def _panels(rows, columns):
    """Axes (rows, columns) of a new figure, not to be seen before they are used."""
    figure = Figure(figsize=(4.2 * columns, 3.4 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    return axes


def _draw_alphas(replayed):
    """A row a task, a panel a run: alpha as recorded, as counted again, as it can be."""
    by_task = _by_task(replayed)
    axes = _panels(len(by_task), max(map(len, by_task.values())))
    for row, runs in zip(axes, by_task.values()):
        for ax, run in zip(row, runs):
            ax.set_axis_on()
            _draw_alpha(run, ax)
    axes[0, 0].legend(fontsize="small", frameon=False)
    return axes[0, 0].figure


def _draw_alpha(run, ax):
    curves, colour = run.curves, plots.COLOURS[run.activation]
    low, high = np.transpose(curves["alpha_bounds"])
    label = "that rounding leaves"
    ax.fill_between(curves["cost"], low, high, color=colour, alpha=0.3, linewidth=0, label=label)
    if "alpha_matrix" in curves:
        label = "counted again, their matrix"
        ax.plot(curves["cost"], curves["alpha_matrix"], "kx", markersize=4, label=label)
    if "alpha" in curves:
        ax.plot(curves["cost"], curves["alpha"], color=colour, linewidth=1.2, label="recorded")
    ax.set(title=f"{TASKS[run.task].title}, {plots.NAMES[run.activation]}", ylabel="$\\alpha$")
    ax.set(ylim=(-0.03, 1.03), xlabel=plots.COST_RUNS)
    if (spread := max(curves["cost"]) / max(min(curves["cost"]), 1e-12)) > 3:
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if spread < 100 else (1,)))
        ax.xaxis.set_major_formatter("{x:g}")
        ax.xaxis.set_minor_formatter("")
    ax.xaxis.set_inverted(True)


FIGURES = (
    ("cost", "Cost: recorded (broad) and trained again (dotted)", _draw_costs),
    (
        "alpha",
        "Ways down: &alpha; as recorded, counted again, and as rounding leaves it",
        _draw_alphas,
    ),
)
