"""The command line: ``python -m tests.trust``."""

import argparse
import sys
import time

from . import activations, determinism, endurance, files, fuzz, losses, network
from .table import markdown

SUBJECTS = {  # name: rows(quick) -> list of table.Row
    "activations": activations.rows,
    "losses": losses.rows,
    "network": network.rows,
    "determinism": determinism.rows,
    "files": files.rows,
    "fuzz": fuzz.rows,
    "endurance": endurance.rows,
}


def main(arguments=None):
    """Try the subjects, print a table for each; return 1 if a bound was not held."""
    options = _parser().parse_args(arguments)
    held = True
    for name in options.names or SUBJECTS:
        began = time.perf_counter()
        rows = SUBJECTS[name](options.quick)
        seconds = time.perf_counter() - began
        print(f"## {name}\n\n{markdown(rows)}\n{seconds:.0f} s\n", flush=True)
        held &= all(row.held for row in rows)
    return 0 if held else 1


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m tests.trust",
        description="Try what minifnn claims of itself, and print what was found.",
    )
    add = parser.add_argument
    add("names", nargs="*", type=_name, metavar="name", help=f"{', '.join(SUBJECTS)} (all)")
    add("--quick", action="store_true", help="few cases: no figures to quote")
    return parser


def _name(text):
    """The name of a subject."""
    if text not in SUBJECTS:
        raise argparse.ArgumentTypeError(f"expected one of {', '.join(SUBJECTS)}, got {text!r}")
    return text


if __name__ == "__main__":
    sys.exit(main())
