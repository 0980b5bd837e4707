"""Tables of what there is: of layers, as rows; for notebooks, as HTML with every text escaped."""

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from math import prod
from typing import Any


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


def layer_rows(net: Any) -> Iterator[tuple]:
    """What each layer of a network has: the shapes of its arrays, its gate, how many parameters."""
    yield "layer", "W", "b", "beta", "gate", "parameters"
    for l, (_, gate) in enumerate(net.layers, start=1):
        shapes = [net.shapes.get(f"{name}{l}", ()) for name in ("W", "b", "beta")]
        number = sum(prod(shape) for shape in shapes if shape)
        yield str(l), *(str(s or "fixed") for s in shapes), gate.activation.name, number
    yield "all", "", "", "", f"{net.output} output", net.n_parameters


def _text(value):
    return f"{value:.4g}" if isinstance(value, float) else str(value)
