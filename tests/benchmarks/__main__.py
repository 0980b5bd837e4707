"""The command line: ``python -m tests.benchmarks``."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

from . import hessians, mnist, scaling, startup, table, training

BENCHMARKS = {
    "digits-hessian": hessians.digits,
    "small-hessian": hessians.small,
    "training": training.run,
    "scaling": scaling.run,
    "startup": startup.run,
    "mnist-hessian": mnist.run,
}
ON_DEMAND = ("mnist-hessian",)  # minutes, and gigabytes


@dataclass(frozen=True)
class Settings:
    """What the command line says."""

    out: Path
    repeats: int | None
    quick: bool

    def times(self, usual):
        """How often to repeat what is usually repeated so often."""
        return self.repeats or (2 if self.quick else usual)


def main(arguments=None):
    """Run the benchmarks, write after each what there is, and print the table."""
    options = _parser().parse_args(arguments)
    everyday = [name for name in BENCHMARKS if options.all or name not in ON_DEMAND]
    settings = Settings(options.out, options.repeats, options.quick)
    note = _note(options.quick)
    rows, ratios = [], []
    for name in options.names or everyday:
        print(f"  {name}", flush=True)
        more_rows, more_ratios = BENCHMARKS[name](settings)
        rows, ratios = rows + more_rows, ratios + more_ratios
        shown = table.write(settings.out, rows, ratios, note)
    print(f"\n{shown}\n{note}\nWritten to {settings.out}/")


def _note(quick):
    """What a reader of the times has to know: PyTorch above all suffers from a busy core."""
    note = f"The load before the run was {os.getloadavg()[0]:.2f}; wanted about 0."
    if quick:
        note += " Small problems and few repeats (--quick): no times to quote."
    return note


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="How fast minifnn is beside JAX, PyTorch and scikit-learn.",
    )
    add = parser.add_argument
    known = ", ".join(BENCHMARKS)
    add("names", nargs="*", type=_name, metavar="name", help=f"{known} (all but the last)")
    add("--all", action="store_true", help="the last too: five minutes, 16 GB")
    add("--out", type=Path, default=Path("benchmarks"), help="folder to write to (benchmarks)")
    add("--repeats", type=_count, help="of every time (3 to 15, fewer for slow peers)")
    add("--quick", action="store_true", help="small problems, two repeats: no times to quote")
    return parser


def _name(text):
    """The name of a benchmark."""
    if text not in BENCHMARKS:
        raise argparse.ArgumentTypeError(f"is {text!r}, wanted one of {', '.join(BENCHMARKS)}")
    return text


def _count(text):
    """A whole number that is at least 1."""
    if (value := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"is {value}, wanted at least 1")
    return value


if __name__ == "__main__":
    main()
