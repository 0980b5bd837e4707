"""The table: one row per claim, with how many cases were tried."""

from dataclasses import dataclass

HEADINGS = ("what", "cases tried", "worst", "bound", "held")


@dataclass(frozen=True)
class Row:
    """One claim: what was measured in how many cases, and how far it may go.

    `worst` and `bound` are shown as they are if they are text, and with two
    digits if they are numbers.
    """

    what: str
    cases: int
    worst: float | str
    bound: float | str
    held: bool


def within(what, cases, worst, bound):
    """The row of a number that is to stay within a bound."""
    return Row(what, cases, worst, bound, bool(worst <= bound))


def markdown(rows):
    """The rows as a table in Markdown."""
    lines = [HEADINGS, ["---"] * len(HEADINGS)]
    for row in rows:
        held = "yes" if row.held else "**no**"
        lines.append((row.what, f"{row.cases:,}", _shown(row.worst), _shown(row.bound), held))
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _shown(value):
    return value if isinstance(value, str) else f"{value:.2g}"
