"""One progress bar."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


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
            if postfix:
                bar.set_postfix(postfix, refresh=False)
            bar.update(n)

        yield advance
