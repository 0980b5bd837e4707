"""The command line: ``python -m tests.mutation``."""

import argparse
import csv
import random
from functools import cache
from pathlib import Path

from . import trial
from .mutants import mutants

TESTS = {  # the files in tests/ that should kill a module's mutants
    "activations": ("test_activations.py",),
    "layers": ("test_network.py", "test_gradient.py", "test_hessian.py"),
    "losses": ("test_losses.py", "test_gradient.py", "test_network.py"),
    "hessian": ("test_hessian.py",),
    "curvature.spectrum": ("curvature",),
}
COLUMNS = ("module", "function", "before", "after", "verdict", "tests", "last")


def main(arguments=None):
    """Try the mutants of each module, write what became of them, print the table."""
    options = _parser().parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    rows = []
    for module in options.modules or TESTS:
        rows += _try(module, options)
        print(f"\n{table(rows)}", flush=True)
    (options.out / "mutation.md").write_text(f"{table(rows)}\n\n{survivors(rows)}\n")
    print(f"\n{survivors(rows)}\n\nWritten to {options.out}/")
    return 1 if any(reason(row) is None for row in rows if row["verdict"] == "survived") else 0


def _try(module, options):
    """One row per mutant, written as they come: an interrupted run leaves them behind."""
    chosen = mutants(module, trial.path_of(module).read_text())
    if options.sample and options.sample < len(chosen):
        chosen = random.Random(0).sample(chosen, options.sample)
    path = options.out / f"{module}.csv"
    known = {tuple(row[c] for c in COLUMNS[:4]): row for row in _read(path) if options.again}
    known = {name: row for name, row in known.items() if row["verdict"] == "killed" or reason(row)}
    left = [mutant for mutant in chosen if mutant.name not in known]
    print(f"{module}: {len(left)} of {len(chosen)} mutants to try", flush=True)
    _write(path, [known[mutant.name] for mutant in chosen if mutant.name in known])

    def work(trials):
        for mutant in left:
            verdict, tests, last = trials.verdict(mutant)
            row = (*mutant.name, ("survived", "killed")[verdict], tests, last)
            _write(path, [dict(zip(COLUMNS, row))], "a")
            print(f"  {row[4]:8}  {row[1]}: {row[2]}  ->  {row[3]}", flush=True)

    if left:
        trial.run(module, TESTS[module], work)
    return _read(path)


def _read(path):
    if not path.exists():
        return []
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _write(path, rows, mode="w"):
    with open(path, mode, newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        if mode == "w":
            writer.writeheader()
        writer.writerows(rows)


# ------------------------------------------------------------------------ what is shown


def table(rows):
    """One line per module: how many were tried, and what became of them."""
    lines = ["| module | mutants | killed | equivalent | open | killed of all | of the others |"]
    lines += ["|---|---|---|---|---|---|---|"]
    modules = list(dict.fromkeys(row["module"] for row in rows))
    for name in [*modules, "all"]:
        own = [row for row in rows if name in (row["module"], "all")]
        alive = [row for row in own if row["verdict"] == "survived"]
        all_, killed = len(own), len(own) - len(alive)
        same = sum(reason(row) is not None for row in alive)
        shares = f"{killed / all_:.1%} | {killed / max(1, all_ - same):.1%}"
        lines.append(f"| {name} | {all_} | {killed} | {same} | {len(alive) - same} | {shares} |")
    return "\n".join(lines)


def survivors(rows):
    """Each mutant that no test killed, and why."""
    lines = ["| module | line | as | why nothing can tell |", "|---|---|---|---|"]
    for row in rows:
        if row["verdict"] == "survived":
            before, after = (row[c].replace("|", "\\|") for c in COLUMNS[2:4])
            place = f"{row['module']} {row['function']}".strip().replace("_", "\\_")
            lines.append(f"| {place} | `{before}` | `{after}` | {reason(row) or '**not known**'} |")
    return "\n".join(lines)


def reason(row):
    """Why a survivor is equivalent to the code, None if nobody has said."""
    return equivalent().get((row["module"], row["before"], row["after"]))


@cache
def equivalent():
    """{(module, before, after): why} as `equivalent.txt` has it."""
    found, module, why = {}, "", ""
    text = (Path(__file__).parent / "equivalent.txt").read_text(encoding="utf-8")
    for line in text.split("\n\n", 1)[1].splitlines():
        if line.startswith("- "):
            before = line[2:]
        elif line.startswith("+ "):
            found[module, before, line[2:]] = why
        elif line:
            module, why = line.split(": ", 1)
    return found


# --------------------------------------------------------------------- the command line


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutation",
        description="Put small faults into the code and see whether the tests notice.",
    )
    add = parser.add_argument
    add("modules", nargs="*", type=_module, metavar="module", help=", ".join(TESTS) + " (all)")
    add("--sample", type=int, help="only this many mutants of each module, by a fixed seed (all)")
    add("--out", type=Path, default=Path("mutation"), help="folder to write to (mutation)")
    add("--again", action="store_true", help="only what an earlier run there left open")
    return parser


def _module(text):
    """The name of a module."""
    if text not in TESTS:
        raise argparse.ArgumentTypeError(f"expected one of {', '.join(TESTS)}, got {text!r}")
    return text


if __name__ == "__main__":
    raise SystemExit(main())
