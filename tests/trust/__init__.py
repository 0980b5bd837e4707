"""How far minifnn can be trusted: exact to the last digits, and what has been tried.

Run from the project's root:

    python -m tests.trust                 everything: the tables of docs/trust.md
    python -m tests.trust losses          one subject
    python -m tests.trust --quick         few cases: does it run at all?

Each module is one subject. Its function ``rows(quick)`` tries its cases and
returns one `Row` of the table for each claim. The tests in tests/ call the same
functions with fewer cases, so that what the table says stays true.
"""

try:
    import minifnn.compiled  # noqa: F401

    ENGINES = ("numpy", "numba")
except ImportError:  # no Numba, or its compiler is switched off
    ENGINES = ("numpy",)
