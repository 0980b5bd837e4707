"""The command line: ``python -m tests.benchmarks``."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from . import growth, processes, report, table, tasks

DOCS = Path("docs/benchmarks")
PARTS: dict[str, Callable] = {
    **{part: partial(tasks.run, part) for part in tasks.TASKS},
    "memory": processes.memory,
    "growth": growth.run,
    "cold": processes.cold,
    "reproduce": partial(processes.command, "reproduce"),
    "sweep": partial(processes.command, "sweep"),
    "large": processes.large,
    "tables": lambda settings: [],  # made again from results.csv, and nothing measured
}
QUICK = " Small problems and few repeats (--quick): not to be quoted."
BY_NAME = ("sweep", "large", "tables")  # the first two take minutes


@dataclass(frozen=True)
class Settings:
    """What the command line says."""

    repeats: int | None = None
    quick: bool = False
    before: Path | None = None

    def rounds(self, usual):
        """How often to repeat what is usually repeated so often."""
        return self.repeats or (2 if self.quick else usual)


def main(arguments=None):
    """Measure the parts, and after each write results.csv, the figure and the tables."""
    options = _parser().parse_args(arguments)
    settings = Settings(options.repeats, options.quick, options.before)
    out = DOCS if options.docs else options.out
    out.mkdir(parents=True, exist_ok=True)
    note = table.machine() + (QUICK if options.quick else "")
    for part in options.parts or [part for part in PARTS if part not in BY_NAME]:
        print(part, flush=True)
        rows = PARTS[part](settings)
        if rows:
            (out / "machine.txt").write_text(note + "\n", encoding="utf-8")
            table.write(out / "results.csv", table.merged(table.read(out / "results.csv"), rows))
        made = write(out, DOCS.with_suffix(".md") if options.docs else None)
    print("\n\n".join(made.values()), f"\nWritten to {out}/")


def write(out, page=None):
    """Make the figure and the tables from results.csv; return the tables."""
    rows, note = table.read(out / "results.csv"), (out / "machine.txt").read_text(encoding="utf-8")
    made = report.tables(rows, note.strip())
    if any(row.task.startswith(growth.GROWTH) for row in rows):
        growth.draw(out / "growth.png", rows)
    if page is None:
        (out / "tables.md").write_text("\n\n".join(made.values()) + "\n", encoding="utf-8")
    else:
        page.write_text(table.fill(page.read_text(encoding="utf-8"), made), encoding="utf-8")
    return made


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="How fast minifnn is beside JAX, PyTorch and scikit-learn.",
    )
    add = parser.add_argument
    text = f"{', '.join(PARTS)} (all but the last {len(BY_NAME)})"
    add("parts", nargs="*", choices=[[], *PARTS], metavar="part", help=text)
    add("--out", type=Path, default=Path("benchmarks"), help="folder to write to (benchmarks)")
    add("--docs", action="store_true", help=f"write to {DOCS}, and the tables into {DOCS}.md")
    add("--before", type=Path, help="another checkout, whose commands are timed in turn with ours")
    add("--repeats", type=int, help="of every time (1 to 15, fewer for slow peers)")
    add("--quick", action="store_true", help="small problems, two repeats: not to be quoted")
    return parser


if __name__ == "__main__":
    main()
