"""The readers of files, led by Atheris, in a process that does nothing else.

    python -m tests.trust.guided network 20000

Its last line counts what was tried and what went wrong. libFuzzer ends the process
itself, so that this is said as it goes.
"""

import json
import sys
from pathlib import Path

import atheris

READERS = [
    "minifnn._util.archives",
    "minifnn.experiments.replication.unpickle",
    "minifnn.datasets",
    "minifnn._util.checkpoint",
    "minifnn.initialise",
]

with atheris.instrument_imports(include=READERS):
    from . import readers


def main(kind, n):
    """Try n files that grow out of a right one of this kind."""
    with readers.in_folder() as folder:
        files = readers.Files(kind, folder)
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        (corpus / "whole").write_bytes(files.content)

        def one(content):
            files.try_bytes(content)
            if files.tried % 100 == 0 or files.tried >= n or files.wrong:
                print(json.dumps({"tried": files.tried, "wrong": files.wrong}), flush=True)

        limits = [f"-runs={n}", "-max_len=20000", "-timeout=60", "-rss_limit_mb=4000", "-seed=1"]
        atheris.Setup([sys.argv[0], *limits, str(corpus)], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
