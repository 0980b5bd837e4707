"""Tables for notebooks, as HTML in which every text is escaped."""

from collections.abc import Iterable, Mapping
from html import escape


def table(title: str, *rows: Iterable[object]) -> str:
    """A title above a table; the first row is its head."""
    lines = ["".join(f"<td>{escape(_text(cell))}</td>" for cell in row) for row in rows]
    lines[0] = lines[0].replace("td>", "th>")
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<p>{escape(title)}</p><table>{body}</table>"


def ends(title: str, columns: Mapping) -> str:
    """A table of the first and the last entry of each column of numbers."""
    rows = [(name, v[0], v[-1]) for name, v in columns.items() if v.ndim == 1]
    return table(title, ("", "first", "last"), *rows)


def _text(value):
    return f"{value:.4g}" if isinstance(value, float) else str(value)
