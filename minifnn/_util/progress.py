"""One progress bar, and chunks of samples."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .typing import Array

CHUNK = 1 << 24  # numbers that one chunk of samples may need (128 MB)


@contextmanager
def progress_bar(
    progress: bool, total: float, unit: str, initial: float = 0, **options: Any
) -> Iterator[Callable[..., None]]:
    """Yield advance(n=1, **postfix), which moves a bar of tqdm by n and shows names with values.

    Without progress it does nothing. Further options are tqdm's, such as desc="3 runs".
    """
    if not progress:
        yield lambda n=1, **postfix: None
        return
    from tqdm.auto import tqdm  # here, so that importing minifnn stays quick

    with tqdm(total=total, unit=unit, initial=initial, leave=False, **options) as bar:

        def advance(n=1, **postfix):
            bar.set_postfix(postfix, refresh=False)
            bar.update(n)

        yield advance


def chunks(
    X: Array, Y: Array, numbers: int, progress: bool = False
) -> Iterator[tuple[float, Array, Array]]:
    """Yield (share of all samples, x, y): so few that so many numbers for each fit memory."""
    rows = max(1, CHUNK // numbers)
    with progress_bar(progress, len(X), "sample") as advance:
        for start in range(0, len(X), rows):
            x, y = X[start : start + rows], Y[start : start + rows]
            yield len(x) / len(X), x, y
            advance(len(x))
