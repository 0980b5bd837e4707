"""Tables for notebooks, as HTML in which every text is escaped."""

from collections.abc import Iterable
from html import escape


def table(title: str, *rows: Iterable[object]) -> str:
    """A title above a table; the first row is its head."""
    lines = ["".join(f"<td>{escape(_text(cell))}</td>" for cell in row) for row in rows]
    lines[0] = lines[0].replace("td>", "th>")
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<p>{escape(title)}</p><table>{body}</table>"


def _text(value):
    return f"{value:.4g}" if isinstance(value, float) else str(value)
